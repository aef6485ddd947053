import { type ActionName, actionNames } from "./actionNames";
import type { Key } from "./authentication";
import { type Behaviours, defaultBehaviours } from "./behaviours";
import { Clock } from "./clock";
import { Faults } from "./faults";
import { RateLimit } from "./rateLimit";
import { ServiceRecord } from "./record";
import type { Role } from "./roles";
import { Store } from "./store";
import type { OutputFile } from "./task";
import { MachineKeys, TemporaryKeys } from "./temporaryKeys";

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
  /** Where tasks and files are kept for a later process; nowhere if undefined. */
  directory: string | undefined;
  /** Images an application may bill; no limit if undefined. */
  imageQuota: number | undefined;
  roles: readonly Role[];
  /** The role that the machine has, by name. */
  machineRole: string | undefined;
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
  readonly temporaryKeys = new TemporaryKeys();
  readonly machineKeys = new MachineKeys(this.temporaryKeys);
  /** Where it listens, without a trailing slash. */
  url = "";
  /** Called whenever the ledger may say something new. */
  changed: () => void = () => {};
  private reads = 0;
  private readonly record: ServiceRecord | undefined;

  constructor(readonly options: ServiceOptions) {
    this.keys = options.keys;
    this.clock = new Clock(options.frozen, options.clockOffsetSeconds);
    const record = options.directory === undefined ? undefined : ServiceRecord.open(options.directory);
    this.record = record;
    this.store = new Store(this.clock, options.concurrency, options.taskSeconds, (change, time) =>
      record?.add({ ...change, time }),
    );
    if (record) this.resume(record);
  }

  /** All that requests may be signed with, and what was so once. */
  keysNow(): Key[] {
    return [...this.keys, ...this.temporaryKeys.at(this.clock.now())];
  }

  /** Moves its time on. */
  advance(seconds: number): void {
    this.clock.advance(seconds);
    this.record?.add({ kind: "clock", time: this.clock.now(), shift: this.clock.moved() });
    this.changed();
  }

  close(): void {
    this.clock.stop();
    this.record?.close();
  }

  /** Does again what earlier processes did, and goes on from there with its own quota. */
  private resume(record: ServiceRecord): void {
    const { schedule } = this.store;
    let moved = 0;
    for (const line of record.earlier) {
      this.store.settle(line.time);
      if (line.kind === "start") schedule.resize(line.concurrency, line.time);
      else if (line.kind === "clock") moved = line.shift;
      else this.store.apply(line, line.time);
    }
    this.clock.resume(moved, record.earlier.at(-1)?.time ?? 0);
    const now = this.clock.now();
    this.store.settle(now);
    schedule.resize(this.options.concurrency, now);
    record.start(now, this.options.concurrency);
  }

  /** Counts a request; all whose action does not exist are one. */
  count(action: string): void {
    this.countAs(isAction(action) ? action : action === "" ? "(none)" : "(unknown)");
  }

  countAs(name: string): void {
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
    const { fileHost, urlVaries } = this.behaviours;
    const base = fileHost === "own" ? this.url : `http://${file.task.request.SubAppId}.${fileHost}`;
    return `${base}${file.path}${urlVaries ? `?t=${this.reads}` : ""}`;
  }
}

function isAction(name: string): name is ActionName {
  return (actionNames as readonly string[]).includes(name);
}
