import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import type { TaskSimpleInfo } from "../vod/wire";
import { type Looked, lookAtTask } from "./look";
import { hasEnded, type TaskState } from "./task";

export interface PollerDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  /** The service's time (ms): a task's age is judged by its clock. */
  readonly now: () => number;
}

export interface FollowedTask {
  readonly taskId: string;
  readonly subAppId: number;
  /** When it was accepted, or else found (service's time, ms). */
  readonly since: number;
}

interface Pending {
  readonly task: FollowedTask;
  readonly deadline: number;
  readonly onLook: (state: TaskState) => void;
  readonly done: (state: Looked) => void;
  readonly fail: (error: unknown) => void;
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
/** A task may be listed some time after it was accepted. */
const listingLagMs = 2_000;
/** Fewer than this are asked for one by one. */
const fewestToList = 3;
/** DescribeTasks, parameter Limit. */
const pageSize = 100;
/** Given as a reason, because an abort without one makes an exception each time. */
const woken = "woken";
/** Clocks of the service's own machines may differ a little. */
const marginMs = 60_000;
/** Listings in a row that showed none of our tasks before they are given up for a while. */
const mostBlindListings = 3;
const blindPauseMs = 5 * 60_000;

/**
 * Follows all pending tasks of a SubAppId together: pages of DescribeTasks tell which have ended, and only those are
 * asked for in detail. Where the listing does not show our tasks, each is asked for by itself, at the same paces.
 */
export class Poller {
  private readonly pending = new Set<Pending>();
  private running = false;
  private wake = new AbortController();
  private nextListing = Number.NEGATIVE_INFINITY;
  private blindListings = 0;
  private listAgainAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly dependencies: PollerDependencies,
    private readonly subAppId: number,
  ) {}

  /**
   * Follows a task until it has ended. Asks once more right at the deadline, so that a picture that is ready by then is
   * never left behind.
   *
   * @param deadline our own clock's time (ms); in the past, one look is all
   * @returns the last state seen: `running` if the deadline came first
   * @throws the service's refusal to answer, such as for a revoked key
   */
  follow(task: FollowedTask, deadline: number, onLook: (state: TaskState) => void): Promise<Looked> {
    return new Promise((done, fail) => {
      const { clock } = this.dependencies;
      const next = { task, deadline, onLook, done, fail, nextLook: clock.now(), looking: false };
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
      await this.round();
      const { signal } = this.wake;
      const waiting = this.waiting();
      if (signal.aborted) continue;
      if (waiting.length === 0) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      else
        await clock.sleep(Math.min(...waiting.map(({ nextLook }) => nextLook)) - clock.now(), signal).catch(() => {});
    }
    this.running = false;
  }

  private waiting(): Pending[] {
    return [...this.pending].filter(({ looking }) => !looking);
  }

  private async round(): Promise<void> {
    const now = this.dependencies.clock.now();
    const waiting = this.waiting();
    const due = waiting.filter(({ nextLook }) => nextLook <= now);
    const last = due.filter(({ deadline }) => deadline <= now);
    const rest = due.filter((pending) => !last.includes(pending));
    for (const pending of last) void this.look(pending);
    if (rest.length === 0) return;
    if (waiting.length < fewestToList || now < this.listAgainAt) {
      for (const pending of rest) void this.look(pending);
    } else if (now < this.nextListing) {
      for (const pending of rest) pending.nextLook = Math.min(this.nextListing, pending.deadline);
    } else {
      await this.list(rest);
      this.nextListing = this.dependencies.clock.now() + shortestListingMs;
    }
  }

  /** Asks for one task, and ends following it when it has ended or its time is up. */
  private async look(pending: Pending): Promise<void> {
    const { client, clock } = this.dependencies;
    const { task, deadline, onLook } = pending;
    const last = clock.now() >= deadline;
    pending.looking = true;
    try {
      const state = await lookAtTask(client, task.taskId, task.subAppId);
      if (state.kind !== "notFound") onLook(state);
      const over = state.kind === "notFound" ? this.ageOf(pending) > settleMs : state.kind !== "running";
      if (over || last) return this.end(pending, () => pending.done(state));
      this.postpone(pending, shortestMs);
    } catch (error) {
      this.end(pending, () => pending.fail(error));
    }
    pending.looking = false;
    this.wake.abort(woken);
  }

  private end(pending: Pending, tell: () => void): void {
    this.pending.delete(pending);
    tell();
    this.wake.abort(woken);
  }

  private postpone(pending: Pending, shortest: number): void {
    const wait = Math.min(longestMs, Math.max(shortest, this.ageOf(pending) * shareOfAge));
    pending.nextLook = Math.min(
      this.dependencies.clock.now() + wait,
      Math.max(pending.deadline, this.dependencies.clock.now()),
    );
  }

  /** Never below 0: before the service's first answer its time is not known, and ours may be behind it. */
  private ageOf({ task }: Pending): number {
    return Math.max(0, this.dependencies.now() - task.since);
  }

  /** Pages through the newest tasks until all that are due were seen, or asking for the rest one by one is cheaper. */
  private async list(due: Pending[]): Promise<void> {
    const unseen = new Map(this.waiting().map((pending) => [pending.task.taskId, pending]));
    const wanted = new Set(due);
    const before = unseen.size;
    try {
      for await (const page of this.pages(due)) {
        for (const info of page) {
          const pending = unseen.get(info.TaskId);
          if (pending === undefined) continue;
          unseen.delete(info.TaskId);
          wanted.delete(pending);
          this.listed(pending, info);
        }
        if (wanted.size === 0) break;
      }
      this.judgeListing(before > unseen.size, due);
    } catch {
      this.judgeListing(false, due);
    }
    for (const pending of wanted) {
      if (this.ageOf(pending) > listingLagMs) void this.look(pending);
      else this.postpone(pending, shortestListingMs);
    }
  }

  private async *pages(due: Pending[]): AsyncGenerator<TaskSimpleInfo[]> {
    const oldest = Math.min(...due.map(({ task }) => task.since));
    const after = new Date(oldest - marginMs).toISOString();
    let scrollToken: string | undefined;
    for (let budget = Math.ceil(due.length / 2); budget > 0; budget--) {
      const { TaskSet, ScrollToken } = await this.dependencies.client.call("DescribeTasks", {
        SubAppId: this.subAppId,
        CreateTime: { After: after },
        Sort: { Field: "CreateTime", Order: "Desc" },
        Limit: pageSize,
        ...(scrollToken === undefined ? {} : { ScrollToken: scrollToken }),
      });
      yield TaskSet ?? [];
      if (!ScrollToken || ScrollToken === scrollToken) return;
      scrollToken = ScrollToken;
    }
  }

  private listed(pending: Pending, { Status }: TaskSimpleInfo): void {
    if (hasEnded(Status)) {
      void this.look(pending);
      return;
    }
    pending.onLook({ kind: "running", status: Status ?? "", times: {} });
    this.postpone(pending, shortestListingMs);
  }

  /** A listing that shows none of our tasks, though they have long been accepted, is no help. */
  private judgeListing(showedOurs: boolean, due: Pending[]): void {
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
