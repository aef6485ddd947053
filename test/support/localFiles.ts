import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { assetSignature, type PropertyMap, signatureKey } from "../../engine/values";

let folder: string | undefined;

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** A folder of the test file's own. */
export function filesFolder(): string {
  folder ??= mkdtempSync(join(tmpdir(), "aigc-files-"));
  return folder;
}

let files = 0;

/** Writes a file under a name that no other has. */
export function writtenFile(content: Buffer | string): string {
  const path = join(filesFolder(), `${++files}.png`);
  writeFileSync(path, content);
  return path;
}

/** Bytes that begin as a png, and differ by their text. */
export function pngOf(text: string, bytes = 0): Buffer {
  const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.from(text)]);
  return bytes === 0 ? png : Buffer.concat([png], bytes);
}

/** A FileAsset as the engine gives it to a provider, which has hashed the file by then. */
export function fileAsset(path: string, content: Buffer | string = readFileSync(path)): PropertyMap {
  return { [signatureKey]: assetSignature, hash: createHash("sha256").update(content).digest("hex"), path };
}
