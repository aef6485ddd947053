import { additionalParameterFailures, extInfoFormFailures, sequentialKey } from "./extInfo";
import type { Failure } from "./failure";
import { isEmpty, isGiven, isObject, type JsonObject } from "./json";
import { formerModels, type ModelRow, models } from "./models";
import { nearest } from "./nearest";
import { isUnknown } from "./unknown";

const table: readonly ModelRow[] = models;

const wayOut =
  "allowUndocumentedModel: true on the resource, or `pulumi config set tencent-aigc:allowUndocumentedModels true` for " +
  "the stack, skips the model table";

export function isListedModel(modelName: unknown, modelVersion: unknown): boolean {
  return table.some(({ name, version }) => name === modelName && version === modelVersion);
}

/** The rows that a model may be, which may not be known yet; none for one that is in no list. */
function rowsOf(modelName: string, modelVersion: string): ModelRow[] {
  const fits = (told: string, value: string) => isUnknown(told) || told === value;
  return table.filter(({ name, version }) => fits(modelName, name) && fits(modelVersion, version));
}

/** The most images that a task can make, by the rows that fit; of a model that is in no list, as many as any makes. */
export function mostOutputImages(modelName: string, modelVersion: string): number {
  const rows = rowsOf(modelName, modelVersion);
  return Math.max(...(rows.length === 0 ? table : rows).map(({ maxOutputImages }) => maxOutputImages));
}

/** Whether a model may take the additional parameter by which the prompt says how many images it will be. */
export function mayTakeSequential(modelName: string, modelVersion: string): boolean {
  const rows = rowsOf(modelName, modelVersion);
  return rows.length === 0 || rows.some(({ additionalParameters: rule }) => !rule || rule.values?.[sequentialKey]);
}

/** What is wrong with a request by the row of its model. What is not known yet breaks no rule. */
export function modelFailures(request: JsonObject): Failure[] {
  const { modelName, modelVersion } = request;
  if (!isText(modelName) || isUnknown(modelName)) {
    return [];
  }
  const versions = table.filter((row) => row.name === modelName);
  if (versions.length === 0) {
    return [{ property: "modelName", reason: unlistedNameReason(modelName), wayOut }];
  }
  if (!isText(modelVersion) || isUnknown(modelVersion)) {
    return [];
  }
  const row = versions.find(({ version }) => version === modelVersion);
  return row === undefined
    ? [{ property: "modelVersion", reason: unlistedVersionReason(versions), wayOut }]
    : rowFailures(request, row).map((failure) => ({ ...failure, wayOut: waysOut(failure.wayOut) }));
}

function waysOut(own: string | undefined): string {
  return own === undefined ? wayOut : `${own}; ${wayOut}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function unlistedNameReason(modelName: string): string {
  const names = [...new Set(table.map(({ name }) => name))];
  const near = nearest(modelName, names);
  const former = Object.hasOwn(formerModels, modelName) ? formerModels[modelName] : undefined;
  const hint = former ?? (near === undefined ? undefined : `did you mean ${near}?`);
  return `must be one of ${names.join(", ")}${hint === undefined ? "" : `; ${hint}`}`;
}

function unlistedVersionReason(versions: readonly ModelRow[]): string {
  return `must be ${versions.map(({ version }) => version).join(" or ")} for ${versions[0]?.name}`;
}

function rowFailures(request: JsonObject, row: ModelRow): Failure[] {
  const model = `${row.name} ${row.version}`;
  const outputConfig = isObject(request["outputConfig"]) ? request["outputConfig"] : {};
  const { additionalParameters } = row;
  return [
    ...fileInfoFailures(request["fileInfos"], row, model),
    ...choiceFailures("sceneType", request["sceneType"], row.sceneTypes, model),
    ...choiceFailures("outputConfig.resolution", outputConfig["resolution"], row.resolutions, model),
    ...choiceFailures("outputConfig.aspectRatio", outputConfig["aspectRatio"], row.aspectRatios, model),
    ...outputImageCountFailures(outputConfig["outputImageCount"], row, model),
    ...(additionalParameters
      ? [...extInfoFormFailures(request), ...additionalParameterFailures(request, additionalParameters, model)]
      : []),
  ];
}

/** A value that is none of those that the model has. Values of another type break the field's own rule. */
function choiceFailures(
  property: string,
  value: unknown,
  allowed: readonly string[] | undefined,
  model: string,
): Failure[] {
  if (allowed === undefined || !isText(value) || isUnknown(value) || allowed.includes(value)) {
    return [];
  }
  if (allowed.length > 0) {
    return [{ property, reason: `must be ${allowed.join(" or ")} for ${model}, letter case included` }];
  }
  const instead = insteadOf[property];
  return [{ property, reason: `is not supported by ${model}: remove it`, ...(instead && { wayOut: instead }) }];
}

/** What does the same where a field is not supported. */
const insteadOf: Readonly<Record<string, string>> = {
  "outputConfig.resolution": "give the size in additionalParameters",
  "outputConfig.aspectRatio": "name the ratio in the prompt, or give a size in additionalParameters",
};

function fileInfoFailures(fileInfos: unknown, row: ModelRow, model: string): Failure[] {
  if (!Array.isArray(fileInfos)) {
    return [];
  }
  const failures: Failure[] = [];
  const { maxReferenceImages, referenceTypes, referenceTexts } = row;
  if (maxReferenceImages !== undefined && fileInfos.length > maxReferenceImages) {
    const reason = `has ${fileInfos.length} reference images; ${model} takes at most ${maxReferenceImages}: remove some`;
    failures.push({ property: "fileInfos", reason });
  }
  for (const [index, item] of fileInfos.entries()) {
    if (!isObject(item)) {
      continue;
    }
    const property = `fileInfos[${index}]`;
    failures.push(...choiceFailures(`${property}.referenceType`, item["referenceType"], referenceTypes, model));
    if (!referenceTexts && !isEmpty(item["text"]) && !isUnknown(item["text"])) {
      failures.push({ property: `${property}.text`, reason: `has no effect with ${model}: remove it` });
    }
  }
  return failures;
}

function outputImageCountFailures(count: unknown, row: ModelRow, model: string): Failure[] {
  if (!isGiven(count) || typeof count !== "number" || count <= row.maxOutputImages) {
    return [];
  }
  const reason =
    row.maxOutputImages === 1
      ? `has no effect with ${model}, which makes one image a task: remove it`
      : `must be from 1 to ${row.maxOutputImages} for ${model}`;
  return [{ property: "outputConfig.outputImageCount", reason }];
}
