import { type FinishedRecord, type GenerationRecord, taskIdOf } from "../generation/record";
import { isObject, type JsonObject, omit } from "../schema/json";
import { fileLagMs } from "../service/follow";
import { fileIdsOf, type PictureFile } from "../service/pictureFile";
import { TencentAigcError } from "../vod/errors";
import type { Context } from "./context";
import { endpointRelation } from "./endpoints";
import { isKept, keptOutputs } from "./keep";
import { metadataIn, recordIn, recordOutputs } from "./outputs";

export interface ReadResult {
  /** Empty for what is gone. */
  readonly id: string;
  readonly props: JsonObject;
}

/**
 * What the service says of a stored picture. Changes nothing that the service does not contradict: a stored URL stays
 * while its file exists, whatever URL the service would give today, and nothing depends on the time of day, so that no
 * refresh touches what is made from it.
 */
export async function read(id: string, outputs: JsonObject, context: Context): Promise<ReadResult> {
  if (endpointRelation(outputs, context) === "stateIsEmulated") return { id, props: outputs };
  const subAppId = Number(outputs["subAppId"]);
  const stored = recordIn(outputs);
  const news = await newsOf(stored, imagesAsked(outputs), subAppId, context);
  const record = news ?? stored;
  const props = news ? withNews(outputs, stored, news) : outputs;
  if (record.kind !== "finished") return { id, props };
  const gone = await goneFiles(record, metadataIn(outputs).expireTime, subAppId, context);
  if (gone.size === 0) return { id, props };
  const files = record.files.filter(({ fileId }) => fileId === undefined || !gone.has(fileId));
  return files.length === 0
    ? { id: "", props: {} }
    : { id, props: { ...props, ...recordOutputs({ ...record, files }, undefined) } };
}

/** Stored outputs with how the task ended, or goes on, by now. */
function withNews(outputs: JsonObject, stored: GenerationRecord, news: GenerationRecord): JsonObject {
  const kept = isKept(outputs, stored) ? keptOutputs(news, "keep") : {};
  return { ...omit(outputs, (_, key) => ofAnEnding.has(key)), ...recordOutputs(news, undefined), ...kept };
}

const ofAnEnding: ReadonlySet<string> = new Set(["errCode", "errCodeExt", "message", "files", "url", "fileUrls"]);

/** What has become of a task that was under way, that failed, or that had told a part of its files when last seen. */
async function newsOf(
  stored: GenerationRecord,
  asked: number,
  subAppId: number,
  { generation }: Context,
): Promise<GenerationRecord | undefined> {
  const taskId = taskIdOf(stored);
  const isWhole = stored.kind === "finished" && stored.files.length >= asked;
  if (isWhole || !taskId) return undefined;
  const look = await generation.look(taskId, subAppId);
  if (look.kind === "unknown") throw notRead(look.why);
  if (look.kind === "absent" || look.value.kind === "noSuchTask") return undefined;
  const report = look.value;
  if (stored.kind === "finished") {
    const hasMore = report.kind === "finished" && report.files.length > stored.files.length;
    return hasMore ? { ...stored, files: report.files.map((file) => storedFile(file, stored)) } : undefined;
  }
  const { generationId, sessionId, submission, requestId, adopted } = stored;
  const known = {
    ...(generationId === undefined ? {} : { generationId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(submission === undefined ? {} : { submission }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(adopted ? { adopted } : {}),
    ...report.times,
    taskId,
  };
  switch (report.kind) {
    case "running":
      return { ...known, kind: "running", status: report.status || "PROCESSING" };
    case "finished":
      return { ...known, kind: "finished", files: report.files };
    case "failed": {
      const { errCode, errCodeExt } = report;
      const codes = {
        ...(errCode === undefined ? {} : { errCode }),
        ...(errCodeExt === undefined ? {} : { errCodeExt }),
      };
      return { ...known, kind: "failed", ...codes };
    }
    default:
      // Its files may be told yet: the next update looks for them.
      return undefined;
  }
}

/** A file that is stored stays as it is, whatever URL the task gives today. */
function storedFile(file: PictureFile, { files }: FinishedRecord): PictureFile {
  return files.find(({ fileId, url }) => fileId !== undefined && fileId === file.fileId && url !== undefined) ?? file;
}

/** How many images the stored request named. */
function imagesAsked({ outputConfig }: JsonObject): number {
  const count = isObject(outputConfig) ? outputConfig["outputImageCount"] : undefined;
  return typeof count === "number" ? count : 1;
}

/**
 * The files that the service reports absent, twice and a minute apart. None where one of them has reached the end that
 * was ordered for it, and none while they are so young that the library may not show them yet.
 */
async function goneFiles(
  { files, finishTime }: FinishedRecord,
  expireTime: string | undefined,
  subAppId: number,
  { libraryOf, clock, now, cancelled }: Context,
): Promise<ReadonlySet<string>> {
  const fileIds = fileIdsOf(files);
  let gone = await absentFiles(fileIds);
  const isYoung = now() - Date.parse(finishTime ?? "") <= fileLagMs;
  const hasEnded = Date.parse(expireTime ?? "") <= now();
  if (hasEnded) return new Set();
  // What was said of a young file does not count.
  for (let asked = isYoung ? 0 : 1; asked < 2 && gone.length > 0; asked++) {
    await clock.sleep(fileLagMs, cancelled);
    gone = await absentFiles(gone);
  }
  return new Set(gone);

  async function absentFiles(asked: readonly string[]): Promise<string[]> {
    const looks = await libraryOf(subAppId).files(asked);
    const unanswered = looks.find((look) => look.kind === "unknown");
    if (unanswered?.kind === "unknown") throw notRead(unanswered.why);
    return asked.filter((_, index) => looks[index]?.kind === "absent");
  }
}

function notRead(why: string): TencentAigcError {
  return new TencentAigcError(`${why} The picture was not read, and state is as it was.`, {
    billed: "no",
    nextStep: "Run `pulumi refresh` again once it can be asked.",
  });
}
