import { endingOf } from "../service/endings";
import { fileLagMs } from "../service/follow";
import { fileIdsOf, type PictureFile } from "../service/pictureFile";
import { insideWindow, serviceWindowMs } from "../service/window";
import type { Case, Evidence, Failure, KnownTask, Step } from "./evidence";
import * as messages from "./messages";
import {
  agedOutcome,
  failedOutcome,
  finishedOutcome,
  knownOf,
  noFileYet,
  notFollowed,
  reusedOutcome,
  storedOutcome,
  timesOf,
} from "./outcomes";
import { mostAttempts, type Outcome, type Submission, taskIdOf } from "./record";
import { anothersSessionId, endedAsOrdered, noSlot, notAsked } from "./refusals";

/**
 * What to do next about a generation: a table of rows, the first that applies decides. Pure: no I/O, and time is given.
 * `docs/guarantees.md` shows the rows, printed by a test.
 */

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
      return store(noFileYet(task, report));
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
      const isLater =
        open?.generationId !== formerTask.generationId || open.submission.number > formerTask.submission.number;
      return open && isLater ? undefined : { do: "follow", task: formerTask };
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
    found: "a task under a `sessionId` of your own that is another request's",
    does: "sends under today's `sessionId` if that is another one; else fails, with nothing sent",
    step: (evidence, given) => {
      const sent = sentOf(evidence);
      if (sent?.kind !== "anothers") return undefined;
      const { sessionId, submission, generationId, taskId } = sent.task;
      const isToday = sessionId === given.intention.ownSessionId;
      if (isToday || !announced(given)) return { do: "refuse", error: anothersSessionId(taskId) };
      return { do: "send", submission, generationId, anew: true };
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
      if (evidence.files.kind === "unknown") return store(noFileYet(task, report));
      const record = { ...knownOf(task), ...report.times, kind: "failed", taskId: task.taskId } as const;
      return store({ record, problem: messages.noFile(task.taskId) });
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

function failureIn(evidence: Evidence): Failure | undefined {
  return evidence.kind === "report" && evidence.report.kind === "failed"
    ? { task: evidence.task, report: evidence.report }
    : undefined;
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
