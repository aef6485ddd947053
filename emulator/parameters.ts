/** Reads the parameters of an action, each with its rule and its documented error. */
import { ApiError } from "./apiError";

export type Parameters = Readonly<Record<string, unknown>>;

export interface Limits {
  least: number;
  most: number;
  /** @default "InvalidParameterValue" */
  code?: string;
}

export function text(
  parameters: Parameters,
  name: string,
  most = Number.POSITIVE_INFINITY,
  code?: string,
): string | undefined {
  const value = parameters[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw wrongType(name, "a string");
  if ([...value].length > most) throw wrongValue(name, `at most ${most} characters`, code);
  return value;
}

export function requiredText(parameters: Parameters, name: string): string {
  const value = text(parameters, name);
  if (!value) throw new ApiError("MissingParameter", `The request is missing the required parameter ${name}.`);
  return value;
}

export function whole(parameters: Parameters, name: string, limits?: Limits): number | undefined {
  const value = parameters[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value)) throw wrongType(name, "an integer");
  if (limits && (Number(value) < limits.least || Number(value) > limits.most)) {
    throw wrongValue(name, `${limits.least} to ${limits.most}`, limits.code);
  }
  return Number(value);
}

export function texts(
  parameters: Parameters,
  name: string,
  most: number,
  each: number,
  code?: string,
  longCode?: string,
): string[] | undefined {
  const value = parameters[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) throw wrongType(name, "a list of strings");
  if (value.length > most) throw wrongValue(name, `at most ${most} values`, code);
  if (value.some((one) => [...one].length > each)) {
    throw wrongValue(name, `values of at most ${each} characters`, longCode);
  }
  return value;
}

export function wholes(parameters: Parameters, name: string, most: number): number[] | undefined {
  const value = parameters[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every(Number.isSafeInteger)) throw wrongType(name, "a list of integers");
  if (value.length > most) throw wrongValue(name, `at most ${most} values`);
  return value;
}

export function object(parameters: Parameters, name: string): Parameters | undefined {
  const value = parameters[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw wrongType(name, "an object");
  return value as Parameters;
}

export function oneOf<T extends string>(
  parameters: Parameters,
  name: string,
  allowed: readonly T[],
  code?: string,
): T | undefined {
  const value = text(parameters, name);
  if (value === undefined || value === "") return undefined;
  if (!allowed.includes(value as T)) throw wrongValue(name, allowed.join(", "), code);
  return value as T;
}

/** Milliseconds of a time in ISO 8601 with its zone. */
export function time(parameters: Parameters, name: string, code?: string): number | undefined {
  const value = text(parameters, name);
  if (value === undefined || value === "") return undefined;
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
  const milliseconds = form.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw wrongValue(name, "a time in ISO 8601, as 2026-01-31T12:00:00Z", code);
  return milliseconds;
}

/** Two times in milliseconds. Whether each is inside is the action's to say. */
export interface Period {
  readonly after: number;
  readonly before: number;
}

export const always: Period = { after: Number.NEGATIVE_INFINITY, before: Number.POSITIVE_INFINITY };

export function period(parameters: Parameters, name: string): Period {
  const range = object(parameters, name);
  if (!range) return always;
  return { after: time(range, "After") ?? always.after, before: time(range, "Before") ?? always.before };
}

/** Refuses parameters that the service has and the emulator does not play, so that none is taken for granted. */
export function refuseUnplayed(parameters: Parameters, names: readonly string[]): void {
  const given = names.find((name) => parameters[name] !== undefined);
  if (given) throw new ApiError("UnsupportedOperation", `The emulator does not know what ${given} does; leave it out.`);
}

export function sort<T extends string>(
  parameters: Parameters,
  fields: readonly T[],
): { field: T; ascending: boolean } | undefined {
  const given = object(parameters, "Sort");
  const field = given && oneOf(given, "Field", fields);
  if (!given || !field) return undefined;
  return { field, ascending: oneOf(given, "Order", ["Asc", "Desc"]) === "Asc" };
}

function wrongType(name: string, type: string): ApiError {
  return new ApiError("InvalidParameter", `The parameter ${name} must be ${type}.`);
}

function wrongValue(name: string, allowed: string, code = "InvalidParameterValue"): ApiError {
  return new ApiError(code, `The value of parameter ${name} is not allowed. Allowed: ${allowed}.`);
}
