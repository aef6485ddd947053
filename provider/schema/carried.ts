/** What JSON, and so Pulumi's state, can carry of a value. Imports nothing: a program loads it as well. */

/**
 * Why JSON cannot carry a value, if so. Says nothing of what is in it.
 *
 * A program's values come as JavaScript has them. What the provider is given has been through JSON's types: of a Date, a
 * Map or a bigint an empty object is left, of a function nothing, and of half a surrogate pair nothing either.
 */
export function uncarriedReason(value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value)
        ? undefined
        : `is ${value}, which JSON cannot carry: give a finite number or a text`;
    case "string":
      return isWhole(value)
        ? undefined
        : "has half of a surrogate pair, which JSON cannot carry: give whole characters";
    case "bigint":
    case "symbol":
    case "function":
      return `is a ${typeof value}, which JSON cannot carry: give a number or a text`;
    case "object":
      return value === null || Array.isArray(value) || isPlain(value) ? undefined : objectReason(value);
    default:
      return undefined;
  }
}

/** No text has half of a surrogate pair. */
export function isWhole(text: string): boolean {
  return text.isWellFormed();
}

/** An object of fields, of whichever realm: its prototype has none itself. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Of an object of a class, JSON carries the fields, if it keeps what it holds in them. */
function objectReason(value: object): string | undefined {
  const keepsInFields = Object.keys(value).length > 0 && !("toJSON" in value) && !(Symbol.iterator in value);
  if (keepsInFields) return undefined;
  const { name } = value.constructor ?? {};
  const kind = builtIns.has(name) ? `a ${name}` : "an object of a class";
  return `is ${kind}, of which JSON carries nothing or something else: give it as a text, a number, a list or a map`;
}

/** Names that are shown: another one is of the user's own. */
const builtIns = new Set(["Date", "Map", "Set", "RegExp", "URL", "Buffer", "Uint8Array"]);
