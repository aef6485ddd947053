import { isDerived } from "../generation/generationId";
import { encodeExtInfo, parseExtInfo } from "../schema/extInfo";
import { validateInputs } from "../schema/inputs";
import { isEmpty, isObject, type JsonObject, omit } from "../schema/json";
import { isListedModel } from "../schema/modelRules";
import { fromWire } from "../schema/request";
import type { AigcImageTaskInput } from "../vod/wire";

/** What the service tells in its echo of a request though nobody has sent it, or what is a name of our own. */
export interface EchoRow {
  /** Path of an input; `fileInfos.type` for that of each reference image. */
  readonly path: string;
  readonly isLeftOut: (value: unknown, beside: JsonObject, sessionId: string | undefined) => boolean;
}

const isZero = (value: unknown) => value === 0;

/** Empty texts are left out everywhere: the service echoes each field that it knows, sent or not. */
export const echoTable: readonly EchoRow[] = [
  { path: "generationMode", isLeftOut: () => true },
  { path: "seed", isLeftOut: isZero },
  { path: "outputConfig.classId", isLeftOut: isZero },
  { path: "outputConfig.outputImageCount", isLeftOut: isZero },
  { path: "outputConfig.expireTime", isLeftOut: (value) => Number.isNaN(Date.parse(String(value))) },
  // Files are born under the name of what is meant; 0.1.0 named them by the SessionId.
  {
    path: "outputConfig.mediaName",
    isLeftOut: (value, _, sessionId) => value === sessionId || (typeof value === "string" && isDerived(value)),
  },
  { path: "outputConfig.logoAdd", isLeftOut: (value) => value === "Disabled" },
  { path: "fileInfos.type", isLeftOut: (value, beside) => value === impliedType(beside) },
];

/** Models that the service echoes under another name, where that name has no such version of its own. */
const echoedNames: readonly (readonly [echoed: string, sent: string])[] = [
  ["GEM", "GG"],
  ["Mingmou", "Jimeng"],
];

/**
 * The inputs by which a program would have asked for a task, from the echo of its request. Of what is not echoed
 * (`keepers`, `inputRegion`, a Base64 picture) nothing is known.
 */
export function inputsOfEcho(echo: AigcImageTaskInput, sessionId: string | undefined): JsonObject {
  const named = fromWire(echo);
  const all = isObject(named) ? named : {};
  const { outputConfig, fileInfos, extInfo, ...rest } = cleaned(all, "", sessionId);
  const config = isObject(outputConfig) ? cleaned(outputConfig, "outputConfig.", sessionId) : {};
  const files = (Array.isArray(fileInfos) ? fileInfos : [])
    .map((file: unknown) => (isObject(file) ? cleaned(file, "fileInfos.", sessionId) : file))
    .filter((file) => !isEmpty(file));
  return acceptable({
    ...rest,
    ...modelOf(rest),
    ...(files.length > 0 ? { fileInfos: files } : {}),
    ...extInfoOf(extInfo),
    ...(isEmpty(config) ? {} : { outputConfig: config }),
  });
}

function cleaned(fields: JsonObject, prefix: string, sessionId: string | undefined): JsonObject {
  return omit(fields, (value, key) => {
    const row = echoTable.find(({ path }) => path === `${prefix}${key}`);
    return isEmpty(value) || (row?.isLeftOut(value, fields, sessionId) ?? false);
  });
}

function impliedType({ fileId, url }: JsonObject): string | undefined {
  if (!isEmpty(fileId)) return "File";
  return isEmpty(url) ? undefined : "Url";
}

function modelOf({ modelName, modelVersion }: JsonObject): JsonObject {
  const sent = echoedNames.find(([echoed]) => echoed === modelName)?.[1];
  const isAlias = sent !== undefined && !isListedModel(modelName, modelVersion) && isListedModel(sent, modelVersion);
  return isAlias ? { modelName: sent } : {};
}

/** As an object, where that says all and the same. */
function extInfoOf(extInfo: unknown): JsonObject {
  if (typeof extInfo !== "string") return {};
  const { additionalParameters, rest } = parseExtInfo(extInfo);
  const saysAll = isObject(additionalParameters) && isEmpty(rest) && encodeExtInfo(additionalParameters) === extInfo;
  return saysAll ? { additionalParameters } : { extInfo };
}

/** Without what no program could give: what the table of models does not know is allowed, what is wrong by itself goes. */
function acceptable(inputs: JsonObject): JsonObject {
  const failures = (given: JsonObject) => validateInputs(given, { allowUndocumentedModel: false });
  const ofAnyModel = { ...inputs, allowUndocumentedModel: true };
  const wrong = failures(ofAnyModel).map(({ property }) => property);
  const right = without(inputs, wrong);
  return failures(right).some(({ property }) => !wrong.includes(property))
    ? { ...right, allowUndocumentedModel: true }
    : right;
}

function without(inputs: JsonObject, paths: readonly string[]): JsonObject {
  const names = new Set(paths.map((path) => (path.startsWith("outputConfig.") ? path : path.split(/[.[]/, 1)[0])));
  const { outputConfig } = inputs;
  const config = isObject(outputConfig) ? omit(outputConfig, (_, key) => names.has(`outputConfig.${key}`)) : undefined;
  return {
    ...omit(inputs, (_, key) => names.has(key)),
    ...(config && !isEmpty(config) ? { outputConfig: config } : {}),
  };
}
