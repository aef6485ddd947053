import type { ErrorFacts } from "../vod/errors";
import { isDerived } from "./generationId";
import { mostAttempts } from "./record";

/**
 * What a resource that is not ready says of itself: what happened, whether it cost anything, and the next step that
 * costs nothing. None of it holds input text, for inputs can be secret.
 */

/** Pulumi starts nothing more once a resource has failed, and this one fails at each `up` until something is changed. */
const others = "Until then `pulumi up --continue-on-error` makes the other pictures all the same.";

const waysOut = `If you know its task or files, set \`adoptTaskId\` or \`adoptFileIds\` to take them over, unbilled. To generate, and bill, a new image instead, change \`keepers\`. ${others}`;

/** What is told, in parts: docs/errors.md is printed from them. */
type Told = Pick<ErrorFacts, "billed" | "nextStep"> & { readonly what: string };

function told({ what, nextStep }: Told): string[] {
  return [`${what} ${nextStep}`];
}

/** A SessionId where it is derived; one of the user's own is input text. */
export function shownSessionId(sessionId: string | undefined): string {
  return sessionId !== undefined && isDerived(sessionId) ? `SessionId ${sessionId}` : "your own `sessionId`";
}

export function stillRunning(taskId: string, status: string, seconds: number): string[] {
  return told({
    what: `Task ${taskId} is still ${status || "under way"} after ${seconds} s.`,
    billed: "unknown",
    nextStep: `It stays in state, and the next \`pulumi up\` waits on for the same task: nothing more is sent or billed. A larger \`timeoutSeconds\` waits longer.`,
  });
}

export function stoppedWaiting(taskId: string, status: string): string[] {
  return told({
    what: `Task ${taskId} was ${status || "under way"} when the update was cancelled.`,
    billed: "unknown",
    nextStep: `It stays in state, and the next \`pulumi up\` waits on for the same task: nothing more is sent or billed.`,
  });
}

export function cannotBeFollowed(taskId: string, why: string): string[] {
  return told({
    what: `Task ${taskId} was accepted, but the service cannot be asked how it is: ${why}`,
    billed: "unknown",
    nextStep: `It stays in state, and the next \`pulumi up\` asks again: nothing more is sent or billed.`,
  });
}

export const notKnownNow = "the service says that it knows no such task, though it answers for a task for 3 days.";

export function noFileYet(taskId: string): string[] {
  return told({
    what: `Task ${taskId} ended as a success, and the service shows no file of it yet.`,
    billed: "yes",
    nextStep: `It stays in state, and the next \`pulumi up\` looks again: nothing more is sent or billed.`,
  });
}

export function noFile(taskId: string): string[] {
  return told({
    what: `Task ${taskId} ended without a picture: the service reported success but gave no file. It may have been billed, so it is not sent again; each \`pulumi up\` looks for its file.`,
    billed: "unknown",
    nextStep: waysOut,
  });
}

export function endedWithoutPicture(
  taskId: string,
  { meaning, errCode, errCodeExt }: { meaning: string; errCode?: number | undefined; errCodeExt?: string | undefined },
): string {
  const codes = [errCode, errCodeExt].filter((part) => part !== undefined).join(", ");
  return `Task ${taskId} ended without a picture: ${meaning}${codes === "" ? "" : ` (${codes})`}.`;
}

export function lasting(ended: string): string[] {
  return told({
    what: ended,
    billed: "unknown",
    nextStep: `It stays in state as failed and is not sent again. Change what was refused, and \`pulumi preview\` shows the replace and what it bills. ${waysOut}`,
  });
}

export function passing(ended: string, attempt: number): string[] {
  if (attempt < mostAttempts) {
    return told({
      what: `${ended} The cause may pass:`,
      billed: "unknown",
      nextStep: `\`pulumi preview\` shows that the next \`pulumi up\` sends attempt ${attempt + 1} of ${mostAttempts}, and what it bills.`,
    });
  }
  return told({
    what: `${ended} That was attempt ${attempt} of ${mostAttempts}, so it is not sent again.`,
    billed: "unknown",
    nextStep: waysOut,
  });
}

export function adoptedFailed(ended: string): string[] {
  return told({
    what: `${ended} It was adopted, so it is not sent again.`,
    billed: "unknown",
    nextStep: `Adopt another task, or remove \`adoptTaskId\` and change \`keepers\` to generate, and bill, a new image. ${others}`,
  });
}

export function neverRan(ended: string): string[] {
  return told({
    what: ended,
    billed: "unknown",
    nextStep: `The next \`pulumi up\` sends it again under a new SessionId; what never ran is not known to be billed. Lower tencent-aigc:maxConcurrentTasks to the quota of your account.`,
  });
}

export function unknownOutcome(sessionId: string, cause: string): string[] {
  return told({
    what: `A request with ${shownSessionId(sessionId)} was sent, and nothing tells whether it became a task: ${cause} It may have been billed.`,
    billed: "unknown",
    nextStep: `It stays in state: for 3 days the next \`pulumi up\` repeats the same request under the same SessionId, which the service runs at most once; after that it only looks for the picture. ${waysOut}`,
  });
}

export function duplicateNotFound(sessionId: string | undefined): string[] {
  return told({
    what: `The service says that a request with ${shownSessionId(sessionId)} was sent before, but shows no such task. It may have been billed, so nothing else is sent; the next \`pulumi up\` looks again.`,
    billed: "unknown",
    nextStep: waysOut,
  });
}

export function agedOut(taskId: string | undefined, sessionId: string | undefined): string[] {
  const name = taskId === undefined ? `The request with ${shownSessionId(sessionId)}` : `Task ${taskId}`;
  return told({
    what: `${name} is older than the 3 days for which the service answers, and no file of it is to be seen. It may have been billed, so nothing is sent.`,
    billed: "unknown",
    nextStep: waysOut,
  });
}

export function noAttemptLeft(taskId: string | undefined, attempt: number): string[] {
  const name = taskId === undefined ? "this picture" : `task ${taskId}`;
  return told({
    what: `The files of ${name} are gone, and ${attempt} of ${mostAttempts} attempts are used, so nothing is sent.`,
    billed: "yes",
    nextStep: waysOut,
  });
}

export function fewerThanAsked(got: number, asked: number): string {
  return `The service gave ${got} of ${asked} images; what was given is kept, and nothing is sent again.`;
}

export const orderNotKnown =
  "Several images were found again without their order: `url` may be another one of them than before.";
