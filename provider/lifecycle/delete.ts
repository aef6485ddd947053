import { shownSessionId } from "../generation/messages";
import { type GenerationRecord, isWithoutFile } from "../generation/record";
import type { JsonObject } from "../schema/json";
import { fileIdsOf } from "../service/pictureFile";
import type { Context } from "./context";
import { type LeftFile, leftPicture } from "./leftFile";
import { metadataIn, recordIn } from "./outputs";

interface RemoveContext extends Pick<Context, "progress"> {
  /** Undefined where the settings cannot be used: then the journal is left as it is. */
  readonly generation: Context["generation"] | undefined;
  readonly leftFile: LeftFile;
}

/**
 * Forgets a picture and deletes nothing that was paid for. Says what stays at the service and how to take it over, so
 * that nothing is lost; `outputConfig.expireTime` has VOD delete files on that date.
 */
export async function remove(outputs: JsonObject, { generation, progress, leftFile }: RemoveContext): Promise<void> {
  const record = recordIn(outputs);
  const { resourceName, subAppId, generationId } = outputs;
  const task = "taskId" in record && record.taskId ? `task ${record.taskId}` : "a picture";
  const what = typeof resourceName === "string" ? `${resourceName} (${task})` : task;
  // Without a URN: the one at hand may be from before a rename, and is another resource's now.
  // Awaited, for the process may end with this verb.
  await progress.note(`${what} is forgotten, not deleted; ${leftOf(record)}`);
  await leftFile.add(leftPicture(outputs, record, Date.now()));
  const id = record.generationId ?? (typeof generationId === "string" ? generationId : undefined);
  if (id !== undefined) await generation?.memory.remember(record, id, Number(subAppId), metadataIn(outputs).expireTime);
}

/** What stays at the service. */
function leftOf(record: GenerationRecord): string {
  const fileIds = record.kind === "finished" ? fileIdsOf(record.files) : [];
  if (fileIds.length > 0) {
    return `its files stay in the media library: ${fileIds.join(", ")}. Take them over with adoptFileIds, unbilled.`;
  }
  if (record.kind === "aged") {
    return "it is older than the 3 days for which the service answers, and no file of it was seen. It may have been billed.";
  }
  if (record.kind === "unknown") return `a request with ${shownSessionId(record.sessionId)} may have been billed.`;
  if (record.kind === "failed" && !isWithoutFile(record)) return "it ended without a picture.";
  return "it has no file in the media library. Take it over within 3 days with adoptTaskId, unbilled.";
}
