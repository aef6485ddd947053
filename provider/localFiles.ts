import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { filePath, hashOf, isPicture } from "./schema/assets";
import type { Failure } from "./schema/failure";
import { isEmpty, isGiven, isObject, type JsonObject } from "./schema/json";
import { digestBase64, isDigest } from "./schema/request";
import { maxBase64Bytes } from "./schema/rules";
import { TencentAigcError } from "./vod/errors";
import type { CreateAigcImageTaskRequest } from "./vod/wire";

/** What is known of a file's content. */
interface Content {
  /** Digest of its bytes as Base64: what names them among the inputs and in state. */
  readonly digest: string;
  readonly bytes: number;
}

type Read = { readonly bytes: Buffer } | { readonly reason: string };

/**
 * Files of this machine that are reference images. A file is looked at when its inputs are checked, and read once more
 * when it is sent: only what was checked is sent. In between, and in state, is a digest of its content.
 */
export class LocalFiles {
  /** By the SHA-256 that Pulumi gives an asset. */
  private readonly known = new Map<string, Content>();

  /** How many bytes the file of an asset has, once it was looked at. */
  readonly bytesOf = (asset: unknown): number => this.known.get(hashOf(asset) ?? "")?.bytes ?? 0;

  /**
   * Puts its digest beside each asset.
   * @param old the reference images that are in state: what they have need not be on this machine
   */
  async looked(fileInfos: unknown, old: unknown): Promise<{ fileInfos: unknown; failures: Failure[] }> {
    if (!Array.isArray(fileInfos)) return { fileInfos, failures: [] };
    const failures: Failure[] = [];
    const items: unknown[] = [];
    // One after the other: the bytes of all of them need not be in memory at once.
    for (const [index, item] of fileInfos.entries()) {
      const path = isObject(item) ? filePath(item["asset"]) : undefined;
      const isElsewhere = isObject(item) && !isEmpty(item["base64"]) && !isDigest(item["base64"]);
      if (path === undefined || isElsewhere) {
        items.push(item);
        continue;
      }
      const { base64: _, ...given } = item as JsonObject;
      const content = await this.contentOf(path, hashOf(given["asset"]));
      const digest = "reason" in content ? digestIn(old, hashOf(given["asset"])) : content.digest;
      items.push(digest === undefined ? given : { ...given, base64: digest });
      if (digest === undefined && "reason" in content) {
        failures.push({ property: `fileInfos[${index}].asset`, reason: content.reason });
      }
    }
    return { fileInfos: items, failures };
  }

  /**
   * The request with the bytes of its local files.
   * @param mayBeAccepted whether the same request may have been accepted before
   * @throws, unbilled, where a file is not what was checked
   */
  async withBytes(
    request: CreateAigcImageTaskRequest,
    fileInfos: readonly JsonObject[] = [],
    mayBeAccepted = false,
  ): Promise<CreateAigcImageTaskRequest> {
    if (!fileInfos.some(({ asset }) => isGiven(asset))) return request;
    const sent: NonNullable<CreateAigcImageTaskRequest["FileInfos"]>[number][] = [];
    for (const [index, item] of (request.FileInfos ?? []).entries()) {
      const { asset, base64: digest } = fileInfos[index] ?? {};
      sent.push(isGiven(asset) ? { ...item, Base64: await base64Of(asset, digest, index, mayBeAccepted) } : item);
    }
    return { ...request, FileInfos: sent };
  }

  private async contentOf(path: string, hash: string | undefined): Promise<Content | { readonly reason: string }> {
    // Pulumi has just read it, and the content that the hash names has been looked at before.
    const known = this.known.get(hash ?? "");
    if (known !== undefined) return known;
    const read = await readPicture(path);
    if ("reason" in read) return read;
    const { bytes } = read;
    const found = createHash("sha256").update(bytes).digest("hex");
    if (hash !== undefined && hash !== found) {
      return { reason: "names a file that was written to meanwhile: run it again once it stays the same" };
    }
    const content = { digest: digestBase64(bytes.toString("base64")), bytes: bytes.length };
    this.known.set(found, content);
    return content;
  }
}

/** The digest that state has beside an asset of the same content. */
function digestIn(old: unknown, hash: string | undefined): string | undefined {
  if (!Array.isArray(old) || hash === undefined) return undefined;
  const same = old.find(
    (item: unknown) => isObject(item) && hashOf(item["asset"]) === hash && isDigest(item["base64"]),
  );
  return same?.["base64"];
}

async function base64Of(asset: unknown, digest: unknown, index: number, mayBeAccepted: boolean): Promise<string> {
  const read = await readPicture(filePath(asset) ?? "");
  const base64 = "bytes" in read ? read.bytes.toString("base64") : undefined;
  if (base64 !== undefined && digestBase64(base64) === digest) return base64;
  const why = "reason" in read ? read.reason : "names a file whose content has changed since it was checked";
  throw new TencentAigcError(
    `fileInfos[${index}].asset ${why}. Nothing was sent for it now, and nothing more is billed.`,
    { billed: "no", nextStep: mayBeAccepted ? findsFormer : isAnother },
  );
}

const isAnother =
  "Put the file back as it was and run `pulumi up` again, or run `pulumi preview`: another content is another picture.";
const findsFormer =
  "Put the file back as it was and run `pulumi up` again: a request with the former content may have been accepted before, " +
  "and is found or repeated, billed once.";

/** The bytes of a picture that may be sent. */
async function readPicture(path: string): Promise<Read> {
  let file: FileHandle | undefined;
  try {
    // A pipe that nobody writes to is not waited for.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = await file.stat();
    if (stat.isDirectory()) return { reason: "names a directory: give a picture file" };
    if (!stat.isFile()) return { reason: "names no ordinary file: give a picture file" };
    if (stat.size > maxBase64Bytes) return tooLarge(stat.size);
    const bytes = await file.readFile();
    if (bytes.length === 0) return { reason: "names an empty file: give a picture" };
    if (bytes.length > maxBase64Bytes) return tooLarge(bytes.length);
    return isPicture(bytes)
      ? { bytes }
      : { reason: "names a file that does not begin as a jpeg, png or webp picture: convert it to one" };
  } catch (error) {
    const { code = "no code" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR"
      ? { reason: "names a file that is not there: a relative path begins at the program's directory" }
      : { reason: `names a file that cannot be read (${code})` };
  } finally {
    await file?.close();
  }
}

function tooLarge(bytes: number): Read {
  return {
    reason: `names a file of ${bytes} bytes; at most ${maxBase64Bytes} (7 MB) are allowed: make it smaller, or give it as fileId or url`,
  };
}
