import { mostAttempts } from "./generated";

/**
 * What a resource that is not ready says of itself: what happened, whether it cost anything, and the next step that
 * costs nothing. None of it holds input text, for inputs can be secret.
 */

const waysOut =
  "If you know its task or files, set `adoptTaskId` or `adoptFileIds` to take them over, unbilled. To generate, and bill, a new image instead, change `keepers`.";

export function stillRunning(taskId: string, status: string, seconds: number): string[] {
  return [
    `Task ${taskId} is still ${status || "under way"} after ${seconds} s. It stays in state, and the next \`pulumi up\` waits on for the same task: nothing more is sent or billed. A larger \`timeoutSeconds\` waits longer.`,
  ];
}

export function cannotBeFollowed(taskId: string, cause: string): string[] {
  return [
    `Task ${taskId} was accepted, but the service cannot be asked how it stands: ${cause} It stays in state, and the next \`pulumi up\` asks again: nothing more is sent or billed.`,
  ];
}

export function endedWithoutPicture(taskId: string, meaning: string, codes: string): string {
  return `Task ${taskId} ended without a picture: ${meaning}${codes}.`;
}

export function lasting(ended: string): string[] {
  return [
    `${ended} It stays in state as failed and is not sent again. Change what was refused, and \`pulumi preview\` shows the replace and what it bills. ${waysOut}`,
  ];
}

export function passing(ended: string, attempt: number): string[] {
  return [
    attempt < mostAttempts
      ? `${ended} The cause may pass: \`pulumi preview\` shows that the next \`pulumi up\` sends attempt ${attempt + 1} of ${mostAttempts}, and what it bills.`
      : `${ended} That was attempt ${attempt} of ${mostAttempts}, so it is not sent again. ${waysOut}`,
  ];
}

export function adoptedFailed(ended: string): string[] {
  return [
    `${ended} It was adopted, so it is not sent again. Adopt another task, or remove \`adoptTaskId\` and change \`keepers\` to generate, and bill, a new image.`,
  ];
}

export function neverRan(ended: string): string[] {
  return [
    `${ended} The next \`pulumi up\` sends it again under a new SessionId; what never ran is not known to be billed. Lower tencent-aigc:maxConcurrentTasks to the quota of your account.`,
  ];
}

export function unknownOutcome(sessionId: string, cause: string): string[] {
  return [
    `A request with SessionId ${sessionId} was sent, and nothing tells whether it became a task: ${cause} It may have been billed. It stays in state: for 3 days the next \`pulumi up\` repeats the same request under the same SessionId, which the service runs at most once; after that it only looks for the picture. ${waysOut}`,
  ];
}

export function duplicateNotFound(sessionId: string): string[] {
  return [
    `The service says that a request with SessionId ${sessionId} was sent before, but lists no such task. It may have been billed, so nothing else is sent; the next \`pulumi up\` looks again. ${waysOut}`,
  ];
}

export function agedOut(name: string): string[] {
  return [
    `${name} is older than the 3 days for which the service answers, and no file of it is to be seen. It may have been billed, so nothing is sent. ${waysOut}`,
  ];
}

export function fewerThanAsked(got: number, asked: number): string {
  return `The service gave ${got} of ${asked} images; what was given is kept, and nothing is sent again.`;
}
