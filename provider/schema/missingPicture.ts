/**
 * What takes the place of the URL of a picture that is not there: a text that no host answers to, and that `check` finds again
 * in whatever was made from it, in this stack or another. Imports nothing: a program loads it as well.
 */

/** It failed and was kept (`onFailure`), or is not waited for (`waitForCompletion`). */
export type Missing = "failed" | "pending";

/** `.invalid` never resolves (RFC 2606). */
const host = "no-picture.tencent-aigc.invalid";

const pattern = new RegExp(`${host.replaceAll(".", "\\.")}(?:/([\\w.%-]+)/(failed|pending))?`, "i");

export function missingPictureUrl(name: string, why: Missing): string {
  return `https://${host}/${encodeName(name)}/${why}`;
}

/** The missing picture that a text is made from; its name is empty where the text no longer tells it. */
export function missingPictureIn(text: string): { readonly name: string; readonly why: Missing } | undefined {
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const [, name = "", why] = found;
  return { name: decodeName(name), why: why === "pending" ? why : "failed" };
}

/** Only letters, digits and `.`, `_`, `-` stay as they are, so that the name ends where it is read. */
function encodeName(name: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return encodeURIComponent(name.toWellFormed()).replace(/[!'()*~]/g, hex);
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return "";
  }
}
