import { parseExactObject } from "./exactJson";
import type { Failure } from "./failure";
import { propertyPath } from "./failure";
import { canonicalValue, isDeeperThan, isGiven, isObject, type JsonObject, maxDepth, omit, parseObject } from "./json";
import type { AdditionalParametersRule, ExpansionRule, SizeRule } from "./models";
import { nearest } from "./nearest";
import { nearestSize, sizeFault } from "./nearestSize";
import { containsUnknown, isUnknown } from "./unknown";

/** Key of ExtInfo's JSON that has the additional parameters, themselves as JSON in a string. */
const parametersKey = "AdditionalParameters";

/** What an ExtInfo says, whichever way it was written. */
export interface ExtInfoContent {
  /** The additional parameters, if there are any. */
  readonly additionalParameters?: JsonObject;
  /** Everything else: the further keys of its JSON object, or the whole text where it is none. */
  readonly rest?: unknown;
}

/** The additional parameters as ExtInfo text: JSON in a JSON string. Equal content gives equal text. */
export function encodeExtInfo(additionalParameters: JsonObject): string {
  return JSON.stringify({ [parametersKey]: JSON.stringify(canonicalValue(additionalParameters)) });
}

export function parseExtInfo(text: string): ExtInfoContent {
  return contentOf(text, parseObject);
}

/** The same for comparing: numbers that a float cannot hold stay apart as they are written. */
export function comparableExtInfo(text: string): ExtInfoContent {
  return contentOf(text, parseExactObject);
}

function contentOf(text: string, parse: (text: unknown) => JsonObject | undefined): ExtInfoContent {
  const content = parse(text);
  // Nested deeper than content is compared, a text is compared as it is.
  if (content === undefined || isDeeperThan(content, maxDepth)) {
    return { rest: text };
  }
  const additionalParameters = parse(content[parametersKey]);
  if (isDeeperThan(additionalParameters, maxDepth)) {
    return { rest: text };
  }
  if (additionalParameters === undefined) {
    return { rest: content };
  }
  const rest = omit(content, (_, key) => key === parametersKey);
  return Object.keys(rest).length === 0 ? { additionalParameters } : { additionalParameters, rest };
}

/** Where the additional parameters of a request are, and what they are. */
interface GivenParameters {
  readonly property: "additionalParameters" | "extInfo";
  readonly parameters: JsonObject;
}

function givenParameters(request: JsonObject): GivenParameters | undefined {
  if (isObject(request["additionalParameters"])) {
    return { property: "additionalParameters", parameters: request["additionalParameters"] };
  }
  if (typeof request["extInfo"] === "string") {
    const { additionalParameters } = parseExtInfo(request["extInfo"]);
    return additionalParameters && { property: "extInfo", parameters: additionalParameters };
  }
  return undefined;
}

/** The page gives no maximum. The models that know `sequential_image_generation` make so many at most. */
const mostSequentialImages = 15;

export const sequentialKey = "sequential_image_generation";

/**
 * Most images that the additional parameters may bring about; how many it will be is in the prompt.
 *
 * @param takesSequential whether the model may take `sequential_image_generation`: where the parameters are not known yet
 */
export function sequentialImages(request: JsonObject, takesSequential: boolean): number {
  const { additionalParameters, extInfo } = request;
  const isOpen = takesSequential && (isUnknown(additionalParameters) || isUnknown(extInfo));
  return isOpen || namesSequential(request) ? mostSequentialImages : 1;
}

function namesSequential(request: JsonObject): boolean {
  if (isGiven(givenParameters(request)?.parameters[sequentialKey])) return true;
  // What is not checked may be in a form that the service reads all the same.
  const { extInfo } = request;
  return typeof extInfo === "string" && parseExtInfo(extInfo).rest !== undefined && extInfo.includes(sequentialKey);
}

/** An ExtInfo that has additional parameters in another form than the service reads them in. */
export function extInfoFormFailures(request: JsonObject): Failure[] {
  const content = parseObject(request["extInfo"]);
  if (content === undefined || !Object.hasOwn(content, parametersKey) || parseObject(content[parametersKey])) {
    return [];
  }
  const reason = `must hold ${parametersKey} as JSON text in a string`;
  return [{ property: "extInfo", reason, wayOut: "use additionalParameters, which is encoded so" }];
}

/** What is wrong with a request's additional parameters, in whichever form they are given, by a model's rule. */
export function additionalParameterFailures(
  request: JsonObject,
  rule: AdditionalParametersRule,
  model: string,
): Failure[] {
  const given = givenParameters(request);
  if (given === undefined) {
    return [];
  }
  const { property, parameters } = given;
  const failureAt = (key: string, reason: string): Failure =>
    property === "extInfo"
      ? { property, reason: `has the additional parameter ${propertyPath([key])}, which ${reason}` }
      : { property: propertyPath([property, key]), reason };

  const failures: Failure[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    const reason = isGiven(value) ? parameterReason(key, value, rule, model) : undefined;
    if (reason !== undefined) {
      failures.push(failureAt(key, reason));
    }
  }
  if (failures.length === 0 && rule.expansion && !containsUnknown(parameters)) {
    const reason = expansionAreaReason(parameters, rule.expansion);
    if (reason !== undefined) {
      failures.push({ property, reason });
    }
  }
  return failures;
}

const expansionKeys = ["up_expansion_ratio", "down_expansion_ratio", "left_expansion_ratio", "right_expansion_ratio"];

function allowedKeys(rule: AdditionalParametersRule): string[] {
  return [...(rule.size ? ["size"] : []), ...Object.keys(rule.values ?? {}), ...(rule.expansion ? expansionKeys : [])];
}

function parameterReason(
  key: string,
  value: unknown,
  rule: AdditionalParametersRule,
  model: string,
): string | undefined {
  const allowed = allowedKeys(rule);
  if (!allowed.includes(key)) {
    return unknownKeyReason(key, allowed, model);
  }
  if (isUnknown(value)) {
    return undefined;
  }
  if (key === "size" && rule.size) {
    return sizeReason(value, rule.size, model);
  }
  if (rule.values && Object.hasOwn(rule.values, key)) {
    const values = rule.values[key] ?? [];
    return values.some((one) => one === value) ? undefined : `must be ${values.join(" or ")} for ${model}`;
  }
  const [least, greatest] = rule.expansion?.ratio ?? [0, 0];
  const inside = typeof value === "number" && value >= least && value <= greatest;
  return inside ? undefined : `must be a number from ${least} to ${greatest} for ${model}`;
}

function unknownKeyReason(key: string, allowed: readonly string[], model: string): string {
  if (allowed.length === 0) {
    return `is not supported by ${model}, which takes no additional parameters: remove it`;
  }
  const near = nearest(key, allowed);
  const instead = near === undefined ? `it takes ${allowed.join(", ")}` : `did you mean ${near}?`;
  return `is not supported by ${model}: ${instead}`;
}

/** Why a size is not one that the model draws, if so. Only a text of the form of a size is ever repeated. */
export function sizeReason(size: unknown, rule: SizeRule, model: string): string | undefined {
  const allowed = `for ${model} it must be ${describeSize(rule)}`;
  const match = typeof size === "string" ? /^([1-9]\d{0,5})(\D)([1-9]\d{0,5})$/.exec(size) : null;
  const [text, width, separator, height] = match ?? [];
  if (text === undefined || separator === undefined) {
    return `is not a size: ${allowed}`;
  }
  if (!rule.separators.includes(separator)) {
    return `has another separator than ${quoted(rule.separators)}: ${allowed}`;
  }
  const sides = [Number(width), Number(height)] as const;
  const fault = sizeFault(sides, rule);
  if (fault === undefined) return undefined;
  const near = nearestSize(sides, rule)?.join(separator);
  return `is ${text}, ${fault}: ${allowed}${near === undefined ? "" : `; for example ${near}`}`;
}

function describeSize({ separators, side, area, areaMultiple }: SizeRule): string {
  const [least, greatest] = area;
  return [
    `width and height in pixels with ${quoted(separators)} between them`,
    ...(side ? [`each from ${side[0]} to ${side[1]}`] : []),
    least > 0 ? `width times height from ${least} to ${greatest}` : `width times height at most ${greatest}`,
    ...(areaMultiple === undefined ? [] : [`and a multiple of ${areaMultiple}`]),
  ].join(", ");
}

function quoted(separators: readonly string[]): string {
  return separators.map((separator) => `"${separator}"`).join(" or ");
}

function expansionAreaReason(parameters: JsonObject, rule: ExpansionRule): string | undefined {
  const [up, down, left, right] = expansionKeys.map((key) => Number(parameters[key] ?? 0));
  const area = (1 + (up ?? 0) + (down ?? 0)) * (1 + (left ?? 0) + (right ?? 0));
  // Decimal ratios such as 0.1 do not add up exactly in binary.
  return area <= rule.area + 1e-9
    ? undefined
    : `widens the picture to ${Number(area.toFixed(3))} times the original's area; at most ${rule.area} times is allowed`;
}
