import { submissionIn } from "../generation/found";
import type { JsonObject } from "../schema/json";
import type { Context } from "./context";
import { fileIdsIn, generatedIn } from "./outputs";

/**
 * Forgets a picture and deletes nothing that was paid for. Says what stays at the service and how to take it over, so
 * that nothing is lost; `outputConfig.expireTime` lets files end by themselves.
 */
export async function remove(
  outputs: JsonObject,
  { generation, progress }: Pick<Context, "progress"> & { readonly generation: Context["generation"] | undefined },
): Promise<void> {
  const { taskId, sessionId, files, submission, attempt } = generatedIn(outputs);
  const fileIds = fileIdsIn(files);
  const left =
    fileIds.length > 0
      ? `its files stay in the media library: ${fileIds.join(", ")}. Take them over with adoptFileIds, unbilled.`
      : taskId !== undefined
        ? "it has no file in the media library. Take it over within 3 days with adoptTaskId, unbilled."
        : `a request with SessionId ${sessionId} may have been billed.`;
  // Without a URN: the one at hand may be from before a rename, and is another resource's now.
  // Awaited, for the process may end with this verb.
  await progress.note(`${taskId === undefined ? "A picture" : `Task ${taskId}`} is forgotten, not deleted; ${left}`);
  const count = submission ?? attempt ?? 1;
  if (taskId === undefined || sessionId === undefined) return;
  const base = submissionIn(sessionId) === count && count > 1 ? sessionId.slice(0, -`-${count}`.length) : sessionId;
  await generation?.settle({ subAppId: Number(outputs["subAppId"]), base }, taskId);
}
