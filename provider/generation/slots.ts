import type { Clock } from "../vod/clock";

/** A place among the tasks that run at the service at once. */
export interface Slot {
  /** Names the task, once accepted, and says until when (ms) its resource waits for it. */
  taken(taskId: string, deadline: number): void;
  /** The task is known to have ended, or was never accepted. */
  free(): void;
  /** The service refused the task, or never ran it, because too many were running: fewer are sent at a time from here. */
  overran(): void;
}

/** Of a task whose slot another resource holds. */
const sharedSlot: Slot = { taken: () => {}, free: () => {}, overran: () => {} };

/** Nothing became free: the TaskId is in the way. */
export interface Blocked {
  readonly blockedBy: string;
}

interface Holder {
  taskId?: string;
  deadline?: number;
}

interface Waiting {
  readonly onPlace: (ahead: number) => void;
  readonly turn: (slot: Slot) => void;
}

/**
 * Keeps the number of tasks running at the service at or below its concurrency quota. A slot stays taken until its task
 * is known to have ended: a deadline of ours does not stop the service.
 *
 * Where the service turns out to take fewer, the number is halved, and each round of tasks that end gives one back.
 */
export class Slots {
  private readonly holders = new Set<Holder>();
  private readonly queue: Waiting[] = [];
  /** At most the quota; a fraction is a slot that is not whole yet. */
  private limit: number;
  /** How often the limit was halved. */
  private halvings = 0;
  private tasksStarted = 0;
  private startedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly quota: number,
    private readonly clock: Clock,
    /** Ends all waiting in the queue. */
    private readonly cancelled: AbortSignal = new AbortController().signal,
  ) {
    this.limit = quota;
  }

  /** How many tasks of ours are known to run at the service. */
  get running(): number {
    return [...this.holders].filter(({ taskId }) => taskId !== undefined).length;
  }

  /** How many tasks of ours were ever known to run. */
  get started(): number {
    return this.tasksStarted;
  }

  /** When the last of them was (ms). */
  get lastStart(): number {
    return this.startedAt;
  }

  /** Takes a slot at once, above the limit if need be: for a task that is already running. One task has one slot. */
  hold(taskId: string, deadline: number): Slot {
    if ([...this.holders].some((holder) => holder.taskId === taskId)) return sharedSlot;
    const slot = this.take();
    slot.taken(taskId, deadline);
    return slot;
  }

  /**
   * Takes a slot when one is free, first come first served; gives up once none has become free for `patienceMs` after
   * the last holder's own deadline.
   *
   * @param onPlace told how many are in front, each time that changes; never where a slot is free at once
   * @throws the reason of a Cancel
   */
  async acquire(patienceMs: number, onPlace: (ahead: number) => void = () => {}): Promise<Slot | Blocked> {
    this.cancelled.throwIfAborted();
    if (this.queue.length === 0 && this.hasRoom) return this.take();
    const granted = new AbortController();
    return new Promise((resolve, reject) => {
      const cancel = () => {
        granted.abort();
        this.leave(this.queue.indexOf(waiting));
        reject(this.cancelled.reason);
      };
      granted.signal.addEventListener("abort", () => this.cancelled.removeEventListener("abort", cancel));
      this.cancelled.addEventListener("abort", cancel);
      const waiting: Waiting = {
        onPlace,
        turn(slot) {
          granted.abort();
          resolve(slot);
        },
      };
      onPlace(this.queue.push(waiting) - 1);
      this.untilHopeless(patienceMs, granted.signal).then((blocked) => {
        if (blocked === undefined) return;
        granted.abort();
        this.leave(this.queue.indexOf(waiting));
        resolve(blocked);
      }, reject);
    });
  }

  private async untilHopeless(patienceMs: number, granted: AbortSignal): Promise<Blocked | undefined> {
    let hopelessAt = this.clock.now() + patienceMs;
    while (!granted.aborted) {
      const now = this.clock.now();
      for (const holder of this.holders) hopelessAt = Math.max(hopelessAt, (holder.deadline ?? now) + patienceMs);
      if (now >= hopelessAt) {
        return { blockedBy: [...this.holders].find((holder) => holder.taskId)?.taskId ?? "not known yet" };
      }
      await this.clock.sleep(hopelessAt - now, granted).catch(() => {});
    }
    return undefined;
  }

  private get hasRoom(): boolean {
    return this.holders.size < Math.floor(this.limit);
  }

  private take(): Slot {
    const holder: Holder = {};
    const { halvings } = this;
    this.holders.add(holder);
    return {
      taken: (taskId, deadline) => {
        if (holder.taskId === undefined) {
          this.tasksStarted++;
          this.startedAt = this.clock.now();
        }
        holder.taskId = taskId;
        holder.deadline = deadline;
      },
      free: () => {
        if (!this.holders.delete(holder)) return;
        if (holder.taskId !== undefined) this.limit = Math.min(this.quota, this.limit + 1 / this.limit);
        this.next();
      },
      overran: () => {
        // Those sent together are too many together: one halving answers them all.
        if (halvings === this.halvings) {
          this.limit = Math.max(1, Math.floor(this.limit / 2));
          this.halvings++;
        }
        if (this.holders.delete(holder)) this.next();
      },
    };
  }

  private next(): void {
    while (this.hasRoom && this.queue.length > 0) this.leave(0)?.turn(this.take());
  }

  private leave(place: number): Waiting | undefined {
    const [left] = this.queue.splice(place, 1);
    // All leave now: a new place is no news.
    if (this.cancelled.aborted) return left;
    for (let behind = place; behind < this.queue.length; behind++) this.queue[behind]?.onPlace(behind);
    return left;
  }
}
