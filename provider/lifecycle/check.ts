import { changesText } from "../bill/billText";
import type { Configuration } from "../configuration";
import type { Foresight } from "../generation/generate";
import { deriveGenerationId } from "../generation/generationId";
import type { LocalFiles } from "../localFiles";
import { type CheckedInputs, checkedInputs } from "../schema/checkedInputs";
import { type Failure, validateInputs, withoutShownValues } from "../schema/inputs";
import { isEmpty, isGiven, isObject, type JsonObject } from "../schema/json";
import { canonicalKeepers } from "../schema/keepers";
import { canonicalRequest, defaultStorageMode } from "../schema/request";
import { containsUnknown, isUnknown, UNKNOWN } from "../schema/unknown";
import { ConfigurationError } from "../vod/errors";
import { type Bills, billOf } from "./bill";
import type { CheckOptions, VerbOptions } from "./context";
import type { Replaces } from "./replaces";
import { type SaidOnce, sameAsText } from "./saidOnce";
import { scopeIn } from "./scope";
import type { SessionIds } from "./sessionIds";

export interface CheckContext {
  /** The settings, or why they cannot be used. */
  readonly configuration: Configuration | ConfigurationError;
  readonly bills: Bills;
  readonly replaces: Replaces;
  readonly sessionIds: SessionIds;
  readonly saidOnce: SaidOnce;
  readonly localFiles: LocalFiles;
  /** Says, once, where no keys can be had. */
  readonly tellMissingKeys: () => Promise<void>;
  /** What there is of a picture already. Absent where nothing is to be asked. */
  readonly foresee?: ((inputs: CheckedInputs, options: VerbOptions) => Promise<Foresight>) | undefined;
}

/**
 * Validates a resource's inputs and completes them, sending nothing. Runs at preview, before any money, and never throws.
 * Idempotent: checking its own result changes nothing.
 *
 * @param olds the old inputs on an update; `{}` for what is to be created or replaced
 */
export async function check(
  olds: JsonObject,
  registered: JsonObject,
  options: CheckOptions,
  context: CheckContext,
): Promise<Checked> {
  const { isPreview, ...news } = registered;
  const { bills, replaces } = context;
  if (!isEmpty(olds)) replaces.seenInState(options.urn);
  await bills.seen({ urn: options.urn, operation: operationOf(isPreview) });
  // An update fails for want of keys by itself, and its preview has said so.
  const told = isPreview === false ? { ...context, tellMissingKeys: async () => {} } : context;
  const checked = await checkInputs(olds, news, options, told);
  if (checked.failures.length > 0) await bills.refuse(options.urn, checked.failures);
  return checked;
}

interface Checked {
  readonly inputs: JsonObject;
  readonly failures: Failure[];
}

/** The program says it with its inputs, for no call of the engine does. */
function operationOf(isPreview: unknown): "preview" | "update" | undefined {
  if (typeof isPreview !== "boolean") return undefined;
  return isPreview ? "preview" : "update";
}

async function checkInputs(
  olds: JsonObject,
  news: JsonObject,
  options: CheckOptions,
  context: CheckContext,
): Promise<Checked> {
  const { configuration, sessionIds, saidOnce, localFiles } = context;
  if (ConfigurationError.isInstance(configuration)) {
    const repeated = saidOnce.repeated(configuration.message, options.urn);
    const reason = repeated === undefined ? configuration.message : sameAsText(repeated);
    return { inputs: news, failures: [{ property: "", reason }] };
  }
  const complete = completed(news, configuration);
  const looked = await localFiles.looked(complete["fileInfos"], olds["fileInfos"]);
  const given = looked.fileInfos === undefined ? complete : { ...complete, fileInfos: looked.fileInfos };
  const inputs: JsonObject = { ...given, generationId: generationIdOf(olds, given, options) };
  const { bytesOf } = localFiles;
  const failures = [
    ...looked.failures,
    ...validateInputs(inputs, { allowUndocumentedModel: configuration.allowUndocumentedModels, bytesOf }),
    ...(isGiven(inputs["subAppId"]) ? [] : [missingSubAppId]),
    ...staleFailures(olds, inputs, options),
  ];
  if (failures.length === 0) failures.push(...sessionIds.failures(inputs, options.urn));
  const isNew = isEmpty(olds["generationId"]);
  if (failures.length === 0 && isNew) failures.push(...expiryFailures(inputs));
  if (failures.length === 0 && isNew)
    failures.push(...(await announced(checkedInputs(inputs), options, context, configuration)));
  return { inputs, failures: withoutShownValues(failures, inputs) };
}

const missingSubAppId: Failure = {
  property: "subAppId",
  reason:
    "is required: the ID of a VOD application. Give it here, or for the whole stack with `pulumi config set tencent-aigc:subAppId <id>`.",
};

/** Fills in defaults and drops empty values. */
export function completed(news: JsonObject, configuration: Configuration): JsonObject {
  const given = Object.fromEntries(Object.entries(news).filter(([, value]) => isGiven(value)));
  const { outputConfig } = given;
  const subAppId = given["subAppId"] ?? configuration.subAppId;
  if (subAppId !== undefined) given["subAppId"] = subAppId;
  if (outputConfig === undefined) given["outputConfig"] = { storageMode: defaultStorageMode };
  if (isObject(outputConfig)) {
    const fields = Object.fromEntries(Object.entries(outputConfig).filter(([, value]) => isGiven(value)));
    given["outputConfig"] = { ...fields, storageMode: fields["storageMode"] ?? defaultStorageMode };
  }
  return given;
}

/** Kept while the same is asked for, so that neither a rename nor a new scope makes another intention of it. */
function generationIdOf(olds: JsonObject, inputs: JsonObject, options: CheckOptions): unknown {
  const kept = olds["generationId"];
  if (typeof kept === "string" && !isUnknown(kept) && sameIntention(olds, inputs, options)) return kept;
  return derived(inputs, scopeIn(inputs["sessionScope"], options.scope));
}

/** The id that the inputs derive in a scope. */
function derived(inputs: JsonObject, scope: unknown): string {
  const parts = { request: canonicalRequest(inputs), keepers: inputs["keepers"] };
  if (containsUnknown(parts) || isUnknown(scope)) return UNKNOWN;
  return deriveGenerationId({ scope: typeof scope === "string" ? scope : "", ...parts });
}

function sameIntention(olds: JsonObject, news: JsonObject, { scope, oldScope = scope }: CheckOptions): boolean {
  const of = (inputs: JsonObject) => [canonicalRequest(inputs), canonicalKeepers(inputs["keepers"])];
  if (JSON.stringify(of(olds)) === JSON.stringify(of(news))) return true;
  // A policy may have changed the old inputs after their check. Their id still is that of what the program asked for.
  const id = olds["generationId"];
  return !isUnknown(id) && id === derived(news, scopeIn(olds["sessionScope"], oldScope));
}

/** What names one particular picture cannot stay when another one is asked for. */
function staleFailures(olds: JsonObject, inputs: JsonObject, options: CheckOptions): Failure[] {
  if (isEmpty(olds) || isEmpty(olds["generationId"]) || sameIntention(olds, inputs, options)) return [];
  return staleWith
    .filter(({ property }) => {
      const value = inputs[property];
      return !isEmpty(value) && JSON.stringify(value) === JSON.stringify(olds[property]);
    })
    .map(({ property, reason }) => ({ property, reason }));
}

const staleWith: readonly Failure[] = [
  {
    property: "sessionId",
    reason:
      "stays while a billed input or `keepers` changes, so the service would refuse the new request as a repeat. Change or remove `sessionId`.",
  },
  ...["adoptTaskId", "adoptFileIds"].map((property) => ({
    property,
    reason:
      "stays while a billed input or `keepers` changes, so the adopted picture would not be what is asked for. Remove it to generate, and bill, a new image, or undo the change to keep the picture.",
  })),
];

/** A picture that would be deleted before it is made. */
function expiryFailures({ outputConfig, adoptTaskId, adoptFileIds }: JsonObject): Failure[] {
  const expireTime = isObject(outputConfig) ? outputConfig["expireTime"] : undefined;
  const isPast = typeof expireTime === "string" && Date.parse(expireTime) <= Date.now();
  if (!isPast || isGiven(adoptTaskId) || isGiven(adoptFileIds)) return [];
  const reason =
    "is in the past: the picture would be billed and deleted at once. Set a later time, or remove it to keep the picture.";
  return [{ property: "outputConfig.expireTime", reason }];
}

/** Counts what is to be created against the spend guard, and says on its row what it may bill. */
async function announced(
  inputs: CheckedInputs,
  options: VerbOptions,
  { bills, replaces, tellMissingKeys, foresee }: CheckContext,
  configuration: Configuration,
): Promise<Failure[]> {
  const { images, amount, text } = billOf(inputs, configuration.prices);
  if (images === 0) return [];
  await tellMissingKeys();
  const { urn } = options;
  const isKnown = !containsUnknown(inputs);
  const foresight = foresee && isKnown ? await foresee(inputs, options) : "billed";
  if (foresight === "reused") {
    await bills.foreseen(urn, inputs.generationId, images);
    return [];
  }
  const unasked = foresight === "unknown" ? "; the service could not be asked what is there already" : "";
  const why = replaces.whyMade(urn);
  const condition = why.ifChanged === undefined ? "" : `, if ${changesText(why.ifChanged)}`;
  const tooMany = await bills.announce({
    ...why,
    images,
    amount,
    inputs,
    urn,
    rowText: `bills up to ${text}${condition}${unasked}`,
  });
  return tooMany === undefined ? [] : [{ property: "", reason: `This picture ${tooMany}` }];
}
