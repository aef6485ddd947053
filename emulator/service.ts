import type { Account } from "./authentication";
import { type Behaviours, defaultBehaviours } from "./behaviours";
import { Clock } from "./clock";
import { Faults } from "./faults";
import { RateLimit } from "./rateLimit";
import { Store } from "./store";
import type { OutputFile } from "./task";

export const dayMilliseconds = 86_400_000;

/** How long a task can be asked for, and a Temporary file be fetched. */
export const taskLifetime = 3 * dayMilliseconds;
export const temporaryLifetime = 7 * dayMilliseconds;

export interface ServiceOptions {
  account: Account;
  concurrency: number;
  taskSeconds: number;
  submitsPerSecond: number;
  readsPerSecond: number;
  frozen: boolean;
}

/** All that the emulated service is and knows, apart from how it is reached. */
export class Service {
  readonly clock: Clock;
  readonly store: Store;
  readonly behaviours: Behaviours = defaultBehaviours();
  readonly faults = new Faults();
  readonly rateLimit = new RateLimit();
  readonly requests = new Map<string, number>();
  /** Where it listens, without a trailing slash. */
  url = "";
  /** Called whenever the ledger may say something new. */
  changed: () => void = () => {};
  private reads = 0;

  constructor(readonly options: ServiceOptions) {
    this.clock = new Clock(options.frozen);
    this.store = new Store(this.clock, options.concurrency, options.taskSeconds);
  }

  count(action: string): void {
    this.requests.set(action, (this.requests.get(action) ?? 0) + 1);
    this.changed();
  }

  /** Whether a picture can still be fetched: a Permanent one while it is in the library, a Temporary one for 7 days. */
  fileExists(file: OutputFile): boolean {
    const now = this.clock.now();
    if (file.fileId) return this.store.media.get(file.fileId, undefined, now) !== undefined;
    return now < (file.task.finishTime ?? 0) + temporaryLifetime;
  }

  /** The URL given for a picture at this read. */
  fileUrl(file: OutputFile): string {
    this.reads += 1;
    return `${this.url}${file.path}${this.behaviours.urlVaries ? `?t=${this.reads}` : ""}`;
  }
}
