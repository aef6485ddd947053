import type { Unanswered } from "../service/look";
import { TencentAigcError } from "../vod/errors";

/** Why nothing is sent for a resource, and nothing is in state: none of it is billed. */

export function notAsked({ why }: Unanswered, mayBeBilled: boolean): TencentAigcError {
  return new TencentAigcError(
    mayBeBilled
      ? `${why} An earlier request for this picture may have been billed, so none was sent now.`
      : `${why} The image may exist already, so nothing was sent, and nothing is billed.`,
    { billed: "no", nextStep: "Then run `pulumi up` again: it looks for the image before it sends anything." },
  );
}

export function noSlot(blockedBy: string): TencentAigcError {
  return new TencentAigcError(
    `No task slot became free: task ${blockedBy} has not ended. Nothing was sent for this resource, and nothing is billed.`,
    { billed: "no", nextStep: "Run `pulumi up` again once that task has ended.", taskId: blockedBy },
  );
}

export function endedAsOrdered(taskId: string): TencentAigcError {
  return new TencentAigcError(
    `The files of task ${taskId} were deleted at the time that its \`expireTime\` gave. Nothing was sent, and nothing is billed.`,
    {
      billed: "no",
      taskId,
      nextStep: "To generate, and bill, a new image, change `keepers` and set a later `outputConfig.expireTime`.",
    },
  );
}

/** A task under the user's own SessionId may be what this resource sent, or another request. */
export function notShownWhose(taskId: string): TencentAigcError {
  return new TencentAigcError(
    `sessionId: task ${taskId} was sent under it, and nothing shows whether for this resource or for another request. It may have been billed; nothing more was sent.`,
    {
      billed: "unknown",
      taskId,
      nextStep:
        "If it is this picture, take it over with `adoptTaskId`, unbilled. To generate, and bill, an image of its own, give this resource another `sessionId`, or none, and change `keepers`.",
    },
  );
}

export function anothersSessionId(taskId?: string): TencentAigcError {
  const by = taskId === undefined ? "another resource of this update" : `task ${taskId}`;
  return new TencentAigcError(
    `sessionId: ${by} uses it for another request, or does not show that it is for this one. Nothing was sent, and nothing is billed.`,
    {
      billed: "no",
      taskId,
      nextStep:
        "To take that task over, set `adoptTaskId`, unbilled. To generate, and bill, an image of its own, give this resource another `sessionId`, or none, and change `keepers`.",
    },
  );
}
