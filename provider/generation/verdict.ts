import type { FoundTask } from "./found";
import { aged, failed, finished, type Generated, mostAttempts, type Outcome } from "./generated";
import type { Intention } from "./intention";
import * as reasons from "./reasons";
import type { Position } from "./submit";
import type { TaskState } from "./task";

type Failed = Extract<TaskState, { kind: "failed" }>;

/** What follows: something to store, or a next submission to send. */
export type Verdict =
  | { readonly outcome: Outcome }
  | {
      readonly next: Position;
      /** Of a task that never ran: what to store if the service takes no more before all patience ends. */
      readonly otherwise?: Outcome;
    };

/** The service tells times in whole seconds. */
const timeResolutionMs = 1_000;

export interface Circumstances {
  /** Preview has said that a picture may be billed: a new attempt is one that was agreed to. */
  readonly announced: boolean;
  /** When this `create` or `update` began (service's time, ms). */
  readonly begun: number;
  /** The service's time (ms). */
  readonly now: number;
  readonly remainingMs: number;
}

/** What follows from a task that ended without a picture. */
export function afterFailure(
  state: Failed,
  task: FoundTask,
  position: Position,
  intention: Intention,
  { announced, begun, now, remainingMs }: Circumstances,
): Verdict {
  const ended = endedText(task.taskId, state);
  const store = (problem: string[]): { outcome: Outcome } => ({
    outcome: { generated: { ...generatedBy(task, position), ...failureOf(state) }, problem },
  });
  if (task.adopted) return store(reasons.adoptedFailed(ended));
  if (state.cause === "lasting") return store(reasons.lasting(ended));
  if (state.cause === "neverRan") {
    const unrun = store(reasons.neverRan(ended));
    const goesOn = announced && remainingMs > 0 && intention.waitForCompletion;
    const next = { submission: position.submission + 1, attempt: position.attempt };
    return goesOn ? { next, otherwise: unrun.outcome } : unrun;
  }
  // One run, one bill: what this very `create` or `update` has run is not repeated in it.
  const finishTime = Date.parse(state.times.finishTime ?? new Date(now).toISOString());
  const ranBefore = !task.fresh && finishTime + timeResolutionMs <= begun;
  return (announced && ranBefore && nextAttempt(position)) || store(reasons.passing(ended, position.attempt));
}

/** What follows from a picture that was there and is gone: a new intention, as far as attempts are left. */
export function afterVanishing(task: FoundTask, position: Position): Verdict {
  return nextAttempt(position) || { outcome: agedOutcome(generatedBy(task, position)) };
}

function nextAttempt({ submission, attempt }: Position): Verdict | undefined {
  return attempt < mostAttempts ? { next: { submission: submission + 1, attempt: attempt + 1 } } : undefined;
}

export function finishedOutcome(
  task: FoundTask,
  position: Position,
  intention: Intention,
  state: Extract<TaskState, { kind: "finished" }>,
): Outcome {
  const generated: Generated = {
    ...generatedBy(task, position),
    ...state.times,
    status: finished,
    files: state.files,
  };
  const got = state.files.length;
  return {
    generated,
    ...(task.fresh ? {} : { reused: true }),
    ...(got < intention.imagesAsked ? { warning: reasons.fewerThanAsked(got, intention.imagesAsked) } : {}),
  };
}

export function agedOutcome(known: Omit<Generated, "status">): Outcome {
  return { generated: { ...known, status: aged }, problem: reasons.agedOut(known.taskId ?? known.sessionId ?? "") };
}

/** What is known of a task by its being there. */
export function generatedBy(task: FoundTask, position: Position): Generated {
  return {
    status: "PROCESSING",
    taskId: task.taskId,
    ...(task.sessionId === undefined ? {} : { sessionId: task.sessionId }),
    ...(task.requestId === undefined ? {} : { requestId: task.requestId }),
    ...(task.adopted ? { adopted: true as const } : countsOf(position)),
  };
}

export function countsOf({ submission, attempt }: Position) {
  return submission === attempt ? { attempt } : { attempt, submission };
}

/** The stored form of a task that ended without a picture. */
export function failureOf(state: Failed): Omit<Generated, "taskId"> {
  return {
    ...state.times,
    status: failed,
    ...(state.errCode === undefined ? {} : { errCode: state.errCode }),
    ...(state.errCodeExt === undefined ? {} : { errCodeExt: state.errCodeExt }),
  };
}

export function endedText(taskId: string, state: Pick<Failed, "errCode" | "errCodeExt" | "meaning">): string {
  const codes = [state.errCode, state.errCodeExt].filter((part) => part !== undefined).join(", ");
  return reasons.endedWithoutPicture(taskId, state.meaning, codes === "" ? "" : ` (${codes})`);
}
