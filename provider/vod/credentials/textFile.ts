import { readFile } from "node:fs/promises";
import { problem } from "./problems";

/**
 * The bytes of a small file; `undefined` where there is none.
 *
 * @param shown how a message calls it
 */
export async function readIfThere(path: string, shown: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return undefined;
    }
    throw problem(shown, `could not be read (${code ?? "unknown cause"})`);
  }
}

/** Text as editors and shells of each system write it, without its byte order mark; `undefined` where it is no text. */
export function decodeText(bytes: Buffer): string | undefined {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
