import type { Configuration } from "../configuration";
import { deriveSessionId } from "../generation/sessionId";
import { type Failure, type TaskInputs, validateInputs, withoutShownValues } from "../schema/inputs";
import { canonicalValue, isEmpty, isGiven, isObject, type JsonObject } from "../schema/json";
import { canonicalRequest, defaultStorageMode } from "../schema/request";
import { containsUnknown, isUnknown, UNKNOWN } from "../schema/unknown";
import { ConfigurationError } from "../vod/errors";
import { type Bills, billOf } from "./bill";

export interface CheckContext {
  /** The settings, or why they cannot be used. */
  readonly configuration: Configuration | ConfigurationError;
  readonly bills: Bills;
}

/**
 * Validates a resource's inputs and completes them, sending nothing. Runs at preview, before any money; never throws,
 * and completes what it has completed to the same.
 *
 * @param olds the old inputs on an update; `{}` for what is to be created or replaced
 */
export async function check(
  olds: JsonObject,
  news: JsonObject,
  context: CheckContext,
): Promise<{ inputs: JsonObject; failures: Failure[] }> {
  const { configuration } = context;
  if (ConfigurationError.isInstance(configuration)) {
    return { inputs: news, failures: [{ property: "", reason: configuration.message }] };
  }
  const given = completed(news, configuration);
  const inputs: JsonObject = { ...given, generationId: generationIdOf(olds, given) };
  const failures = [
    ...validateInputs(inputs, { allowUndocumentedModel: configuration.allowUndocumentedModels }),
    ...(isGiven(inputs["subAppId"]) ? [] : [missingSubAppId]),
    ...staleFailures(olds, inputs),
  ];
  const isNew = isEmpty(olds["generationId"]);
  if (failures.length === 0 && isNew) failures.push(...(await announced(inputs as unknown as TaskInputs, context)));
  return { inputs, failures: withoutShownValues(failures, inputs) };
}

const missingSubAppId: Failure = {
  property: "subAppId",
  reason:
    "is required: the ID of a VOD application. Give it here, or for the whole stack with `pulumi config set tencent-aigc:subAppId <id>`.",
};

/** The inputs with what the effective request holds though nobody wrote it, and without what says nothing. */
function completed(news: JsonObject, configuration: Configuration): JsonObject {
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
function generationIdOf(olds: JsonObject, inputs: JsonObject): unknown {
  const kept = olds["generationId"];
  if (typeof kept === "string" && !isUnknown(kept) && sameIntention(olds, inputs)) return kept;
  const scope = inputs["sessionScope"] ?? inputs["resourceUrn"];
  const parts = { request: canonicalRequest(inputs), keepers: inputs["keepers"] };
  if (containsUnknown(parts) || isUnknown(scope)) return UNKNOWN;
  return deriveSessionId({ scope: typeof scope === "string" ? scope : "", ...parts });
}

function sameIntention(olds: JsonObject, news: JsonObject): boolean {
  const of = (inputs: JsonObject) => [canonicalRequest(inputs), canonicalValue(inputs["keepers"] ?? {})];
  return JSON.stringify(of(olds)) === JSON.stringify(of(news));
}

/** What names one particular picture cannot stay when another one is asked for. */
function staleFailures(olds: JsonObject, inputs: JsonObject): Failure[] {
  if (isEmpty(olds) || isEmpty(olds["generationId"]) || sameIntention(olds, inputs)) return [];
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

/** Counts what is to be created against the spend guard, and says on its row what it may bill. */
async function announced(inputs: TaskInputs, { bills }: CheckContext): Promise<Failure[]> {
  const bill = billOf(inputs);
  if (bill.images === 0) return [];
  const tooMany = await bills.announce({ ...bill, inputs, rowText: `bills up to ${bill.text}` });
  return tooMany === undefined ? [] : [{ property: "", reason: `This picture ${tooMany}` }];
}
