import { parsePropertyPath, pathContains } from "./propertyPath";
import type { Difference } from "./resourceProvider";
import { deepEquals, type PropertyValue, unknownValue, unwrapSecrets } from "./values";

/** A replacement for a reason of the engine's own. */
export function replaceBecause(replaceKeys: string[]): Difference {
  return { changed: true, replaceKeys, changedKeys: [], deleteBeforeReplace: false };
}

const initErrorKey = "#initerror";

/** A changed key under one of the paths replaces; so do init errors, where their special key is under one. */
export function applyReplaceOnChanges(difference: Difference, paths: string[], hasInitErrors: boolean): Difference {
  if (!difference.changed && !hasInitErrors) return difference;
  const parsed = paths.map(parsePropertyPath).filter((path) => path !== undefined);
  const covers = (key: string): boolean => {
    const inner = parsePropertyPath(key);
    return inner !== undefined && parsed.some((path) => pathContains(path, inner));
  };
  const keys = new Set([...difference.replaceKeys, ...difference.changedKeys.filter(covers)]);
  const byInitErrors = hasInitErrors && covers(initErrorKey);
  if (byInitErrors) keys.add(initErrorKey);
  return { ...difference, replaceKeys: [...keys], changed: difference.changed || byInitErrors };
}

/** A replacement trigger counts when both sides have one and they differ. */
export function isTriggered(trigger: PropertyValue, old: PropertyValue): boolean {
  if (trigger === null || old === null) return false;
  return trigger === unknownValue || !deepEquals(unwrapSecrets(trigger), unwrapSecrets(old));
}
