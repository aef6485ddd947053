import { assetKind } from "../schema/assets";
import { inputsThat } from "../schema/inputs";
import { isObject, type JsonObject } from "../schema/json";

/** A property that differs, by its path, as the engine shows it. */
export interface PropertyChange {
  readonly path: string;
  /** The input that it lies in. */
  readonly name: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
  /** Between old and new inputs; otherwise between what is stored and the new inputs. */
  readonly ofInputs: boolean;
}

/** Written by this package: of no interest to who reads a preview. */
const hidden: ReadonlySet<string> = new Set([...inputsThat("hidden"), "isPreview"]);

/**
 * What a diff shows.
 * @param replaces names of the inputs of which a change makes another picture
 */
export function detailedDiff(oldInputs: JsonObject, news: JsonObject, replaces: readonly string[]): PropertyChange[] {
  const names = [...new Set([...Object.keys(oldInputs), ...Object.keys(news)])].filter((name) => !hidden.has(name));
  const changes = names.flatMap((name) =>
    differences(name, oldInputs[name], news[name]).map((change) => ({
      ...change,
      name,
      replaces: replaces.includes(name),
      ofInputs: true,
    })),
  );
  // What state holds differs from its own inputs: after a policy has changed them, or where another endpoint has it.
  const stored = replaces
    .filter((replaced) => !changes.some(({ name }) => name === replaced))
    .map((name) => ({ path: name, name, kind: "update" as const, replaces: true, ofInputs: false }));
  return [...changes, ...stored];
}

type Difference = Pick<PropertyChange, "path" | "kind">;

function differences(path: string, old: unknown, now: unknown): Difference[] {
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  if (old === undefined) return [{ path, kind: "add" }];
  if (now === undefined) return [{ path, kind: "delete" }];
  if (isObject(old) && isObject(now) && assetKind(old) === undefined && assetKind(now) === undefined) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return keys.flatMap((key) => differences(`${path}${step(key)}`, old[key], now[key]));
  }
  if (Array.isArray(old) && Array.isArray(now)) {
    const longest = Math.max(old.length, now.length);
    return Array.from({ length: longest }).flatMap((_, index) =>
      differences(`${path}[${index}]`, old[index], now[index]),
    );
  }
  return [{ path, kind: "update" }];
}

/** A step of a property path, in quotes where it is not plain. */
function step(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
