import type { Generated, Outcome } from "../generation/generated";
import { finished } from "../generation/generated";
import type { PictureFile } from "../generation/task";
import { type InputPath, inputEffects, type TaskInputs } from "../schema/inputs";
import { isEmpty, isObject, type JsonObject, omit } from "../schema/json";
import { digestBase64 } from "../schema/request";

/**
 * The stored outputs: the generation, the endpoint's host, and the billed inputs as they were sent, for `diff` sees no
 * old inputs. They are stored under the inputs' own names, because Pulumi keeps an output secret whose input of the
 * same name is. Outputs written by any earlier version must stay readable.
 */
export interface Outputs extends Generated {
  readonly endpoint: string;
  readonly subAppId: number;
  readonly outputConfig?: TaskInputs["outputConfig"];
  readonly keepers?: JsonObject;
  readonly [input: string]: unknown;
}

const echoed = new Set(
  (Object.keys(inputEffects) as InputPath[])
    .filter((path) => inputEffects[path] === "replaces")
    .map((path) => path.split(".")[0]),
);

const generatedKeys = {
  status: true,
  taskId: true,
  sessionId: true,
  attempt: true,
  submission: true,
  requestId: true,
  createTime: true,
  finishTime: true,
  errCode: true,
  errCodeExt: true,
  files: true,
  sentAt: true,
  adopted: true,
} satisfies Record<keyof Generated, true>;

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

/**
 * Outputs to store.
 * @param metadata as last sent, so that a change made while there is no file stays a difference
 */
export function outputsOf(inputs: TaskInputs, generated: Generated, endpoint: string, metadata: Metadata): Outputs {
  const echo = omit(inputs, (value, key) => !echoed.has(key) || isEmpty(value));
  const outputConfig = { ...inputs.outputConfig, ...metadata };
  const outputs = {
    ...echo,
    ...(inputs.fileInfos ? { fileInfos: inputs.fileInfos.map(withoutBytes) } : {}),
    ...generated,
    outputConfig,
    endpoint,
  };
  return stored(outputs) as Outputs;
}

/** The generation that is in stored outputs. */
export function generatedIn(outputs: JsonObject): Generated {
  const kept = omit(outputs, (_, key) => !Object.hasOwn(generatedKeys, key));
  return { status: "", ...kept } as Generated;
}

/** The Pulumi id of a generation when it is first stored. */
export function idOf({ taskId, files, sessionId }: Generated): string {
  const fileId = files?.find((file) => file.fileId)?.fileId;
  return taskId ?? (fileId === undefined ? `unknown:${sessionId}` : `files:${fileId}`);
}

export function fileIdsIn(files: readonly PictureFile[] | undefined): string[] {
  return (files ?? []).flatMap((file) => file.fileId ?? []);
}

/** Whether there is a picture: any other status asks for an update. */
export function isFinished(generated: Generated): boolean {
  return generated.status === finished;
}

/**
 * A resource that is in state without being ready. Pulumi stores `id` and `properties`, shows `reasons`, and calls
 * `update` at the next `up`.
 */
export function notReady(id: string, outputs: Outputs, provider: unknown, outcome: Outcome): Error {
  const reasons = [...(outcome.problem ?? [])];
  // The host adds `__provider` to what is returned, not to what is thrown; without it no later verb finds its code.
  const properties = provider === undefined ? outputs : { ...outputs, __provider: provider };
  return Object.assign(new Error(reasons.join(" ")), { id, properties, reasons });
}

function withoutBytes(file: NonNullable<TaskInputs["fileInfos"]>[number]) {
  return file.base64 ? { ...file, base64: digestBase64(file.base64) } : file;
}

/** Nothing that the wire cannot carry, and nothing that says nothing: one `undefined` would lose the whole result. */
function stored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => stored(item) ?? null);
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, stored(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined && item !== null));
  }
  if (typeof value === "bigint" || typeof value === "function" || typeof value === "symbol") return String(value);
  return typeof value === "number" && !Number.isFinite(value) ? undefined : value;
}
