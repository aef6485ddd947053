import { type ActionName, actionNames } from "./actionNames";
import type { Key } from "./authentication";
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
  keys: readonly Key[];
  concurrency: number;
  taskSeconds: number;
  submitsPerSecond: number;
  readsPerSecond: number;
  frozen: boolean;
  clockOffsetSeconds: number;
}

/** All that the emulated service is and knows, apart from how it is reached. */
export class Service {
  readonly clock: Clock;
  readonly store: Store;
  readonly behaviours: Behaviours = defaultBehaviours();
  readonly faults = new Faults();
  readonly rateLimit = new RateLimit();
  readonly requests = new Map<string, number>();
  /** The first is the one that the emulator names as its own. */
  keys: readonly Key[];
  /** Where it listens, without a trailing slash. */
  url = "";
  /** Called whenever the ledger may say something new. */
  changed: () => void = () => {};
  private reads = 0;

  constructor(readonly options: ServiceOptions) {
    this.keys = options.keys;
    this.clock = new Clock(options.frozen, options.clockOffsetSeconds);
    this.store = new Store(this.clock, options.concurrency, options.taskSeconds);
  }

  /** Counts a request; all whose action does not exist are one. */
  count(action: string): void {
    const name = isAction(action) ? action : action === "" ? "(none)" : "(unknown)";
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    this.changed();
  }

  /** Tells an error that is the emulator's own. */
  report(error: unknown): void {
    console.error("tencent-aigc-emulator:", error);
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

function isAction(name: string): name is ActionName {
  return (actionNames as readonly string[]).includes(name);
}
