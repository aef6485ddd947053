import { z } from "zod";
import { type Failure, propertyPath, reasonWithWayOut, schemaFailures } from "./failure";
import { isEmpty, isGiven, isObject, type JsonObject, maxDepth, omit } from "./json";
import { type Missing, missingPictureIn } from "./missingPicture";
import { modelFailures } from "./modelRules";
import {
  additionalParametersShape,
  fileInfosInput,
  filledText,
  type ImageRequest,
  requestSchema,
  requestShape,
} from "./request";
import { type BytesOf, controlRuleFailures, requestRuleFailures, sizeFailures } from "./rules";
import { isUnknown } from "./unknown";

export { billedInputs, type InputEffect, type InputPath, inputEffects, inputsThat } from "./effects";
export type { Failure } from "./failure";

/** Longest wait: after three days the service no longer knows a task. */
export const maxTimeoutSeconds = 3 * 24 * 60 * 60;

const filled = (error: string) => filledText({ error });
const flag = () => z.boolean({ error: "must be true or false" }).optional();
const timeout = `must be a number of seconds, more than 0 and at most ${maxTimeoutSeconds} (3 days)`;
const fileIds = "must be a list of at least one FileId";

/** The whole set of inputs: the request, what else governs a generation, and what this package adds (hidden). */
export const inputsSchema = z.strictObject(
  {
    ...requestShape,
    fileInfos: fileInfosInput,
    additionalParameters: additionalParametersShape,
    keepers: z.custom<JsonObject>(isObject, { error: "must be a map of values" }).optional(),
    sessionScope: filled("must be a text that is not empty").optional(),
    adoptTaskId: filled("must be the TaskId of a task of the last 3 days").optional(),
    adoptFileIds: z
      .array(filled("must be the FileId of a Permanent file"), { error: fileIds })
      .refine((ids) => ids.length > 0, { error: fileIds })
      .optional(),
    allowUndocumentedModel: flag(),
    onFailure: z.enum(["fail", "keep"], { error: "must be fail or keep" }).optional(),
    waitForCompletion: flag(),
    timeoutSeconds: z
      .number({ error: timeout })
      .positive({ error: timeout })
      .max(maxTimeoutSeconds, { error: timeout })
      .optional(),
    resourceUrn: filled("is written by this package").optional(),
    formerUrns: z.array(filled("is written by this package")).optional(),
    generationId: filled("is written by this package").optional(),
    __provider: filled("is written by this package").optional(),
  },
  { error: "must be an object" },
);

/** The inputs of a resource, checked. */
export type TaskInputs = z.infer<typeof inputsSchema>;

export interface ValidateOptions {
  /** Skip the rules of the model table, for the whole stack or for one resource. */
  readonly allowUndocumentedModel: boolean;
  /** How large local files are, where they are known. */
  readonly bytesOf?: BytesOf;
}

/**
 * Every rule that the inputs of a resource break. Takes any JSON and never throws; a value that is not known yet breaks
 * no rule, and neither does what depends on it.
 */
export function validateInputs(raw: unknown, options: ValidateOptions): Failure[] {
  const inputs = withoutNulls(raw);
  const failures = schemaFailures(inputsSchema, inputs);
  if (!isObject(inputs)) {
    return failures;
  }
  const { allowUndocumentedModel, adoptTaskId, adoptFileIds } = inputs;
  const { bytesOf = unknownBytes } = options;
  const skipsTable =
    options.allowUndocumentedModel || allowUndocumentedModel === true || isUnknown(allowUndocumentedModel);
  const all = combined([
    ...madeFromFailures(inputs),
    ...failures,
    ...ruleFailures(inputs, skipsTable, bytesOf),
    ...controlRuleFailures(inputs),
  ]);
  // What is adopted is not generated, so nothing is required to describe it.
  const adopts = isGiven(adoptTaskId) || isGiven(adoptFileIds);
  if (all.length === 0 && !adopts) return sizeFailures(inputs as ImageRequest, bytesOf);
  return adopts ? all.filter(({ property }) => !(neededToGenerate.has(property) && isEmpty(inputs[property]))) : all;
}

const unknownBytes: BytesOf = () => 0;

const neededToGenerate: ReadonlySet<string> = new Set(["modelName", "modelVersion", "prompt"]);

/** Every rule that a request's 15 fields break, in camelCase. Takes any JSON and never throws. */
export function validateRequest(raw: unknown, options: ValidateOptions): Failure[] {
  const request = withoutNulls(raw);
  const failures = schemaFailures(requestSchema, request);
  return isObject(request)
    ? combined([...failures, ...ruleFailures(request, options.allowUndocumentedModel, unknownBytes)])
    : failures;
}

/** What is made from a picture that is not there: there is nothing to make it from. */
function madeFromFailures(inputs: JsonObject): Failure[] {
  return textsIn(inputs, []).flatMap(({ path, text }) => {
    const missing = missingPictureIn(text);
    if (missing === undefined) return [];
    const which = missing.name === "" ? "a picture" : `the picture ${JSON.stringify(missing.name.slice(0, 100))}`;
    const reason = `is made from the URL of ${which}, ${missingReasons[missing.why]}, or make this one from another.`;
    return [{ property: propertyPath(path), reason }];
  });
}

const nothingSent = "so there is no such file. Nothing is sent for this one, and nothing is billed.";
const missingReasons: Readonly<Record<Missing, string>> = {
  failed: `which failed and was kept (\`onFailure\`), ${nothingSent} Correct the picture that failed`,
  pending: `which is not there yet (\`waitForCompletion: false\`), ${nothingSent} Wait for that picture`,
};

/** All texts of an input, with their paths. What is nested too deep is refused as such. */
function textsIn(value: unknown, path: readonly PropertyKey[]): { path: readonly PropertyKey[]; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null || path.length > maxDepth + 1) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => textsIn(inner, [...path, key]));
}

function ruleFailures(request: JsonObject, skipsTable: boolean, bytesOf: BytesOf): Failure[] {
  return [...requestRuleFailures(request, bytesOf), ...(skipsTable ? [] : modelFailures(request))];
}

/** One failure a property: the first says what has to be changed first. */
function combined(failures: readonly Failure[]): Failure[] {
  const first = new Map<string, Failure>();
  for (const failure of failures) {
    if (!first.has(failure.property)) {
      first.set(failure.property, failure);
    }
  }
  return [...first.values()];
}

/** The inputs without nulls in the objects of which the API knows the fields: a null there means "not given". */
function withoutNulls(raw: unknown): unknown {
  if (!isObject(raw)) {
    return raw;
  }
  const inputs = given(raw);
  const { fileInfos, outputConfig } = inputs;
  return {
    ...inputs,
    ...(isObject(outputConfig) && { outputConfig: given(outputConfig) }),
    ...(Array.isArray(fileInfos) && {
      fileInfos: fileInfos.map((item: unknown) => (isObject(item) ? given(item) : item)),
    }),
  };
}

function given(value: JsonObject): JsonObject {
  return omit(value, (inner) => !isGiven(inner));
}

/** Inputs of which a single value may be shown: they hold no free text. */
const showable: ReadonlySet<string> = new Set([
  "subAppId",
  "modelName",
  "modelVersion",
  "enhancePrompt",
  "inputRegion",
  "sceneType",
  "seed",
  "tasksPriority",
  "allowUndocumentedModel",
  "onFailure",
  "waitForCompletion",
  "timeoutSeconds",
]);

/**
 * Failures in a form that Pulumi can show. The engine prints the value of a failing top-level property beside the
 * reason, in clear even where it is a secret; a failure that names no property shows its reason alone.
 */
export function withoutShownValues(failures: readonly Failure[], inputs: unknown): Failure[] {
  return failures.map((failure) => {
    const { property } = failure;
    const reason = reasonWithWayOut(failure);
    const printsValue = isObject(inputs) && Object.hasOwn(inputs, property) && !showable.has(property);
    return printsValue ? { property: "", reason: `${property} ${reason}` } : { property, reason };
  });
}
