import { isMap, type PropertyMap, type PropertyValue } from "./values";

/** A parsed path such as `a.b[0]["c.d"]` or `list[*].name`. */
export type PropertyPath = (string | number)[];

const wildcard = "*";

/** Undefined when the text is no path; the engine ignores such entries. */
export function parsePropertyPath(text: string): PropertyPath | undefined {
  const path: PropertyPath = [];
  const token = /\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.[\]"]+)/y;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (!match) return undefined;
    const [whole, index, quoted, name] = match;
    if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(quoted.replace(/\\(.)/g, "$1"));
    else path.push(whole === "[*]" ? wildcard : (name as string));
  }
  return path.length > 0 ? path : undefined;
}

/**
 * Sets the value at `path` in `target` to that of `source`; one that is absent there is removed.
 * @returns false when the two have no common shape along the path
 */
export function resetAtPath(path: PropertyPath, source: PropertyMap, target: PropertyMap): boolean {
  return reset(path, source, target);
}

function reset(path: PropertyPath, source: PropertyValue, target: PropertyValue): boolean {
  const [part, ...rest] = path;
  if (part === undefined) return true;
  if (part === wildcard) {
    const keys = Array.isArray(target) ? [...target.keys()] : isMap(target) ? Object.keys(target) : [];
    return keys.every((key) => reset([key, ...rest], source, target));
  }
  if (Array.isArray(source) && Array.isArray(target)) return resetMember(part, rest, source, target);
  if (isMap(source) && isMap(target)) return resetMember(part, rest, source, target);
  return !isContainer(source) && !isContainer(target);
}

function resetMember(
  part: string | number,
  rest: PropertyPath,
  source: PropertyValue[] | PropertyMap,
  target: PropertyValue[] | PropertyMap,
): boolean {
  const from = source as Record<string | number, PropertyValue>;
  const to = target as Record<string | number, PropertyValue>;
  const hasOld = part in from;
  const hasNew = part in to;
  if (!hasOld && !hasNew) return true;
  if (rest.length > 0) return hasOld && hasNew && reset(rest, from[part] as PropertyValue, to[part] as PropertyValue);
  if (Array.isArray(target) && hasOld !== hasNew) return false;
  if (hasOld) to[part] = structuredClone(from[part]) as PropertyValue;
  else delete to[part];
  return true;
}

const isContainer = (value: PropertyValue): boolean => typeof value === "object" && value !== null;
