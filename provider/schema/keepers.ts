import { hashedAsset } from "./assets";
import { uncarriedReason } from "./carried";
import { type Failure, propertyPath } from "./failure";
import { canonicalValue, isObject, type JsonObject, maxDepth } from "./json";
import { plainUrls } from "./pictureUrl";

/**
 * Keepers in one form for equal content. Frozen for what holds no asset: generation ids are derived from it.
 */
export function canonicalKeepers(keepers: unknown, textForm = plainUrls): unknown {
  return canonicalValue(storedKeepers(keepers ?? {}), textForm);
}

/**
 * Keepers as they are stored: an asset as its kind and hash. The engine tells `check` the path of a file and not `diff`,
 * and the same file at another place is the same.
 */
export function storedKeepers(keepers: unknown): unknown {
  return withoutContents(maxDepth + 1, keepers);
}

function withoutContents(levels: number, value: unknown): unknown {
  if (levels === 0) return value;
  if (Array.isArray(value)) return value.map((inner) => withoutContents(levels - 1, inner));
  if (!isObject(value)) return value;
  const asset = hashedAsset(value);
  if (asset !== undefined) return asset;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutContents(levels - 1, inner)]));
}

/** Values of a free-form input that JSON cannot carry, at their paths. */
export function uncarriedFailures(inputs: JsonObject, property: string): Failure[] {
  const failures: Failure[] = [];
  const look = (value: unknown, path: readonly PropertyKey[]) => {
    const reason = uncarriedReason(value);
    if (reason !== undefined) failures.push({ property: propertyPath(path), reason });
    if (path.length > maxDepth || typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const named = uncarriedReason(key);
      if (named !== undefined) failures.push({ property: propertyPath(path), reason: `has a name that ${named}` });
      else look(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  look(inputs[property], [property]);
  return failures;
}
