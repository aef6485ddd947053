import { isDeeperThan, type JsonObject, maxDepth, parseObject } from "./json";

/** What a reviver is told of a value besides it (ECMAScript 2026, in every Node that is supported). */
interface ParseContext {
  readonly source?: string;
}

/**
 * The JSON object that a text holds, if it does; numbers that a float cannot hold as their text, apart from all else that
 * JSON can say. Deeper than anything is compared they stay as they are.
 */
export function parseExactObject(text: unknown): JsonObject | undefined {
  const object = parseObject(text);
  if (typeof text !== "string" || object === undefined || isDeeperThan(object, maxDepth)) return object;
  const exact = (_key: string, value: unknown, { source }: ParseContext = {}) =>
    typeof value === "number" && source !== undefined && !isHeld(source, value) ? { [inexactKey]: source } : value;
  return JSON.parse(text, exact);
}

/** Not a name that anybody gives. */
const inexactKey = "\u0000number";

/** Whether a float, written out again, is the number that a text wrote. */
function isHeld(written: string, value: number): boolean {
  return Number.isFinite(value) && digitsOf(written) === digitsOf(String(value));
}

/** A number in one form: sign, digits without zeros around them, and the power of ten. */
function digitsOf(text: string): string {
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  if (digits === "") return "0";
  const trimmed = digits.replace(/0+$/, "");
  return `${sign}${trimmed}e${BigInt(power) + BigInt(digits.length - trimmed.length - fraction.length)}`;
}
