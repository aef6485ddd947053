/**
 * What stands in for the URL of a picture that failed and was kept: a text that no host answers to, and that `check` finds
 * again in whatever was made from it, in this stack or another. Imports nothing: a program loads it as well.
 */

/** `.invalid` never resolves (RFC 2606). */
const host = "no-picture.tencent-aigc.invalid";

const pattern = new RegExp(`${host.replaceAll(".", "\\.")}(?:/([\\w.%-]+)/failed)?`, "i");

/** The URL of a failed picture. */
export function failedPictureUrl(name: string): string {
  return `https://${host}/${encodeName(name)}/failed`;
}

/** The name of the failed picture that a text is made from; empty where the text no longer tells it. */
export function failedPictureIn(text: string): string | undefined {
  const found = pattern.exec(text);
  return found === null ? undefined : decodeName(found[1] ?? "");
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
