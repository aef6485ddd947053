/**
 * What Pulumi sends in place of a value that is not known yet (`runtime.unknownValue`). It arrives as an ordinary
 * string, at any depth, wherever the real value would be, whatever its type.
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** Whether a value is unknown or holds an unknown at any depth. Iterative: the depth of a user's JSON is not bounded. */
export function containsUnknown(value: unknown): boolean {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (isUnknown(next)) {
      return true;
    }
    if (typeof next === "object" && next !== null) {
      for (const inner of Object.values(next)) {
        pending.push(inner);
      }
    }
  }
  return false;
}

/** Whether a value can turn out to be the same as a known one. Both are canonical. */
export function mayBeEqual(known: unknown, value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (!isContainer(known) || !isContainer(value) || Array.isArray(known) !== Array.isArray(value)) {
    return JSON.stringify(known) === JSON.stringify(value);
  }
  const names = new Set([...Object.keys(known), ...Object.keys(value)]);
  const fields = new Map(Object.entries(known));
  const others = new Map(Object.entries(value));
  return [...names].every((name) => mayBeEqual(fields.get(name), others.get(name)));
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
