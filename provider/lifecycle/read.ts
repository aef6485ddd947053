import { finished, type Generated } from "../generation/generated";
import type { PictureFile } from "../generation/task";
import { failureOf } from "../generation/verdict";
import type { JsonObject } from "../schema/json";
import type { Context } from "./context";
import { endpointRelation } from "./endpoints";
import { fileIdsIn, generatedIn, isFinished } from "./outputs";

/** A Temporary file's URL is valid for 7 days (OutputConfig.StorageMode). */
const temporaryLifeMs = 7 * 24 * 3_600_000;

export interface ReadResult {
  /** Empty for what is gone. */
  readonly id: string;
  readonly props: JsonObject;
}

/**
 * What the service says of a stored picture. Changes nothing that the service does not contradict: a stored URL stays
 * while its file exists, whatever URL the service would give today, so that no refresh touches what depends on it.
 */
export async function read(id: string, outputs: JsonObject, context: Context): Promise<ReadResult> {
  if (endpointRelation(outputs, context) === "stateIsEmulated") return { id, props: outputs };
  const stored = generatedIn(outputs);
  const subAppId = Number(outputs["subAppId"]);
  const { taskId } = stored;
  const news = isFinished(stored) || taskId === undefined ? {} : await newsOf(taskId, subAppId, context);
  const props = { ...outputs, ...news };
  const seen = generatedIn(props);
  if (!isFinished(seen)) return { id, props };
  const fileIds = fileIdsIn(seen.files);
  const { absent } = await context.libraryOf(subAppId).files(fileIds);
  if (fileIds.length > 0 && fileIds.every((fileId) => absent.has(fileId))) return { id: "", props: {} };
  const files = (seen.files ?? [])
    .filter((file) => file.fileId === undefined || !absent.has(file.fileId))
    .map((file) => withExpiry(file, props, context));
  return { id, props: { ...props, files } };
}

/** What has become of a task that was under way, or that failed, when last seen. */
async function newsOf(taskId: string, subAppId: number, { generation }: Context): Promise<Partial<Generated>> {
  const state = await generation.look(taskId, subAppId);
  switch (state.kind) {
    case "notFound":
      return {};
    case "running":
      return { status: state.status || "PROCESSING", ...state.times };
    case "failed":
      return failureOf(state);
    case "finished":
      return { status: finished, ...state.times, files: state.files };
  }
}

function withExpiry(file: PictureFile, outputs: JsonObject, { client }: Context): PictureFile {
  const config = outputs["outputConfig"] as { expireTime?: string } | undefined;
  const end = file.fileId
    ? Date.parse(config?.expireTime ?? "")
    : Date.parse(String(outputs["finishTime"] ?? "")) + temporaryLifeMs;
  const now = client.serviceNow() ?? Date.now();
  return now > end ? { ...file, expired: true } : file;
}
