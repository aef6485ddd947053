import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import { TencentAigcError } from "../vod/errors";
import type { TaskSimpleInfo } from "../vod/wire";
import { askTask, hasEnded, type NoSuchTask, type TaskReport } from "./task";
import { taskPages } from "./taskList";

export interface FollowerDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  /** The service's time (ms): a task's age is judged by its clock. */
  readonly now: () => number;
  /** Ends all waiting at once: each task is left as it was last seen. */
  readonly cancelled: AbortSignal;
}

export interface FollowedTask {
  readonly taskId: string;
  /** When it was accepted, or else found (service's time, ms). */
  readonly since: number;
}

interface Pending {
  readonly task: FollowedTask;
  readonly deadline: number;
  readonly onReport: (report: TaskReport) => void;
  readonly done: (report: TaskReport | NoSuchTask) => void;
  readonly fail: (error: unknown) => void;
  lastSeen: TaskReport | NoSuchTask;
  /** Our own clock's time (ms) at which it was first seen finished without a file. */
  noFileSince: number | undefined;
  /** Our own clock's time (ms) of the next look. */
  nextLook: number;
  looking: boolean;
}

/** A picture takes seconds to minutes: asking every tenth of a task's age finds its end soon and asks seldom. */
const shareOfAge = 0.1;
const shortestMs = 250;
/** One listing serves many tasks, and is the larger request. */
const shortestListingMs = 350;
const longestMs = 10_000;
/** A task just accepted may not be known everywhere yet. */
const settleMs = 60_000;
/** Files may be told a while after their task's end. */
export const fileLagMs = 60_000;
/** A task may be listed some time after it was accepted. */
const listingLagMs = 2_000;
/** Fewer than this are asked for one by one. */
const fewestToList = 3;
/** Given as a reason, because an abort without one makes an exception each time. */
const woken = "woken";
/** Listings in a row that showed none of our tasks before they are given up for a while. */
const mostBlindListings = 3;
const blindPauseMs = 5 * 60_000;

/**
 * Follows all pending tasks of a SubAppId together: pages of DescribeTasks tell which have ended, and only those are
 * asked for in detail. Where the listing does not show our tasks, each is asked for by itself, at the same paces.
 */
export class TaskFollower {
  private readonly pending = new Set<Pending>();
  private running = false;
  private listing = false;
  /** Due while a listing was under way. */
  private readonly deferred = new Set<Pending>();
  private wake = new AbortController();
  private nextListing = Number.NEGATIVE_INFINITY;
  private blindListings = 0;
  private listAgainAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly dependencies: FollowerDependencies,
    private readonly subAppId: number,
  ) {
    dependencies.cancelled.addEventListener("abort", () => this.leaveAll());
  }

  /**
   * Follows a task until it has ended, and a finished one until a file is told, for a minute at most. Asks once more
   * right at the deadline, so that a picture that is ready by then is never left behind.
   *
   * @param deadline our own clock's time (ms); in the past, one look is all
   * @returns the last report: `running` if the deadline, or a Cancel, came first
   * @throws the service's refusal to answer, such as for a revoked key
   */
  follow(
    task: FollowedTask,
    deadline: number,
    onReport: (report: TaskReport) => void,
  ): Promise<TaskReport | NoSuchTask> {
    return new Promise((done, fail) => {
      const { clock, cancelled } = this.dependencies;
      const unseen: TaskReport = { kind: "running", status: "", times: {} };
      if (cancelled.aborted) return done(unseen);
      const next: Pending = {
        task,
        deadline,
        onReport,
        done,
        fail,
        lastSeen: unseen,
        noFileSince: undefined,
        nextLook: clock.now(),
        looking: false,
      };
      // A fresh task has not ended within its first moment; one that was found may have ended long ago.
      const age = this.ageOf(next);
      if (age < shortestMs && deadline > clock.now()) next.nextLook += shortestMs - age;
      this.pending.add(next);
      this.wake.abort(woken);
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    const { clock } = this.dependencies;
    this.running = true;
    while (this.pending.size > 0) {
      this.wake = new AbortController();
      this.round();
      const { signal } = this.wake;
      const waiting = this.waiting();
      if (signal.aborted) continue;
      if (waiting.length === 0) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      else await sleepUntil(clock, Math.min(...waiting.map(({ nextLook }) => nextLook)), signal);
    }
    this.running = false;
  }

  private waiting(): Pending[] {
    return [...this.pending].filter(({ looking }) => !looking);
  }

  /** Starts what is due. Nothing here waits, so that one slow answer never holds another task past its deadline. */
  private round(): void {
    const now = this.dependencies.clock.now();
    const waiting = this.waiting();
    const due = waiting.filter(({ nextLook }) => nextLook <= now);
    const last = due.filter(({ deadline }) => deadline <= now);
    const rest = due.filter((pending) => !last.includes(pending));
    for (const pending of last) void this.look(pending);
    if (rest.length === 0) return;
    if (waiting.length < fewestToList || now < this.listAgainAt) {
      for (const pending of rest) void this.look(pending);
    } else if (this.listing) {
      for (const pending of rest) {
        pending.nextLook = pending.deadline;
        this.deferred.add(pending);
      }
    } else if (now < this.nextListing) {
      for (const pending of rest) pending.nextLook = Math.min(this.nextListing, pending.deadline);
    } else {
      for (const pending of rest) pending.nextLook = pending.deadline;
      void this.list(rest);
    }
  }

  /** Asks for one task, and ends following it when it has ended or its time is up. */
  private async look(pending: Pending): Promise<void> {
    const { client, clock } = this.dependencies;
    const { task, deadline } = pending;
    const last = clock.now() >= deadline;
    pending.looking = true;
    try {
      const report = await askTask(client, task.taskId, this.subAppId);
      this.see(pending, report);
      if (last || this.isOver(pending, report))
        return this.end(pending, () => pending.done(this.told(pending, report)));
      this.postpone(pending, shortestMs);
    } catch (error) {
      this.end(pending, () => pending.fail(error));
    }
    pending.looking = false;
    this.wake.abort(woken);
  }

  private see(pending: Pending, report: TaskReport | NoSuchTask): void {
    pending.lastSeen = report;
    if (report.kind !== "noSuchTask") pending.onReport(report);
    if (report.kind === "noFile") pending.noFileSince ??= this.dependencies.clock.now();
  }

  private isOver(pending: Pending, report: TaskReport | NoSuchTask): boolean {
    const { clock, now } = this.dependencies;
    switch (report.kind) {
      case "running":
        return false;
      case "noSuchTask":
        return this.ageOf(pending) > settleMs;
      case "noFile":
        return (
          clock.now() - (pending.noFileSince ?? clock.now()) > fileLagMs ||
          now() - Date.parse(report.times.finishTime ?? "") > fileLagMs
        );
      default:
        return true;
    }
  }

  private end(pending: Pending, tell: () => void): void {
    this.pending.delete(pending);
    tell();
    this.wake.abort(woken);
  }

  private leaveAll(): void {
    for (const pending of [...this.pending]) {
      this.end(pending, () => pending.done(this.told(pending, pending.lastSeen)));
    }
  }

  /** A file may still come until its lag has passed: so long the task counts as under way. */
  private told(pending: Pending, report: TaskReport | NoSuchTask): TaskReport | NoSuchTask {
    if (report.kind !== "noFile" || this.isOver(pending, report)) return report;
    return { ...report, kind: "running", status: "PROCESSING" };
  }

  private postpone(pending: Pending, shortest: number): void {
    const now = this.dependencies.clock.now();
    const wait = Math.min(longestMs, Math.max(shortest, this.ageOf(pending) * shareOfAge));
    pending.nextLook = Math.min(now + wait, Math.max(pending.deadline, now));
  }

  /** Never below 0: before the service's first answer its time is not known, and ours may be behind it. */
  private ageOf({ task }: Pending): number {
    return Math.max(0, this.dependencies.now() - task.since);
  }

  /** Pages through the newest tasks until all that are due were seen, or asking for the rest one by one is cheaper. */
  private async list(due: readonly Pending[]): Promise<void> {
    const { client, clock, cancelled } = this.dependencies;
    const unseen = new Map(this.waiting().map((pending) => [pending.task.taskId, pending]));
    const wanted = new Set(due);
    const before = unseen.size;
    let pages = Math.ceil(due.length / 2);
    this.listing = true;
    try {
      const since = Math.min(...due.map(({ task }) => task.since));
      for await (const page of taskPages(client, this.subAppId, since, cancelled)) {
        for (const info of page) {
          const pending = unseen.get(info.TaskId);
          if (pending === undefined) continue;
          unseen.delete(info.TaskId);
          wanted.delete(pending);
          this.listed(pending, info);
        }
        if (wanted.size === 0 || --pages === 0) break;
      }
      this.judgeListing(before > unseen.size, due);
    } catch (error) {
      if (!cancelled.aborted && !TencentAigcError.isInstance(error)) throw error;
      this.judgeListing(false, due);
    }
    this.listing = false;
    this.nextListing = clock.now() + shortestListingMs;
    for (const pending of this.deferred) pending.nextLook = Math.min(this.nextListing, pending.deadline);
    this.deferred.clear();
    for (const pending of wanted) {
      if (!this.pending.has(pending) || pending.looking) continue;
      if (this.ageOf(pending) > listingLagMs) void this.look(pending);
      else this.postpone(pending, shortestListingMs);
    }
    this.wake.abort(woken);
  }

  private listed(pending: Pending, { Status }: TaskSimpleInfo): void {
    if (!this.pending.has(pending) || pending.looking) return;
    if (hasEnded(Status)) {
      void this.look(pending);
      return;
    }
    this.see(pending, { kind: "running", status: Status ?? "", times: {} });
    this.postpone(pending, shortestListingMs);
  }

  /** A listing that shows none of our tasks, though they have long been accepted, is no help. */
  private judgeListing(showedOurs: boolean, due: readonly Pending[]): void {
    if (showedOurs) {
      this.blindListings = 0;
      return;
    }
    if (!due.some((pending) => this.ageOf(pending) > listingLagMs)) return;
    this.blindListings++;
    if (this.blindListings < mostBlindListings) return;
    this.blindListings = 0;
    this.listAgainAt = this.dependencies.clock.now() + blindPauseMs;
  }
}

/** Sleeps until a time (ms) or until woken. */
async function sleepUntil(clock: Clock, time: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(time - clock.now(), signal);
  } catch (reason) {
    if (reason !== woken) throw reason;
  }
}
