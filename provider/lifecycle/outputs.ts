import { isDerived, opaque, submissionNamed } from "../generation/generationId";
import {
  type GenerationRecord,
  type Outcome,
  type Submission,
  statuses,
  statusOf,
  taskIdOf,
} from "../generation/record";
import { nameIn } from "../resourceName";
import type { CheckedInputs } from "../schema/checkedInputs";
import { type InputPath, inputEffects, type TaskInputs } from "../schema/inputs";
import { isEmpty, isObject, type JsonObject, omit } from "../schema/json";
import { storedKeepers } from "../schema/keepers";
import { digestedFileInfo } from "../schema/request";
import { fileIdsOf, type PictureFile } from "../service/pictureFile";

/**
 * The stored outputs: the generation, the endpoint's host, and the billed inputs as they were sent, for `diff` sees no
 * old inputs. They are stored under the inputs' own names, because Pulumi keeps an output secret whose input of the
 * same name is. Outputs written by any earlier version must stay readable.
 */
export interface Outputs {
  readonly status: string;
  readonly generationId?: string;
  readonly taskId?: string;
  readonly sessionId?: string;
  /** Attempts that the service ran, this one included. */
  readonly attempt?: number;
  /** Submissions sent, those that the service never ran included; stored where it differs from `attempt`. */
  readonly submission?: number;
  readonly requestId?: string;
  readonly createTime?: string;
  readonly finishTime?: string;
  readonly errCode?: number;
  readonly errCodeExt?: string;
  /** Why a picture failed that was kept (`onFailure`). */
  readonly message?: string;
  readonly files?: readonly PictureFile[];
  readonly url?: string;
  readonly fileUrls?: readonly string[];
  /** When a request whose outcome is unknown was first sent. */
  readonly sentAt?: string;
  readonly adopted?: true;
  readonly endpoint: string;
  readonly subAppId: number;
  readonly outputConfig?: TaskInputs["outputConfig"];
  readonly [input: string]: unknown;
}

const echoed: ReadonlySet<string | undefined> = new Set(
  (Object.keys(inputEffects) as InputPath[])
    .filter((path) => inputEffects[path] === "replaces")
    .map((path) => path.split(".")[0]),
);

/** Whether an input is among the stored outputs. */
function isEchoed(input: string): boolean {
  return echoed.has(input);
}

/** Metadata of a Permanent file that is changed in place. */
export interface Metadata {
  readonly mediaName?: string | undefined;
  readonly classId?: number | undefined;
  readonly expireTime?: string | undefined;
}

export const metadataKeys = ["mediaName", "classId", "expireTime"] as const satisfies (keyof Metadata)[];

export function metadataOf(outputConfig: TaskInputs["outputConfig"]): Metadata {
  return Object.fromEntries(metadataKeys.map((key) => [key, outputConfig?.[key]]));
}

/** The metadata as last sent, in stored outputs. */
export function metadataIn(outputs: JsonObject): Metadata {
  const config = outputs["outputConfig"];
  return metadataOf(isObject(config) ? config : undefined);
}

/**
 * Outputs to store.
 * @param metadata as last sent, so that a change made while there is no file stays a difference
 */
export function outputsOf(
  inputs: CheckedInputs,
  record: GenerationRecord,
  { endpoint, metadata, urn }: { endpoint: string; metadata: Metadata; urn: string | undefined },
): Outputs {
  return storable({
    ...echoOf(inputs),
    ...recordOutputs(record, inputs.generationId),
    resourceName: urn && nameIn(urn),
    outputConfig: { ...inputs.outputConfig, ...metadata },
    endpoint,
  });
}

/** The billed inputs as they are stored: of assets and Base64 what names their content. */
export function echoOf(inputs: CheckedInputs): JsonObject {
  const fileInfos: unknown = inputs.fileInfos;
  return {
    ...omit(inputs, (value, key) => !isEchoed(key) || isEmpty(value)),
    ...(isEmpty(inputs.keepers) ? {} : { keepers: storedKeepers(inputs.keepers) }),
    ...(Array.isArray(fileInfos) && fileInfos.length > 0 ? { fileInfos: fileInfos.map(digestedFileInfo) } : {}),
  };
}

/** A generation as its outputs. */
export function recordOutputs(record: GenerationRecord, generationId: string | undefined): JsonObject {
  const { kind, submission, ...kept } = record;
  const files = record.kind === "finished" ? record.files : undefined;
  const urls = (files ?? []).flatMap(({ url }) => url ?? []);
  const { number, attempt } = submission ?? {};
  return {
    ...(generationId === undefined ? {} : { generationId }),
    ...kept,
    status: statusOf(record),
    ...(attempt === undefined ? {} : { attempt }),
    ...(number === attempt ? {} : { submission: number }),
    ...(urls.length > 0 ? { url: urls[0], fileUrls: urls } : {}),
  };
}

/** The generation that is in stored outputs. */
export function recordIn(outputs: JsonObject): GenerationRecord {
  const known = {
    ...texts(outputs, ["sessionId", "requestId", "createTime", "finishTime"]),
    ...generationIn(outputs),
    ...(outputs["adopted"] === true ? { adopted: true as const } : {}),
  };
  const task = texts(outputs, ["taskId"]);
  const { taskId = "" } = task;
  const { sessionId = "" } = known;
  const status = outputs["status"];
  switch (status) {
    case statuses.finished:
      return { ...known, ...task, kind: "finished", files: filesIn(outputs) };
    case statuses.failed: {
      const errCode = outputs["errCode"];
      const codes = texts(outputs, ["errCodeExt"]);
      return { ...known, kind: "failed", taskId, ...(typeof errCode === "number" ? { errCode } : {}), ...codes };
    }
    case statuses.unknown:
      return { ...known, kind: "unknown", sessionId, ...texts(outputs, ["sentAt"]) };
    case statuses.aged:
      return { ...known, ...task, kind: "aged" };
    default:
      return { ...known, kind: "running", taskId, status: typeof status === "string" ? status : "" };
  }
}

/** Which generation, and which submission of it. Version 0.1.0 stored no generation id: a derived SessionId holds it. */
function generationIn(outputs: JsonObject): { generationId?: string; submission?: Submission } {
  const { attempt, submission = attempt, sessionId, generationId } = outputs;
  const counts =
    typeof submission === "number"
      ? { submission: { number: submission, attempt: typeof attempt === "number" ? attempt : submission } }
      : {};
  if (typeof generationId === "string") return { generationId, ...counts };
  if (typeof sessionId !== "string" || typeof submission !== "number") return counts;
  const base = submission === 1 ? sessionId : sessionId.slice(0, -`-${submission}`.length);
  const isBase = isDerived(base) && submissionNamed(base, sessionId) === submission;
  return isBase ? { generationId: base, ...counts } : counts;
}

function texts<K extends string>(outputs: JsonObject, keys: readonly K[]): { [Key in K]?: string } {
  const given = keys.filter((key) => typeof outputs[key] === "string");
  return Object.fromEntries(given.map((key) => [key, outputs[key]])) as { [Key in K]?: string };
}

function filesIn(outputs: JsonObject): readonly PictureFile[] {
  const { files } = outputs;
  return Array.isArray(files) ? files.filter(isObject) : [];
}

/** The Pulumi id of a generation when it is first stored. */
export function idOf(record: GenerationRecord): string {
  const fileId = record.kind === "finished" ? fileIdsOf(record.files)[0] : undefined;
  const { sessionId = "" } = record;
  // A SessionId of the user's own is input text, which no id may show.
  const shown = isDerived(sessionId) ? sessionId : opaque(sessionId);
  return taskIdOf(record) ?? (fileId === undefined ? `unknown:${shown}` : `files:${fileId}`);
}

/** A resource that is in state without being ready: its id and outputs are stored, its reasons are shown. */
export class NotReady extends Error {
  readonly reasons: readonly string[];

  constructor(
    readonly id: string,
    readonly outputs: Outputs,
    { problem = [] }: Outcome,
  ) {
    super(problem.join(" "));
    this.reasons = problem;
  }
}

/** Nothing that the wire cannot carry, and nothing that says nothing: one `undefined` would lose the whole result. */
function storable(outputs: JsonObject): Outputs {
  return stored(outputs) as Outputs;
}

function stored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => stored(item) ?? null);
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, stored(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined && item !== null));
  }
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") return String(value);
  return typeof value === "number" && !Number.isFinite(value) ? undefined : value;
}
