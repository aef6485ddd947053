import { TencentAigcError } from "../vod/errors";
import type { FoundFiles, FoundTask, LookDependencies } from "./found";
import { finished, type Outcome } from "./generated";
import type { Intention } from "./intention";
import type { Library } from "./library";
import { findTask } from "./listing";
import { lookAtTask } from "./look";
import type { TaskState } from "./task";

/**
 * Takes over Permanent files instead of generating.
 * @throws where the library does not have one of them: nothing is billed
 */
export async function adoptFiles(library: Library, fileIds: readonly string[]): Promise<Outcome> {
  const { present } = await library.files(fileIds);
  const missing = fileIds.filter((fileId) => !present.has(fileId));
  if (missing.length > 0) {
    throw new TencentAigcError(
      `adoptFileIds: the media library has no file ${missing.join(", ")}. Nothing was sent, and nothing is billed.`,
      { billed: "no", nextStep: "Check the FileIds and `subAppId`, or remove `adoptFileIds` to generate the image." },
    );
  }
  const files = fileIds.flatMap((fileId) => {
    const { name: _, ...file } = present.get(fileId) ?? { name: "" };
    return "url" in file ? [file] : [];
  });
  return { generated: { status: finished, adopted: true, files }, reused: true };
}

/**
 * An explicit `sessionId` may be another request's. What is found under it is refused where its request plainly
 * differs; a model's alias and a default that the service filled in are no difference.
 */
export function refuseOtherRequest(intention: Intention, task: Pick<FoundTask, "taskId">, state: TaskState): void {
  const { request } = intention;
  const { echo } = state;
  const enhanced = request.EnhancePrompt === "Enabled";
  const differs =
    (!enhanced && plainlyDiffer(request.Prompt, echo?.Prompt)) ||
    plainlyDiffer(request.NegativePrompt, echo?.NegativePrompt) ||
    plainlyDiffer(request.SceneType, echo?.SceneType);
  if (!differs) return;
  throw new TencentAigcError(
    `sessionId: task ${task.taskId} was sent under this SessionId with another request. Nothing was sent, and nothing is billed.`,
    {
      billed: "no",
      taskId: task.taskId,
      nextStep: "Give this resource a `sessionId` of its own, or none; to take that task over, set `adoptTaskId`.",
    },
  );
}

/** Files tell nothing of their request: their task does, for as long as the service knows it. */
export async function refuseOtherFiles(
  { client, clock }: Pick<LookDependencies, "client" | "clock">,
  intention: Intention,
  { taskId: journaled, sessionId }: FoundFiles,
): Promise<void> {
  const subAppId = intention.request.SubAppId;
  const taskId = journaled ?? (await findTask(client, clock, { subAppId, sessionId, patient: false }))?.TaskId;
  const state = taskId === undefined ? undefined : await lookAtTask(client, taskId, subAppId);
  if (taskId === undefined || state === undefined || state.kind === "notFound") return;
  refuseOtherRequest(intention, { taskId }, state);
}

function plainlyDiffer(sent: string | undefined, echoed: string | null | undefined): boolean {
  return Boolean(sent) && Boolean(echoed) && sent !== echoed;
}
