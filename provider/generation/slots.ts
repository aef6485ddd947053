import type { Clock } from "../vod/clock";

/** A place among the tasks that run at the service at once. */
export interface Slot {
  /** Names the task, once accepted, and says until when (ms) its resource waits for it. */
  taken(taskId: string, deadline: number): void;
  /** The task is known to have ended, or was never accepted. */
  free(): void;
}

/** Nothing became free: the TaskId is in the way. */
export interface Blocked {
  readonly blockedBy: string;
}

interface Holder {
  taskId?: string;
  deadline?: number;
}

/**
 * Keeps the number of tasks running at the service at or below its concurrency quota. A slot stays taken until its task
 * is known to have ended: a deadline of ours does not stop the service.
 */
export class Slots {
  private readonly holders = new Set<Holder>();
  private readonly queue: Array<(slot: Slot) => void> = [];

  constructor(
    private readonly limit: number,
    private readonly clock: Clock,
  ) {}

  /** How many wait in front of a newcomer. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Takes a slot at once, above the limit if need be: for a task that is already running. */
  hold(taskId: string, deadline: number): Slot {
    const slot = this.take();
    slot.taken(taskId, deadline);
    return slot;
  }

  /**
   * Takes a slot when one is free, first come first served; gives up once none has become free for `patienceMs` after
   * the last holder's own deadline.
   */
  async acquire(patienceMs: number): Promise<Slot | Blocked> {
    if (this.queue.length === 0 && this.holders.size < this.limit) return this.take();
    const granted = new AbortController();
    return new Promise((resolve, reject) => {
      const turn = (slot: Slot) => {
        granted.abort();
        resolve(slot);
      };
      this.queue.push(turn);
      this.untilHopeless(patienceMs, granted.signal).then((blocked) => {
        if (blocked === undefined) return;
        this.queue.splice(this.queue.indexOf(turn), 1);
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

  private take(): Slot {
    const holder: Holder = {};
    this.holders.add(holder);
    return {
      taken: (taskId, deadline) => {
        holder.taskId = taskId;
        holder.deadline = deadline;
      },
      free: () => {
        if (this.holders.delete(holder)) this.next();
      },
    };
  }

  private next(): void {
    while (this.holders.size < this.limit && this.queue.length > 0) this.queue.shift()?.(this.take());
  }
}
