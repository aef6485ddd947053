import type { Behaviours, Ledger, LedgerTask } from "../../emulator";
import type { BillLine, Entry, Journaled } from "./stage";

/** What the law forbids has happened. */
export class Violation extends Error {}

export function must(condition: boolean, text: () => string): asserts condition {
  if (!condition) throw new Violation(text());
}

/** Everything that is known at one moment, and where it is known. */
export interface Moment {
  /** The service's time (ms). */
  readonly now: number;
  readonly ledger: Ledger;
  readonly state: readonly Entry[];
  readonly journal: readonly Journaled[];
}

/** What a user meant to have once: (scope, billed request, keepers). */
export interface Intention {
  readonly key: string;
  readonly storageMode: "Permanent" | "Temporary";
  readonly tasks: KnownTask[];
  /** What all SessionIds of its tasks begin with. */
  base: string | undefined;
  /** How often it was intended: once, and once more for each picture that vanished and each attempt that failed. */
  intended: number;
}

export interface KnownTask {
  readonly taskId: string;
  readonly sessionId: string;
  readonly intention: Intention;
  /** When its files can be searched for, after its end (ms). */
  readonly searchLagMs: number;
  /** Was in state, and was given up by a replace or a destroy that the user saw. */
  givenUp: boolean;
}

/** A resource in an update: what it means to have, and what it has. */
export interface Asking {
  readonly urn: string;
  readonly intention: Intention;
  readonly entry: Entry | undefined;
  /** Its entry in state will be given up whatever is in it. */
  readonly forced: boolean;
}

/** An update, and what it said of itself. */
export interface Update {
  readonly before: Moment;
  readonly after: Moment;
  readonly bill: readonly BillLine[];
  /** How long after their end files that it made can be searched for (ms). */
  readonly searchLagMs: number;
}

const hour = 3_600_000;
const windowMs = 72 * hour;
/** The service tells times in whole seconds. */
const timeResolutionMs = 1_000;
const neverRanCodes = ["RequestLimitExceeded", "FailedOperation"];
const passingCodes = [...neverRanCodes, "InternalError", "ModelGenerateFailed", "TaskTimeout", "ResourceInsufficient"];

/** The model: intentions, their tasks, and which further one may be sent for them. */
export class Law {
  readonly intentions = new Map<string, Intention>();
  private readonly tasks = new Map<string, KnownTask>();
  private readonly intentionOfGeneration = new Map<string, Intention>();
  /** Pictures that were lost because an assumption about the service does not hold, or for want of any trace. */
  excused = 0;

  constructor(private readonly behaviours: Partial<Behaviours>) {}

  intention(key: string, storageMode: Intention["storageMode"]): Intention {
    const known = this.intentions.get(key);
    if (known) return known;
    const added: Intention = { key, storageMode, tasks: [], base: undefined, intended: 1 };
    this.intentions.set(key, added);
    return added;
  }

  /** The intention by which a resource in state was made: its name in state stands for it alone. */
  intentionIn(entry: Entry): Intention | undefined {
    return this.intentionOfGeneration.get(String(entry.inputs["generationId"]));
  }

  /** A resource in state that was made for this intention. */
  made(entry: Entry, intention: Intention): void {
    const generation = String(entry.inputs["generationId"]);
    const known = this.intentionOfGeneration.get(generation);
    must(
      known === undefined || known === intention,
      () => `one generationId stands for ${known?.key} and ${intention.key}`,
    );
    this.intentionOfGeneration.set(generation, intention);
    must(intention.base === undefined || intention.base === generation, () => `${intention.key} has two generationIds`);
    intention.base = generation;
  }

  newTasks(ledger: Ledger): LedgerTask[] {
    return ledger.tasks.filter(({ taskId }) => !this.tasks.has(taskId));
  }

  /** A task was accepted in an update: it must have been meant, announced, and not to be had otherwise. */
  accept(task: LedgerTask, askings: readonly Asking[], { before, after, bill, searchLagMs }: Update): Intention {
    const [asking] = askings;
    must(asking !== undefined, () => `nobody asked for ${task.taskId}`);
    const { intention } = asking;
    must(task.sessionId !== "", () => `a task of ${intention.key} has no SessionId`);
    const base = baseOf(task.sessionId);
    must(
      intention.base === undefined || intention.base === base,
      () => `${intention.key} was sent under ${task.sessionId}, and is known as ${intention.base}`,
    );
    for (const other of this.intentions.values()) {
      must(other === intention || other.base !== base, () => `${intention.key} was sent as ${other.key}`);
    }
    intention.base = base;
    const forced = askings.some((one) => one.forced);
    const holders = askings.map(({ entry }) => entry);
    for (const earlier of intention.tasks) {
      const entry = entryOf(before.ledger, earlier) ?? entryOf(after.ledger, earlier);
      const reason = entry && this.whyKnown(earlier, entry, before, forced ? [] : holders);
      must(reason === undefined, () => `${intention.key} was sent again although ${earlier.taskId} ${reason}`);
    }
    // The very request whose outcome was unknown: announced when it was first sent.
    const resent = holders.some(
      (entry) => entry?.outputs?.["status"] === "UNKNOWN" && entry.outputs["sessionId"] === task.sessionId,
    );
    const lines = bill.filter(({ urn, images }) => images > 0 && askings.some((one) => one.urn === urn));
    must(lines.length > 0 || resent || !task.billed, () => `${intention.key} was billed and not announced`);
    if (intention.tasks.length > 0) intention.intended++;
    const known = { taskId: task.taskId, sessionId: task.sessionId, intention, searchLagMs, givenUp: false };
    intention.tasks.push(known);
    this.tasks.set(task.taskId, known);
    return intention;
  }

  /** Whether the service ran a task, as far as is known by now. */
  static ran({ errCodeExt, finishTime }: LedgerTask): boolean {
    return finishTime === "" || !neverRanCodes.includes(errCodeExt);
  }

  /** What the user saw to be given up: what was in state before an update, and is no longer. */
  giveUp(before: Moment, after: Moment, urns: ReadonlySet<string>): void {
    for (const entry of before.state) {
      if (!urns.has(entry.urn)) continue;
      const task = this.taskIn(entry);
      if (task && !after.state.some((one) => this.taskIn(one) === task)) task.givenUp = true;
    }
  }

  /** The law itself, at a moment. */
  hold(moment: Moment): void {
    const byIntention = Map.groupBy(
      moment.ledger.tasks.filter(({ billed }) => billed),
      ({ taskId }) => this.tasks.get(taskId)?.intention,
    );
    for (const [intention, billed] of byIntention) {
      must(intention !== undefined, () => "a task is billed that nobody asked for");
      must(
        billed.length <= intention.intended,
        () => `${intention.key}: billed ${billed.length}, intended ${intention.intended}`,
      );
    }
    for (const task of moment.ledger.tasks) {
      if (!task.billed) continue;
      const known = this.tasks.get(task.taskId) as KnownTask;
      if (!this.isReachable(known, task, moment)) this.excuse(known, task, moment);
    }
  }

  counts(ledger: Ledger): { billed: number; intended: number; reachable: number } {
    const intended = [...this.intentions.values()].reduce((sum, one) => sum + one.intended, 0);
    return { billed: ledger.billed, intended, reachable: ledger.billed - this.excused };
  }

  private taskIn({ outputs }: Entry): KnownTask | undefined {
    return this.tasks.get(String(outputs?.["taskId"]));
  }

  /** Why there is no need to send once more: how an earlier task can be known. */
  private whyKnown(
    known: KnownTask,
    task: LedgerTask,
    { journal, now }: Moment,
    holders: readonly (Entry | undefined)[],
  ): string | undefined {
    const age = now - Date.parse(task.createTime);
    // An intent without a TaskId that is younger is of another request, which went out when every trace was lost.
    const isIntentOf = ({ sessionId, intentAt }: Journaled) =>
      sessionId === known.sessionId && intentAt <= Date.parse(task.createTime) + timeResolutionMs;
    const unsettled = journal.some(
      (entry) =>
        !entry.settled &&
        !entry.refused &&
        (entry.taskId === undefined ? isIntentOf(entry) : entry.taskId === known.taskId),
    );
    const inState = holders.length > 0 && holders.every((entry) => entry !== undefined && this.taskIn(entry) === known);
    const traced = inState ? "is in state" : unsettled ? "is in the journal" : undefined;
    const asked = age <= windowMs ? "can be asked for" : traced;
    if (task.finishTime === "") return asked && `is under way and ${asked}`;
    if (!task.billed)
      return passingCodes.includes(task.errCodeExt) ? undefined : asked && `failed for good and ${asked}`;
    if (task.files.every(({ exists }) => !exists)) return undefined;
    const searchable = known.intention.storageMode === "Permanent" && this.behaviours.filesInSearch !== false;
    const named = searchable && now > Date.parse(task.finishTime) + known.searchLagMs + timeResolutionMs;
    return asked ? `is paid for and ${asked}` : named ? "is paid for and can be found by its name" : undefined;
  }

  private isReachable(known: KnownTask, task: LedgerTask, { state, journal, now }: Moment): boolean {
    if (known.givenUp || task.files.every(({ exists }) => !exists)) return true;
    const fileIds = new Set(task.files.map(({ fileId }) => fileId).filter((fileId) => fileId !== ""));
    const inState = state.some(
      ({ outputs }) =>
        outputs?.["taskId"] === known.taskId ||
        ((outputs?.["files"] ?? []) as { fileId?: string }[]).some(({ fileId }) => fileId && fileIds.has(fileId)),
    );
    if (inState) return true;
    if (journal.some(({ taskId, sessionId }) => taskId === known.taskId || sessionId === known.sessionId)) return true;
    if (known.intention.storageMode === "Permanent" && this.behaviours.filesInSearch !== false) return true;
    return now - Date.parse(task.createTime) <= windowMs;
  }

  /** A Temporary picture, or one that the library does not show, rests on the service's window where the journal is lost. */
  private excuse(known: KnownTask, task: LedgerTask, { now }: Moment): void {
    must(now - Date.parse(task.createTime) > windowMs, () => `${known.taskId} of ${known.intention.key} is lost`);
    this.excused++;
    known.givenUp = true;
  }
}

function entryOf(ledger: Ledger, { taskId }: KnownTask): LedgerTask | undefined {
  return ledger.tasks.find((task) => task.taskId === taskId);
}

function baseOf(sessionId: string): string {
  return sessionId.replace(/-\d{1,5}$/, "");
}
