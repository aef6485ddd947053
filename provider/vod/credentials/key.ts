import { type Credentials, given, type PartialCredentials } from "./credentials";
import { problem } from "./problems";

/** Parts of a key, as one source gives them. */
export interface KeyParts {
  /** Where the parts come from, as the subject of a sentence. */
  readonly where: string;
  /** What the source calls them. */
  readonly names: Record<keyof Credentials, string>;
  readonly parts: PartialCredentials;
}

/**
 * The whole key of a source; `undefined` when it gives none of its parts.
 *
 * @throws ConfigurationError when it gives only some of them: a part is never taken from another source
 */
export function wholeKey({ where, names, parts }: KeyParts): Credentials | undefined {
  const [secretId, secretKey, token] = [given(parts.secretId), given(parts.secretKey), given(parts.token)];
  if (!secretId && !secretKey && !token) {
    return undefined;
  }
  if (!secretId || !secretKey) {
    const missing = [secretId ? [] : names.secretId, secretKey ? [] : names.secretKey].flat().join(" and ");
    const present = [secretId ? names.secretId : [], secretKey ? names.secretKey : [], token ? names.token : []];
    throw problem(
      where,
      `gives ${present.flat().join(" and ")} but not ${missing}; parts of two places are never mixed`,
    );
  }
  const key: Credentials = token ? { secretId, secretKey, token } : { secretId, secretKey };
  for (const part of ["secretId", "secretKey", "token"] as const) {
    requireVisible(key[part] ?? "", `${names[part]} in ${where}`);
  }
  return key;
}

/** Anything else cannot travel in a header, and is most likely a slip of the clipboard. */
export function requireVisible(value: string, name: string): void {
  if (!/^[\x21-\x7e]*$/.test(value)) {
    throw problem(name, "must consist of visible ASCII characters without spaces");
  }
}
