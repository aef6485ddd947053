/** Small questions about JSON values of unknown shape. Imports nothing. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is there at all: `null` and `undefined` both mean "not given". */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Whether a value says nothing: not given, an empty text, list or object. The service takes these as left out. */
export function isEmpty(value: unknown): boolean {
  if (!isGiven(value) || value === "") {
    return true;
  }
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** An object without the entries that a test picks out. Own keys only, so that `__proto__` stays a key like any other. */
export function omit(value: JsonObject, isOmitted: (value: unknown, key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key, inner]) => !isOmitted(inner, key)));
}

/** The JSON object that a text holds, if it does. */
export function parseObject(text: unknown): JsonObject | undefined {
  if (typeof text !== "string") {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Deepest nesting of a free-form input. Pulumi's own limit for a value is higher. */
export const maxDepth = 32;

/**
 * The same content with sorted keys and without what is not given, so that equal content has equal JSON. What lies
 * deeper than any checked value is left out: it is refused, but first this must not overflow the stack.
 *
 * @param textForm gives each text its one form
 */
export function canonicalValue(value: unknown, textForm = (text: string) => text): unknown {
  // The request, its list of reference images and their fields are above a free-form value.
  return canonicalTo(maxDepth + 8, value, textForm);
}

function canonicalTo(levels: number, value: unknown, textForm: (text: string) => string): unknown {
  if (levels === 0) {
    return null;
  }
  if (Array.isArray(value)) {
    return value.map((inner) => canonicalTo(levels - 1, inner, textForm) ?? null);
  }
  if (typeof value === "string") {
    return textForm(value);
  }
  if (!isObject(value)) {
    // JSON has no negative zero.
    return Object.is(value, -0) ? 0 : value;
  }
  const entries = Object.entries(value).filter(([, inner]) => isGiven(inner));
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonicalTo(levels - 1, inner, textForm)]));
}

/** Whether a value is nested deeper than the given number of levels. Iterative, so that no depth overflows the stack. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) {
      return true;
    }
    level = level
      .filter((inner) => typeof inner === "object" && inner !== null)
      .flatMap((inner) => Object.values(inner as object));
  }
  return false;
}
