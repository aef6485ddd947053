import { endingOf } from "../service/endings";
import { fileLagMs } from "../service/follow";
import type { Look, Unanswered } from "../service/look";
import { fileIdsOf, type PictureFile } from "../service/pictureFile";
import type { NoSuchTask, TaskReport } from "../service/task";
import { insideWindow, serviceWindowMs } from "../service/window";
import { TencentAigcError } from "../vod/errors";
import type { Intention } from "./intention";
import * as messages from "./messages";
import {
  type GenerationRecord,
  isWithoutFile,
  type Known,
  mostAttempts,
  type Outcome,
  type Submission,
  taskIdOf,
} from "./record";

/**
 * What to do next about a generation: a table of rows, the first that applies decides. Pure: no I/O, and time is given.
 * `docs/guarantees.md` shows the rows, printed by a test.
 */

/** A task of the intention, and how it is known. */
export interface KnownTask {
  readonly taskId: string;
  /** Under which generation id it was sent: the intention's own, or a former one. */
  readonly generationId: string;
  readonly submission: Submission;
  readonly sessionId?: string | undefined;
  readonly requestId?: string | undefined;
  /** When it was accepted, or first sent (service's time, ms). */
  readonly since?: number | undefined;
  readonly source: "sent" | "journal" | "state" | "listed" | "adopted";
  /** Was once in a stack's state, and was given up there. */
  readonly settled?: boolean;
  /** As the journal knows them. */
  readonly fileIds?: readonly string[] | undefined;
  /** When its files are deleted, as the journal knows it. */
  readonly expireTime?: string | undefined;
  /** Found under the user's own SessionId: the task's echo must show that it is ours, or at least not another's. */
  readonly proof?: "required" | "notDisproved";
}

/** A request that was begun, and of which no task is known. */
export interface OpenSend {
  readonly generationId: string;
  readonly submission: Submission;
  /** As sent; undefined where it can no longer be read. */
  readonly sessionId: string | undefined;
  /** When it was first sent (service's time, ms). */
  readonly firstSentAt: number;
  /** The service has said that it accepted this SessionId before. */
  readonly duplicate: boolean;
}

/** Files of the intention in the media library. */
export interface FoundFiles {
  readonly files: readonly PictureFile[];
  readonly generationId: string;
  readonly sessionId: string | undefined;
  /** Undefined where the name does not tell it. */
  readonly submission: Submission | undefined;
  readonly taskId: string | undefined;
  /** Whether the files are in the order in which the task gave them. */
  readonly ordered: boolean;
}

/** What there is of an intention already. */
export interface Findings {
  /** A task that state may not hold yet. */
  readonly task: KnownTask | undefined;
  readonly files: Look<FoundFiles>;
  /** A task that was in state, and was given up there. */
  readonly formerTask: KnownTask | undefined;
  readonly open: OpenSend | undefined;
  /** A submission that was refused: its number is free again. */
  readonly refused: OpenSend | undefined;
  /** Another look that could not be answered, such as that of the list of tasks. */
  readonly unanswered: Unanswered | undefined;
}

/** What a submission came to. */
export type Sent =
  | { readonly kind: "task"; readonly task: KnownTask }
  /** Refused, not accepted: too many tasks of ours are running. */
  | { readonly kind: "tooMany" }
  | { readonly kind: "duplicateNotFound"; readonly open: OpenSend }
  | { readonly kind: "noAnswer"; readonly open: OpenSend; readonly cause: string }
  /** The window ended before a repeat could be signed: nothing was sent. */
  | { readonly kind: "tooLate"; readonly open: OpenSend }
  /** No slot became free. */
  | { readonly kind: "noSlot"; readonly blockedBy: string; readonly otherwise?: Outcome };

/** A task could not be followed. */
interface NotFollowed {
  readonly kind: "notFollowed";
  readonly why: string;
}

/** What is known when the next step is decided. */
export type Evidence =
  | { readonly kind: "looks"; readonly looks: Findings }
  | { readonly kind: "sent"; readonly sent: Sent }
  | { readonly kind: "report"; readonly task: KnownTask; readonly report: TaskReport | NoSuchTask | NotFollowed }
  | {
      readonly kind: "files";
      readonly task: KnownTask;
      /** Absent where the service no longer knows the task. */
      readonly report: Extract<TaskReport, { kind: "finished" }> | undefined;
      readonly looks: readonly Look<unknown>[];
      /** How often they were asked for. */
      readonly times: number;
    }
  | {
      readonly kind: "noFile";
      readonly task: KnownTask;
      readonly report: TaskReport | NoSuchTask;
      readonly files: Look<FoundFiles>;
    };

/** What holds whatever is found. */
export interface Case {
  readonly intention: Intention;
  /**
   * - `create`, `retry` and `repeat` were announced by preview and may bill;
   * - `wait` goes on with a task in state, `look` only looks.
   */
  readonly purpose: "create" | "retry" | "repeat" | "wait" | "look";
  /** What state holds. */
  readonly stored: GenerationRecord | undefined;
  /** When the verb began (service's time, ms). */
  readonly begun: number;
  /** The service's time (ms). */
  readonly now: number;
  /** Until when to go on trying (ms of waiting left). */
  readonly remainingMs: number;
  readonly cancelled: boolean;
}

export type Step =
  | { readonly do: "look"; readonly otherwise: TencentAigcError | Outcome }
  | { readonly do: "lookForFiles"; readonly task: KnownTask; readonly report: TaskReport | NoSuchTask }
  | {
      readonly do: "askForFiles";
      readonly task: KnownTask;
      readonly report: Extract<TaskReport, { kind: "finished" }> | undefined;
      readonly times: number;
      readonly waitMs: number;
    }
  | {
      readonly do: "send";
      readonly submission: Submission;
      readonly generationId: string;
      /** A repeat of what was begun before. */
      readonly open?: OpenSend | undefined;
      /** The attempt before it. */
      readonly after?: KnownTask | undefined;
      /** Wait a little first: the service takes no more at present. */
      readonly backOff?: boolean;
      /** Stored if the service takes no more before the deadline. */
      readonly otherwise?: Outcome | undefined;
    }
  | { readonly do: "follow"; readonly task: KnownTask }
  | { readonly do: "store"; readonly outcome: Outcome }
  | { readonly do: "refuse"; readonly error: TencentAigcError };

export interface Row {
  /** What is found, for the table of the documentation. */
  readonly found: string;
  readonly does: string;
  readonly step: (evidence: Evidence, given: Case) => Step | undefined;
}

/** The service tells times in whole seconds. */
const timeResolutionMs = 1_000;

const announced = ({ purpose }: Case) => purpose === "create" || purpose === "retry" || purpose === "repeat";
const store = (outcome: Outcome): Step => ({ do: "store", outcome });

/** What was found in the looks, where the evidence is that. */
const looked = (evidence: Evidence) => (evidence.kind === "looks" ? evidence.looks : undefined);
const sentOf = (evidence: Evidence) => (evidence.kind === "sent" ? evidence.sent : undefined);

/** First match decides. */
export const rows: readonly Row[] = [
  {
    found: "a task that state does not hold yet",
    does: "follows it",
    step: (evidence) => {
      const task = looked(evidence)?.task;
      return task && { do: "follow", task };
    },
  },
  {
    found: "several files of a success, whose order the task has not told yet",
    does: "not ready: the task is asked again at the next `up`",
    step: (evidence) => {
      if (evidence.kind !== "noFile" || evidence.report.kind !== "noFile") return undefined;
      const { task, report, files } = evidence;
      if (files.kind !== "found" || files.value.ordered) return undefined;
      const record = {
        ...knownOf(task),
        ...report.times,
        kind: "running",
        taskId: task.taskId,
        status: "PROCESSING",
      } as const;
      return store({ record, problem: messages.noFileYet(task.taskId) });
    },
  },
  {
    found: "files in the media library",
    does: "takes them, unbilled",
    step: (evidence, given) => {
      const files = evidence.kind === "noFile" ? evidence.files : looked(evidence)?.files;
      return files?.kind === "found" ? store(reusedOutcome(files.value, given)) : undefined;
    },
  },
  {
    found: "a task that was in state and was given up there",
    does: "follows it, unless a later request was begun",
    step: (evidence) => {
      const looks = looked(evidence);
      if (!looks?.formerTask) return undefined;
      const { formerTask, open } = looks;
      return open && open.submission.number > formerTask.submission.number
        ? undefined
        : { do: "follow", task: formerTask };
    },
  },
  {
    found: "our own request, without a task and without a duplicate answer, inside the window",
    does: "sends it again under the same SessionId",
    step: (evidence, given) => {
      const open = looked(evidence)?.open;
      if (!open || open.duplicate || open.sessionId === undefined || !announced(given)) return undefined;
      if (!insideWindow(open.firstSentAt, given.now)) return undefined;
      return { do: "send", submission: open.submission, generationId: open.generationId, open };
    },
  },
  {
    found: "a look that a first send or a next attempt needs could not be answered",
    does: "asks again until the deadline, then fails with nothing sent",
    step: (evidence, given) => {
      const looks = looked(evidence);
      const unanswered = looks?.unanswered ?? (looks?.files.kind === "unknown" ? looks.files : undefined);
      if (unanswered === undefined) return undefined;
      if (given.stored && given.purpose !== "retry") return store(storedOutcome(given.stored, unanswered.why));
      const error = notAsked(unanswered, looks?.open !== undefined);
      return unanswered.lasting || given.remainingMs <= 0 ? { do: "refuse", error } : { do: "look", otherwise: error };
    },
  },
  {
    found: "a request that the service calls a duplicate, found nowhere",
    does: "`UNKNOWN` in state, without the time of sending: only ever looked for, never repeated",
    step: (evidence) => {
      const sent = sentOf(evidence);
      const open = sent?.kind === "duplicateNotFound" ? sent.open : looked(evidence)?.open;
      const known = sent?.kind === "duplicateNotFound" || open?.duplicate || (open && open.sessionId === undefined);
      if (!open || !known) return undefined;
      const { generationId, sessionId = generationId, submission } = open;
      return store({
        record: { kind: "unknown", generationId, sessionId, submission },
        problem: messages.duplicateNotFound(open.sessionId),
      });
    },
  },
  {
    found: "a request older than the window, and no file",
    does: "`AGED` in state; nothing is sent",
    step: (evidence, given) => {
      const sent = sentOf(evidence);
      const open = sent?.kind === "tooLate" ? sent.open : looked(evidence)?.open;
      if (!open || (sent && sent.kind !== "tooLate")) return undefined;
      if (!sent && insideWindow(open.firstSentAt, given.now)) return undefined;
      const { generationId, sessionId, submission } = open;
      const known = { generationId, submission, ...(sessionId === undefined ? {} : { sessionId }) };
      return store(agedOutcome(known, taskIdOfStored(given)));
    },
  },
  {
    found: "nothing, in an update that only looks",
    does: "reports again what is in state; nothing is sent",
    step: (evidence, given) =>
      looked(evidence) && given.stored && !announced(given) ? store(storedOutcome(given.stored)) : undefined,
  },
  {
    found: "nothing",
    does: "sends the first request, or the next attempt that preview announced",
    step: (evidence, given) => {
      const looks = looked(evidence);
      if (!looks) return undefined;
      const { generationId } = given.stored ?? {};
      const submission = looks.refused?.submission ?? nextAfterStored(given);
      return {
        do: "send",
        submission,
        generationId: looks.refused?.generationId ?? generationId ?? given.intention.generationId,
      };
    },
  },
  {
    found: "no slot became free until the deadline",
    does: "fails, with nothing sent, and names the task in the way",
    step: (evidence) => {
      const sent = sentOf(evidence);
      if (sent?.kind !== "noSlot") return undefined;
      return sent.otherwise ? store(sent.otherwise) : { do: "refuse", error: noSlot(sent.blockedBy) };
    },
  },
  {
    found: "no answer to any repeat",
    does: "`UNKNOWN` in state, with the SessionId and the time of sending",
    step: (evidence) => {
      const sent = sentOf(evidence);
      if (sent?.kind !== "noAnswer") return undefined;
      const { generationId, sessionId = generationId, submission, firstSentAt } = sent.open;
      const sentAt = new Date(firstSentAt).toISOString();
      return store({
        record: { kind: "unknown", generationId, sessionId, submission, sentAt },
        problem: messages.unknownOutcome(sessionId, sent.cause),
      });
    },
  },
  {
    found: "the request became a task",
    does: "follows it",
    step: (evidence) => {
      const sent = sentOf(evidence);
      return sent?.kind === "task" ? { do: "follow", task: sent.task } : undefined;
    },
  },
  {
    found: "a task under way",
    does: "waits for it; at the deadline it is in state with its TaskId",
    step: (evidence, given) => {
      if (evidence.kind !== "report" || evidence.report.kind !== "running") return undefined;
      const { task, report } = evidence;
      const status = report.status || "PROCESSING";
      const record = {
        ...knownOf(task),
        ...timesOf(task, report),
        kind: "running",
        taskId: task.taskId,
        status,
      } as const;
      if (!given.intention.waitForCompletion) return store({ record });
      const problem = given.cancelled
        ? messages.stoppedWaiting(task.taskId, report.status)
        : messages.stillRunning(task.taskId, report.status, given.intention.timeoutMs / 1000);
      return store({ record, problem });
    },
  },
  {
    found: "a task that cannot be asked for, or that the service denies inside the window",
    does: "in state with its TaskId: a denial is no proof",
    step: (evidence, given) => {
      if (evidence.kind !== "report") return undefined;
      const { task, report } = evidence;
      if (report.kind === "notFollowed") return store(notFollowed(task, report.why, given));
      const isInside = task.since !== undefined && !isPastWindow(task, given.now);
      return report.kind === "noSuchTask" && isInside
        ? store(notFollowed(task, messages.notKnownNow, given))
        : undefined;
    },
  },
  {
    found: "a task older than the window, or one that ended as a success without a file",
    does: "looks for its files by name and tag",
    step: (evidence) => {
      if (evidence.kind !== "report") return undefined;
      const { task, report } = evidence;
      if (report.kind === "noSuchTask" && task.fileIds) {
        return { do: "askForFiles", task, report: undefined, times: 0, waitMs: 0 };
      }
      if (report.kind !== "noSuchTask" && report.kind !== "noFile") return undefined;
      return { do: "lookForFiles", task, report };
    },
  },
  {
    found: "a success without a file",
    does: "not ready for a minute, then `FAILED` in state; looked for again at each `up`, never sent again",
    step: (evidence) => {
      if (evidence.kind !== "noFile" || evidence.report.kind !== "noFile") return undefined;
      const { task, report } = evidence;
      const known = { ...knownOf(task), ...report.times, taskId: task.taskId };
      if (evidence.files.kind === "unknown") {
        const record = { ...known, kind: "running", status: "PROCESSING" } as const;
        return store({ record, problem: messages.noFileYet(task.taskId) });
      }
      return store({ record: { ...known, kind: "failed" }, problem: messages.noFile(task.taskId) });
    },
  },
  {
    found: "a task older than the window, and no file to be seen",
    does: "`AGED` in state; nothing is sent",
    step: (evidence, given) => {
      if (evidence.kind !== "noFile") return undefined;
      const { task, files } = evidence;
      if (files.kind === "unknown") return store(notFollowed(task, files.why, given));
      // Without a time, nothing says that it is older.
      if (!isPastWindow(task, given.now)) return store(notFollowed(task, messages.notKnownNow, given));
      return store(agedOutcome(knownOf(task), task.taskId));
    },
  },
  {
    found: "a task that ended with files",
    does: "takes them; of an older picture it first asks whether they are still there",
    step: (evidence, given) => {
      if (evidence.kind !== "report" || evidence.report.kind !== "finished") return undefined;
      const { task, report } = evidence;
      const isOld = task.settled || task.fileIds !== undefined || task.source === "listed";
      const mayBeGone = isOld && announced(given) && fileIdsOf(report.files).length > 0;
      if (mayBeGone) return { do: "askForFiles", task, report, times: 0, waitMs: 0 };
      return store(finishedOutcome(task, report, given.intention));
    },
  },
  {
    found: "files that are there, or of which nobody says that they are gone",
    does: "takes them, unbilled",
    step: (evidence, given) => {
      if (evidence.kind !== "files" || evidence.looks.every(({ kind }) => kind === "absent")) return undefined;
      const { task, report } = evidence;
      if (report) return store(finishedOutcome(task, report, given.intention));
      const files = evidence.looks.flatMap((look) => (look.kind === "found" ? [look.value as PictureFile] : []));
      if (files.length === 0) return store(notFollowed(task, "the media library could not be asked.", given));
      return store({ record: { ...knownOf(task), kind: "finished", taskId: task.taskId, files }, reused: true });
    },
  },
  {
    found: "files that were deleted at their own `expireTime`",
    does: "fails, with nothing sent: it ended as ordered",
    step: (evidence, given) => {
      if (evidence.kind !== "files") return undefined;
      const expireTime = evidence.task.expireTime ?? evidence.report?.echo?.OutputConfig?.ExpireTime;
      const end = Date.parse(expireTime ?? "");
      return end <= given.now ? { do: "refuse", error: endedAsOrdered(evidence.task.taskId) } : undefined;
    },
  },
  {
    found: "files that are told absent, once or while they are younger than a minute",
    does: "asks again a minute later",
    step: (evidence, given) => {
      if (evidence.kind !== "files") return undefined;
      const { task, report, times } = evidence;
      const finishedAt = Date.parse(report?.times.finishTime ?? "") || task.since || 0;
      const wasYoung = given.begun - finishedAt <= fileLagMs;
      return times < (wasYoung ? 3 : 2) ? { do: "askForFiles", task, report, times, waitMs: fileLagMs } : undefined;
    },
  },
  {
    found: "files deleted since: told twice, a minute apart",
    does: "sends the next attempt, if preview announced one",
    step: (evidence, given) => {
      if (evidence.kind !== "files") return undefined;
      if (announced(given)) return nextAttempt(evidence.task);
      return store(
        given.stored ? storedOutcome(given.stored) : agedOutcome(knownOf(evidence.task), evidence.task.taskId),
      );
    },
  },
  {
    found: "a task that was taken over, and failed",
    does: "a failure in state; never sent again",
    step: (evidence) => {
      const failure = failureIn(evidence);
      return failure?.task.source === "adopted" ? store(failedOutcome(failure, messages.adoptedFailed)) : undefined;
    },
  },
  {
    found: "a task that never ran (over concurrency, backlog)",
    does: "sends again under a new SessionId, with back-off, until the deadline",
    step: (evidence, given) => {
      const failure = failureIn(evidence);
      if (failure?.report.cause !== "neverRan") return undefined;
      const otherwise = failedOutcome(failure, messages.neverRan);
      const goesOn = announced(given) && given.remainingMs > 0 && given.intention.waitForCompletion && !given.cancelled;
      if (!goesOn) return store(otherwise);
      const { submission, generationId } = failure.task;
      const next = { number: submission.number + 1, attempt: submission.attempt };
      return { do: "send", submission: next, generationId, after: failure.task, backOff: true, otherwise };
    },
  },
  {
    found: "a task that failed for a passing cause",
    does: "sends the next attempt if it had ended before this update began; else a failure in state",
    step: (evidence, given) => {
      const failure = failureIn(evidence);
      if (failure?.report.cause !== "passing") return undefined;
      const { task, report } = failure;
      const finishedAt = Date.parse(report.times.finishTime ?? "");
      const endedAt = Number.isNaN(finishedAt) ? given.now : finishedAt;
      // One run, one bill: what this very verb has run is not repeated in it.
      const ranBefore = task.source !== "sent" && endedAt + timeResolutionMs <= given.begun;
      if (announced(given) && ranBefore && task.submission.attempt < mostAttempts) return nextAttempt(task);
      return store(failedOutcome(failure, (ended) => messages.passing(ended, task.submission.attempt)));
    },
  },
  {
    found: "a task that failed for a lasting cause (moderation, bad parameter, bad media)",
    does: "a failure in state; nothing is sent until a billed input or `keepers` changes",
    step: (evidence) => {
      const failure = failureIn(evidence);
      return failure && store(failedOutcome(failure, messages.lasting));
    },
  },
];

/** The next step. The rows cover all evidence, which a test shows. */
export function decide(evidence: Evidence, given: Case): Step {
  for (const row of rows) {
    const step = row.step(evidence, given);
    if (step) return step;
  }
  throw new Error(`no row decides on ${evidence.kind}`);
}

interface Failure {
  readonly task: KnownTask;
  readonly report: Extract<TaskReport, { kind: "failed" }>;
}

function failureIn(evidence: Evidence): Failure | undefined {
  return evidence.kind === "report" && evidence.report.kind === "failed"
    ? { task: evidence.task, report: evidence.report }
    : undefined;
}

/** The service's times, or at least when the task was accepted: without one, nothing tells its age later. */
function timesOf({ since }: KnownTask, { times }: Pick<TaskReport, "times">) {
  return { ...(since === undefined ? {} : { createTime: new Date(since).toISOString() }), ...times };
}

function isPastWindow({ since }: KnownTask, now: number): boolean {
  return since !== undefined && now >= since + serviceWindowMs;
}

function nextAttempt(task: KnownTask): Step {
  const { taskId, generationId, submission } = task;
  if (submission.attempt >= mostAttempts) {
    const problem = messages.noAttemptLeft(taskId, submission.attempt);
    return store({ record: { kind: "aged", generationId, submission, taskId }, problem });
  }
  return {
    do: "send",
    submission: { number: submission.number + 1, attempt: submission.attempt + 1 },
    generationId,
    after: task,
  };
}

/** The submission after what state holds: the first one in a `create`. */
function nextAfterStored({ stored }: Case): Submission {
  if (stored?.kind !== "failed") return stored?.submission ?? { number: 1, attempt: 1 };
  const { number, attempt } = stored.submission ?? { number: 1, attempt: 1 };
  const ran = endingOf(stored).cause === "neverRan" ? 0 : 1;
  return { number: number + 1, attempt: attempt + ran };
}

function taskIdOfStored({ stored }: Case): string | undefined {
  return stored && taskIdOf(stored);
}

/** What is known of a task by its being there. */
function knownOf(task: KnownTask): Known {
  const { generationId, sessionId, requestId, submission } = task;
  if (task.source === "adopted") return { adopted: true };
  return {
    generationId,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(requestId === undefined ? {} : { requestId }),
    submission,
  };
}

function notFollowed(task: KnownTask, why: string, { stored }: Case): Outcome {
  const problem = messages.cannotBeFollowed(task.taskId, why);
  if (stored?.kind === "running" || stored?.kind === "aged") return { record: stored, problem };
  return {
    record: {
      ...knownOf(task),
      ...timesOf(task, { times: {} }),
      kind: "running",
      taskId: task.taskId,
      status: "PROCESSING",
    },
    problem,
  };
}

function finishedOutcome(
  task: KnownTask,
  { times, files }: Extract<TaskReport, { kind: "finished" }>,
  { imagesAsked }: Intention,
): Outcome {
  return {
    record: { ...knownOf(task), ...times, kind: "finished", taskId: task.taskId, files },
    ...(task.source === "sent" ? {} : { reused: true }),
    ...(files.length < imagesAsked ? { warning: messages.fewerThanAsked(files.length, imagesAsked) } : {}),
  };
}

function reusedOutcome(found: FoundFiles, { stored, intention }: Case): Outcome {
  const { files, generationId, sessionId, ordered } = found;
  // A task that failed has no files: these are another one's, perhaps of another stack.
  const hasFailed = stored?.kind === "failed" && !isWithoutFile(stored);
  const isLater = found.submission && found.submission.number !== (stored?.submission?.number ?? 1);
  const storedId = stored && taskIdOf(stored);
  const foundId = hasFailed && found.taskId === storedId ? undefined : found.taskId;
  const taskId = foundId ?? (hasFailed || isLater ? undefined : storedId);
  const submission = found.submission ?? stored?.submission;
  const warnings = [
    ...(files.length < intention.imagesAsked ? [messages.fewerThanAsked(files.length, intention.imagesAsked)] : []),
    ...(ordered ? [] : [messages.orderNotKnown]),
  ];
  return {
    record: {
      kind: "finished",
      generationId,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(submission === undefined ? {} : { submission }),
      ...(taskId === undefined ? {} : { taskId }),
      files,
    },
    reused: true,
    ...(warnings.length > 0 ? { warning: warnings.join(" ") } : {}),
  };
}

function failedOutcome({ task, report }: Failure, tell: (ended: string) => string[]): Outcome {
  const { times, errCode, errCodeExt } = report;
  return {
    record: {
      ...knownOf(task),
      ...times,
      kind: "failed",
      taskId: task.taskId,
      ...(errCode === undefined ? {} : { errCode }),
      ...(errCodeExt === undefined ? {} : { errCodeExt }),
    },
    problem: tell(messages.endedWithoutPicture(task.taskId, report)),
  };
}

function agedOutcome(known: Known, taskId: string | undefined): Outcome {
  return {
    record: { ...known, kind: "aged", ...(taskId === undefined ? {} : { taskId }) },
    problem: messages.agedOut(taskId, known.sessionId),
  };
}

/** What is in state, told again. */
export function storedOutcome(record: GenerationRecord, why?: string): Outcome {
  const problem = storedProblem(record);
  return { record, problem: why === undefined ? problem : [...problem, `${why}.`] };
}

function storedProblem(record: GenerationRecord): readonly string[] {
  switch (record.kind) {
    case "finished":
      return [];
    case "running":
      return messages.cannotBeFollowed(record.taskId, "it could not be asked for.");
    case "unknown":
      return record.sentAt === undefined
        ? messages.duplicateNotFound(record.sessionId)
        : messages.unknownOutcome(record.sessionId, "it could not be looked for.");
    case "aged":
      return messages.agedOut(record.taskId, record.sessionId);
    case "failed": {
      const ending = endingOf(record);
      if (isWithoutFile(record)) return messages.noFile(record.taskId);
      const ended = messages.endedWithoutPicture(record.taskId, { ...ending, ...record });
      if (record.adopted) return messages.adoptedFailed(ended);
      if (ending.cause === "neverRan") return messages.neverRan(ended);
      return ending.cause === "passing"
        ? messages.passing(ended, record.submission?.attempt ?? 1)
        : messages.lasting(ended);
    }
  }
}

function notAsked({ why }: Unanswered, mayBeBilled: boolean): TencentAigcError {
  const what = why.charAt(0).toUpperCase() + why.slice(1);
  return new TencentAigcError(
    mayBeBilled
      ? `${what} An earlier request for this picture may have been billed, so nothing was sent now.`
      : `${what} Without that answer this picture might be billed twice, so nothing was sent for it, and nothing is billed.`,
    { billed: "no", nextStep: "Run `pulumi up` again once it can be asked." },
  );
}

function noSlot(blockedBy: string): TencentAigcError {
  return new TencentAigcError(
    `No task slot became free: task ${blockedBy} has not ended. Nothing was sent for this resource, and nothing is billed.`,
    { billed: "no", nextStep: "Run `pulumi up` again once that task has ended.", taskId: blockedBy },
  );
}

function endedAsOrdered(taskId: string): TencentAigcError {
  return new TencentAigcError(
    `The files of task ${taskId} were deleted at their own expireTime, so this picture has ended as ordered. Nothing was sent, and nothing is billed.`,
    {
      billed: "no",
      taskId,
      nextStep: "To generate, and bill, a new image, change `keepers` and set a later `outputConfig.expireTime`.",
    },
  );
}
