import type { Configuration } from "../configuration";
import { isDerived } from "../generation/generationId";
import { endedWithoutPicture } from "../generation/messages";
import type { GenerationRecord } from "../generation/record";
import { type CheckedInputs, checkedInputs } from "../schema/checkedInputs";
import { validateInputs } from "../schema/inputs";
import { isEmpty, isObject, type JsonObject } from "../schema/json";
import { fileIdsOf } from "../service/pictureFile";
import type { TaskReport } from "../service/task";
import { TencentAigcError } from "../vod/errors";
import { completed } from "./check";
import type { Context, VerbOptions } from "./context";
import { inputsOfEcho } from "./echo";
import { derivedId } from "./intention";
import { idOf, metadataOf, type Outputs, outputsOf } from "./outputs";

export interface Imported {
  readonly id: string;
  readonly inputs: CheckedInputs;
  readonly outputs: Outputs;
}

/** What an import names: a task of the last 3 days, or a Permanent file of any age. */
export interface ImportId {
  readonly kind: "task" | "file";
  readonly name: string;
  /** Absent where the id does not say it. */
  readonly subAppId?: number;
}

/** `<TaskId>`, `<FileId>` or either after `<SubAppId>/`; `files:` is how an id begins that this package has given. */
export function importIdOf(id: string): ImportId {
  const [, given, name = ""] = /^(?:(\d+)\/)?(?:files:)?(.*)$/s.exec(id.trim()) ?? [];
  const [, ofTask] = /^(\d+)-/.exec(name) ?? [];
  const subAppId = given ?? ofTask;
  return { kind: name.includes("-") ? "task" : "file", name, ...(subAppId ? { subAppId: Number(subAppId) } : {}) };
}

/**
 * A picture that exists, by its id alone: the inputs by which a program would have asked for it, and its outputs. Asks,
 * and changes and sends nothing: it is taken over, never billed or announced.
 *
 * @param given what else the program says of it, such as `subAppId`
 * @returns undefined where the service says that there is no such picture
 */
export async function importPicture(
  id: string,
  given: JsonObject,
  options: VerbOptions,
  context: Context,
): Promise<Imported | undefined> {
  const asked = importIdOf(id);
  const subAppId = asked.subAppId ?? numberIn(given["subAppId"]) ?? context.configuration.subAppId;
  if (subAppId === undefined) throw withoutSubAppId(asked.name);
  const picture = await (asked.kind === "task" ? taskOf : fileOf)(asked.name, subAppId, context);
  if (picture === undefined) return undefined;
  const { record } = picture;
  const inputs = named({ ...picture.inputs, subAppId }, options, context.configuration);
  const metadata = metadataOf(inputs.outputConfig);
  const outputs = outputsOf(inputs, record, { endpoint: context.client.host, metadata, urn: options.urn });
  return { id: idOf(record), inputs, outputs };
}

interface Picture {
  readonly record: GenerationRecord;
  readonly inputs: JsonObject;
}

async function fileOf(
  fileId: string,
  subAppId: number,
  { generation, libraryOf }: Context,
): Promise<Picture | undefined> {
  const [look] = await libraryOf(subAppId).files([fileId]);
  if (look?.kind === "absent") return undefined;
  if (look?.kind !== "found") throw notAsked(look?.why ?? "");
  const { record } = await generation.adoptFiles(subAppId, [fileId]);
  return { record, inputs: { adoptFileIds: [fileId] } };
}

async function taskOf(taskId: string, subAppId: number, context: Context): Promise<Picture | undefined> {
  const look = await context.generation.look(taskId, subAppId);
  if (look.kind === "unknown") throw notAsked(look.why);
  if (look.kind === "absent" || look.value.kind === "noSuchTask") return undefined;
  const report = look.value;
  const record = recordOf(taskId, report);
  const echoed = inputsOfEcho(report.echo ?? {}, report.sessionId);
  const inputs = {
    ...echoed,
    outputConfig: await outputConfigOf(echoed["outputConfig"], record, report, subAppId, context),
  };
  const isWhole = validateInputs({ ...inputs, subAppId }, { allowUndocumentedModel: false }).length === 0;
  // What cannot be asked for anew, such as a picture made from Base64 alone, is taken over for as long as it is held.
  return { record, inputs: isWhole ? inputs : { ...inputs, adoptTaskId: taskId } };
}

function recordOf(taskId: string, report: TaskReport): GenerationRecord {
  const known = { taskId, adopted: true as const, ...report.times };
  switch (report.kind) {
    case "finished":
      return { ...known, kind: "finished", files: report.files };
    case "running":
      return { ...known, kind: "running", status: report.status || "PROCESSING" };
    case "noFile":
      return { ...known, kind: "failed" };
    case "failed":
      throw new TencentAigcError(endedWithoutPicture(taskId, report), {
        taskId,
        billed: "no",
        nextStep: "There is nothing to import; nothing was sent.",
      });
  }
}

/** What the echo of a request says of its files, and the name that they have been given since. */
async function outputConfigOf(
  echoed: unknown,
  record: GenerationRecord,
  { echo }: TaskReport,
  subAppId: number,
  context: Context,
): Promise<JsonObject> {
  const config = isObject(echoed) ? echoed : {};
  const files = record.kind === "finished" ? record.files : [];
  // The service's own default, where nothing was sent and no file tells it.
  const storageMode = config["storageMode"] ?? files[0]?.storageMode ?? "Temporary";
  const bornAs = echo?.OutputConfig?.MediaName ?? "";
  const [fileId] = fileIdsOf(files);
  // Without a name in its request a file has one that the service has made up.
  if (fileId === undefined || isEmpty(bornAs)) return { ...config, storageMode };
  const [look] = await context.libraryOf(subAppId).files([fileId]);
  if (look?.kind === "unknown") throw notAsked(look.why);
  const name = look?.kind === "found" ? look.value.name : "";
  return isEmpty(name) || isDerived(name) ? { ...config, storageMode } : { ...config, storageMode, mediaName: name };
}

/** With what a check adds: its next one finds the same picture meant, and announces nothing. */
function named(inputs: JsonObject, options: VerbOptions, configuration: Configuration): CheckedInputs {
  const complete = checkedInputs({ ...completed(inputs, configuration), generationId: "" });
  return { ...complete, generationId: derivedId(complete, options) };
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function notAsked(why: string): TencentAigcError {
  return new TencentAigcError(`${why} The picture was not imported.`, {
    billed: "no",
    nextStep: "Nothing was sent. Import it again once it can be asked.",
  });
}

function withoutSubAppId(name: string): TencentAigcError {
  return new TencentAigcError(`A FileId alone does not say which VOD application has it, and no \`subAppId\` is set.`, {
    billed: "no",
    nextStep: `Nothing was sent. Import it as <subAppId>/${name}.`,
  });
}
