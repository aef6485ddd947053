import { Heap } from "./heap";
import type { Task } from "./task";

/**
 * Who runs when, under the concurrency quota. There are no timers: `settle` brings it up to a time, whenever someone
 * looks. Of waiting tasks the one with the highest TasksPriority goes first, then the oldest.
 */
export class Schedule {
  private readonly running = new Heap<Task>((a, b) => finish(a) < finish(b));
  private readonly waiting = new Heap<Task>(
    (a, b) => a.priority > b.priority || (a.priority === b.priority && a.sequence < b.sequence),
  );

  constructor(private concurrency: number) {}

  /** Whether a task submitted now would run at once. */
  hasSlot(): boolean {
    return this.running.size < this.concurrency;
  }

  /** When the next task ends, as far as is known. */
  nextFinish(): number {
    const next = this.running.peek();
    return next ? finish(next) : Number.POSITIVE_INFINITY;
  }

  /** Adds a task at its `createTime`, to which the schedule must be settled. */
  add(task: Task): void {
    if (this.hasSlot()) this.start(task, task.createTime);
    else this.waiting.push(task);
  }

  /** Starts and ends what is due by `now`; `ended` is called for each in the order they end. */
  settle(now: number, ended: (task: Task) => void): void {
    while (this.nextFinish() <= now) {
      const task = this.running.pop() as Task;
      ended(task);
      this.fill(finish(task));
    }
  }

  /** Changes the quota at `now`, to which the schedule must be settled. What runs goes on. */
  resize(concurrency: number, now: number): void {
    this.concurrency = concurrency;
    this.fill(now);
  }

  private fill(time: number): void {
    while (this.hasSlot()) {
      const next = this.waiting.pop();
      if (!next) return;
      this.start(next, time);
    }
  }

  private start(task: Task, time: number): void {
    task.beginTime = time;
    task.finishTime = time + (task.plan.runSeconds ?? Number.POSITIVE_INFINITY) * 1000;
    this.running.push(task);
  }
}

function finish(task: Task): number {
  return task.finishTime ?? Number.POSITIVE_INFINITY;
}
