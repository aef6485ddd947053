import { createHash } from "node:crypto";
import { z } from "zod";
import type { CreateAigcImageTaskRequest } from "../vod/wire";
import { hashedAsset } from "./assets";
import { billedInputs } from "./effects";
import { comparableExtInfo, encodeExtInfo } from "./extInfo";
import { canonicalValue, isEmpty, isGiven, isObject, type JsonObject, omit } from "./json";
import { plainUrls } from "./pictureUrl";
import { isUnknown } from "./unknown";
import * as values from "./values";

/** Greatest length of a SessionId (parameter SessionId). */
export const sessionIdMaxLength = 50;
/** Greatest length of a SessionContext (parameter SessionContext). */
export const sessionContextMaxLength = 1000;

interface Reason {
  readonly error: string | ((issue: { readonly input?: unknown }) => string);
}

const required = (allowed: string): Reason => ({
  error: ({ input }) => (input === undefined ? `is required: it ${allowed}` : allowed),
});

// Lengths are refinements: the length checks of zod look at whatever has a `length`, an object of the user's own too.
export const filledText = (reason: Reason) => z.string(reason).refine((value) => value !== "", reason);
const text = () => z.string({ error: "must be a text" }).optional();
const textUpTo = (length: number) => {
  const error = `must be a text of at most ${length} characters`;
  return z
    .string({ error })
    .refine((value) => value.length <= length, { error })
    .optional();
};
const integer = (allowed: string, least: number, greatest = Number.MAX_SAFE_INTEGER) => {
  const error = `must be ${allowed}, written as a number without quotes`;
  return z.int({ error }).min(least, { error }).max(greatest, { error }).optional();
};
const oneOf = <const T extends Record<string, string>>(set: T) =>
  z.enum(set, { error: `must be ${Object.values(set).join(" or ")}` }).optional();
const name = (allowed: string) => filledText({ error: allowed }).optional();

/** A reference image (AigcImageTaskInputFileInfo). */
const fileInfoShape = {
  type: oneOf(values.FileInfoType),
  fileId: name("must be the FileId of a media file in VOD"),
  url: z.url({ protocol: /^https?$/, error: "must be an http or https URL that the service can reach" }).optional(),
  base64: name("must be a picture's bytes as Base64 text"),
  text: text(),
  referenceType: name("must be the name of a reference type"),
};
const fileInfos = <T extends z.ZodRawShape>(shape: T, error: string) =>
  z.array(z.strictObject(shape, { error }), { error: "must be a list of reference images" }).optional();

/** Reference images as inputs: an asset is no field of the request, its bytes are sent as Base64. */
export const fileInfosInput = fileInfos(
  { ...fileInfoShape, asset: z.unknown().optional() },
  "must be an object with a fileId, a url, an asset or a base64",
);

/** The output media file (AigcImageOutputConfig). */
const outputConfig = z.strictObject(
  {
    storageMode: oneOf(values.StorageMode),
    mediaName: textUpTo(64),
    classId: integer("an integer from 0, the ID of a VOD class", 0),
    expireTime: z.iso
      .datetime({ offset: true, error: "must be a time in ISO 8601 with its zone, such as 2030-01-31T00:00:00Z" })
      .optional(),
    resolution: name("must be the name of a resolution"),
    aspectRatio: name("must be an aspect ratio"),
    personGeneration: oneOf(values.PersonGeneration),
    inputComplianceCheck: oneOf(values.Toggle),
    outputComplianceCheck: oneOf(values.Toggle),
    outputImageCount: integer("an integer from 1", 1),
    outputFormat: oneOf(values.OutputFormat),
    logoAdd: oneOf(values.Toggle),
  },
  { error: "must be an object" },
);

/** The request's fields one by one, in camelCase; what ties fields to one another or to a model is in the rules. */
export const requestShape = {
  subAppId: integer("a positive integer, the ID of a VOD application", 1),
  modelName: filledText(required("must be the name of a model")),
  modelVersion: filledText(required('must be the version of a model, as a text such as "3.0"')),
  fileInfos: fileInfos(fileInfoShape, "must be an object with a fileId, a url or a base64"),
  prompt: text(),
  negativePrompt: text(),
  enhancePrompt: oneOf(values.Toggle),
  outputConfig: outputConfig.optional(),
  inputRegion: oneOf(values.InputRegion),
  sceneType: name("must be the name of a scene type"),
  seed: integer("an integer", Number.MIN_SAFE_INTEGER),
  sessionId: textUpTo(sessionIdMaxLength),
  sessionContext: textUpTo(sessionContextMaxLength),
  // The page's example sends "10". A number is what its table says, and what every SDK sends.
  tasksPriority: integer("an integer from -10 to 10", -10, 10),
  extInfo: text(),
};

/** ExtInfo's content as an object. No field of the request: it is encoded into one. */
export const additionalParametersShape = z
  .custom<JsonObject>(isObject, { error: "must be an object, such as { size: ... }" })
  .optional();

/** The request's 15 fields (CreateAigcImageTask, section 2), in camelCase. */
export const requestSchema = z.strictObject(requestShape, { error: "must be an object" });

/** A request, as the inputs of a resource give it. */
export type ImageRequest = z.infer<typeof requestSchema> & { additionalParameters?: JsonObject | undefined };

/** The mode in which a picture is stored here when nothing is said. The API's own default loses it after 7 days. */
export const defaultStorageMode = values.StorageMode.Permanent;

/**
 * The request that crosses the wire, without the bytes of local files. Other inputs may be in the same object and are
 * not sent.
 */
export function toWire(request: ImageRequest): CreateAigcImageTaskRequest {
  const { additionalParameters, extInfo, fileInfos } = request;
  const outputConfig = {
    ...request.outputConfig,
    storageMode: request.outputConfig?.storageMode ?? defaultStorageMode,
  };
  const fields: JsonObject = {
    ...request,
    fileInfos: fileInfos?.map((item) => wireNamed({ ...withoutAsset(item), type: typeOf(item) })),
    outputConfig: wireNamed(outputConfig),
    extInfo: additionalParameters && !isEmpty(additionalParameters) ? encodeExtInfo(additionalParameters) : extInfo,
  };
  return wireNamed(
    omit(fields, (_, key) => !Object.hasOwn(requestShape, key)),
  ) as unknown as CreateAigcImageTaskRequest;
}

function wireNamed(fields: JsonObject): unknown {
  return renamed(omit(fields, isEmpty), pascalCase);
}

/** A request that came over the wire, in camelCase and otherwise as it is, right or wrong. */
export function fromWire(request: unknown): unknown {
  const named = renamed(request, camelCase);
  if (!isObject(named)) {
    return named;
  }
  const nested = {
    ...(isObject(named["outputConfig"]) && { outputConfig: renamed(named["outputConfig"], camelCase) }),
    ...(Array.isArray(named["fileInfos"]) && {
      fileInfos: named["fileInfos"].map((item: unknown) => renamed(item, camelCase)),
    }),
  };
  return { ...named, ...nested };
}

/** The API's spelling of an input's path: `OutputConfig.Resolution` for `outputConfig.resolution`. */
export function wirePath(property: string): string {
  return property.split(".").map(pascalCase).join(".");
}

const pascalCase = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);
const camelCase = (key: string) => key.charAt(0).toLowerCase() + key.slice(1);

function renamed(value: unknown, rename: (key: string) => string): unknown {
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [rename(key), inner]))
    : value;
}

/** How a reference image is given; the page's own example leaves it out. */
function typeOf(item: JsonObject): unknown {
  if (!isEmpty(item["type"])) {
    return item["type"];
  }
  const { File, Url, Base64 } = values.FileInfoType;
  const sources = { fileId: File, url: Url, base64: Base64, asset: Base64 };
  return Object.entries(sources).find(([key]) => !isEmpty(item[key]))?.[1];
}

/** An asset's bytes are read when they are sent; until then only their digest is there. */
function withoutAsset(item: JsonObject): JsonObject {
  return isGiven(item["asset"]) ? omit(item, (_, key) => key === "asset" || key === "base64") : item;
}

const digestPrefix = "sha256:";

/** Whether a text is a digest, which is what is kept of a Base64 value. */
export function isDigest(base64: unknown): boolean {
  return typeof base64 === "string" && base64.startsWith(digestPrefix);
}

/**
 * A Base64 value as the digest that state and differences have in its place. A digest stays itself, and so does a value
 * that is not known yet.
 */
export function digestBase64(base64: string): string {
  // Base64 has no colon, so a digest is never mistaken for a picture.
  return base64.startsWith(digestPrefix) || isUnknown(base64)
    ? base64
    : digestPrefix + createHash("sha256").update(base64, "utf8").digest("hex");
}

const isBilled = (path: string) => (billedInputs as readonly string[]).includes(path);

/**
 * What of the inputs is billed, in one form for equal content: the same whichever way ExtInfo is given, whatever the
 * order of keys, whether something is absent, empty or null. What is stored compares equal to what was sent, since a
 * Base64 value and its digest have the same form. Takes checked or stored inputs, unknowns included.
 *
 * Frozen: a SessionId is derived from it, and another result for the same inputs would bill every picture again.
 *
 * @param textForm gives each text its one form
 */
export function canonicalRequest(inputs: object, textForm = plainUrls): JsonObject {
  const given = inputs as JsonObject;
  const { fileInfos, outputConfig, extInfo, additionalParameters } = given;
  const content = typeof extInfo === "string" && !isUnknown(extInfo) ? comparableExtInfo(extInfo) : { rest: extInfo };
  const fields: JsonObject = {
    ...omit(given, (_, key) => !Object.hasOwn(requestShape, key) || !isBilled(key)),
    fileInfos: Array.isArray(fileInfos) ? fileInfos.map(canonicalFileInfo) : fileInfos,
    outputConfig: canonicalOutputConfig(outputConfig),
    additionalParameters: isEmpty(additionalParameters) ? content.additionalParameters : additionalParameters,
    extInfo: content.rest,
  };
  return omit(canonicalValue(fields, textForm) as JsonObject, isEmpty);
}

/**
 * A reference image with its bytes as their digest. Those of an asset count as the same bytes in Base64, of which `check`
 * puts the digest beside it: no SDK reads an asset that has neither path nor content.
 */
export function digestedFileInfo(item: unknown): unknown {
  if (!isObject(item)) {
    return item;
  }
  const { asset, ...given } = item;
  const ofAsset = isUnknown(asset) ? asset : hashedAsset(asset);
  const base64 = isEmpty(given["base64"]) ? ofAsset : given["base64"];
  return isEmpty(base64) ? given : { ...given, base64: typeof base64 === "string" ? digestBase64(base64) : base64 };
}

function canonicalFileInfo(item: unknown): unknown {
  return isObject(item) ? omit({ ...(digestedFileInfo(item) as JsonObject), type: typeOf(item) }, isEmpty) : item;
}

function canonicalOutputConfig(outputConfig: unknown): unknown {
  if (!isEmpty(outputConfig) && !isObject(outputConfig)) {
    return outputConfig;
  }
  const billed = omit(
    (outputConfig ?? {}) as JsonObject,
    (value, key) => isEmpty(value) || !isBilled(`outputConfig.${key}`),
  );
  return { storageMode: defaultStorageMode, ...billed };
}
