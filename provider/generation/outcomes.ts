import { endingOf } from "../service/endings";
import type { TaskReport } from "../service/task";
import type { Case, Failure, FoundFiles, KnownTask } from "./evidence";
import type { Intention } from "./intention";
import * as messages from "./messages";
import { type GenerationRecord, isWithoutFile, type Known, type Outcome, taskIdOf } from "./record";

/** What is stored of a generation, and what its resource's user hears of it. */

/** The service's times, or at least when the task was accepted: without one, nothing tells its age later. */
export function timesOf({ since }: KnownTask, { times }: Pick<TaskReport, "times">) {
  return { ...(since === undefined ? {} : { createTime: new Date(since).toISOString() }), ...times };
}

/** What is known of a task by its being there. */
export function knownOf(task: KnownTask): Known {
  const { generationId, sessionId, requestId, submission } = task;
  if (task.source === "adopted") return { adopted: true };
  return {
    generationId,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(requestId === undefined ? {} : { requestId }),
    submission,
  };
}

export function notFollowed(task: KnownTask, why: string, { stored }: Case): Outcome {
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

/** A success whose files, or their order, are not told yet. */
export function noFileYet(task: KnownTask, { times }: Pick<TaskReport, "times">): Outcome {
  return {
    record: { ...knownOf(task), ...times, kind: "running", taskId: task.taskId, status: "PROCESSING" },
    problem: messages.noFileYet(task.taskId),
  };
}

export function finishedOutcome(
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

export function reusedOutcome(found: FoundFiles, { stored, intention }: Case): Outcome {
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

export function failedOutcome({ task, report }: Failure, tell: (ended: string) => string[]): Outcome {
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

export function agedOutcome(known: Known, taskId: string | undefined): Outcome {
  return {
    record: { ...known, kind: "aged", ...(taskId === undefined ? {} : { taskId }) },
    problem: messages.agedOut(taskId, known.sessionId),
  };
}

/** What is in state, told again. */
export function storedOutcome(record: GenerationRecord, why?: string): Outcome {
  const problem = storedProblem(record);
  return { record, problem: why === undefined ? problem : [...problem, why] };
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
