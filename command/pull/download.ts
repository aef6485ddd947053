import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { lstat, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import type { Route } from "./dispatchers";
import type { Parts } from "./parts";
import type { Picture } from "./pictures";

export interface Fetched {
  readonly size: number;
  readonly sha256: string;
}

export type Result =
  | ({ readonly kind: "fetched" | "kept" } & Fetched)
  | { readonly kind: "missing"; readonly reason: string };

export interface DownloadOptions {
  readonly folder: string;
  readonly parts: Parts;
  readonly maxBytes: number;
  readonly routeTo: (url: URL) => Route;
}

const maxRedirects = 5;

/**
 * The picture as it is in the folder, where it is there and right.
 * @param former what an earlier run has fetched of it: of a picture of which the stack knows neither size nor MD5
 */
export async function kept(picture: Picture, folder: string, former: Fetched | undefined): Promise<Result | undefined> {
  // What cannot be read is fetched anew.
  const there = await measured(join(folder, picture.file)).catch(() => undefined);
  if (there === undefined) return undefined;
  const isRight = isKnown(picture) ? differs(picture, there) === undefined : there.sha256 === former?.sha256;
  return isRight ? { kind: "kept", size: there.size, sha256: there.sha256 } : undefined;
}

/** Brings one picture into the folder. Never rejects for what the server does. */
export async function download(picture: Picture, options: DownloadOptions): Promise<Result> {
  if (picture.url === undefined) return missing(picture.problem ?? "it has no URL");
  if (!URL.canParse(picture.url)) return missing("its URL is not a URL");
  if ((picture.size ?? 0) > options.maxBytes) return missing(tooLarge(options));
  const target = join(options.folder, picture.file);
  try {
    // Named by its URL too: what is left of another picture is not continued.
    const part = await options.parts.goOn(`${picture.file}.${hash("sha256", picture.url).slice(0, 12)}`);
    // Only its MD5 shows that the rest belongs to what is there.
    const continued = picture.md5 === undefined ? 0 : await bytesOf(part);
    const isWhole = continued > 0 && continued === picture.size;
    let problem = isWhole ? undefined : await receive(picture.url, part, continued, options);
    let got = problem === undefined ? await measured(part) : undefined;
    if (continued > 0 && (problem === cannotContinue || (got && differs(picture, got) !== undefined))) {
      await rm(part, { force: true });
      problem = await receive(picture.url, part, 0, options);
      got = problem === undefined ? await measured(part) : undefined;
    }
    if (problem === tooLarge(options)) await rm(part, { force: true });
    if (problem !== undefined) return missing(problem);
    if (got === undefined) return missing("its file could not be read back");
    const difference = differs(picture, got);
    if (difference !== undefined) {
      await rm(part, { force: true });
      return missing(difference);
    }
    // A link at the target's name is replaced, not followed.
    await rename(part, target);
    return { kind: "fetched", size: got.size, sha256: got.sha256 };
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: unknown };
    const { proxyVariable } = options.routeTo(new URL(picture.url));
    const through = proxyVariable === undefined ? "" : ` through the proxy that ${proxyVariable} names`;
    return missing(`it could not be fetched${through} (${String(code ?? name)}). Run the same command again to go on`);
  }
}

const cannotContinue = "the server does not continue it";

/** Writes the answer's body to the part file. @returns what is wrong, if something is */
async function receive(
  from: string,
  part: string,
  offset: number,
  options: DownloadOptions,
): Promise<string | undefined> {
  let url = from;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const parsed = new URL(url);
    if (parsed.protocol !== "https:" && parsed.protocol !== "http:") return "its URL is not http or https";
    const { statusCode, headers, body } = await request(parsed, {
      dispatcher: options.routeTo(parsed).dispatcher,
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    });
    const continues = statusCode === 206 && String(headers["content-range"]).startsWith(`bytes ${offset}-`);
    const start = continues ? offset : 0;
    const isTooLarge = start + Number(headers["content-length"] ?? 0) > options.maxBytes;
    if ((statusCode === 200 || continues) && !isTooLarge) return write(body, part, start, options);
    body.on("error", () => undefined).destroy();
    if (statusCode === 200 || continues) return tooLarge(options);
    if (statusCode >= 300 && statusCode < 400 && typeof headers.location === "string") {
      if (!URL.canParse(headers.location, url)) return "it is redirected to what is not a URL";
      url = new URL(headers.location, url).href;
      continue;
    }
    return offset > 0 && (statusCode === 416 || statusCode === 206) ? cannotContinue : refusal(statusCode);
  }
  return `it is redirected more than ${maxRedirects} times`;
}

async function write(
  body: AsyncIterable<Buffer>,
  part: string,
  offset: number,
  options: DownloadOptions,
): Promise<string | undefined> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | (offset === 0 ? constants.O_TRUNC : 0);
  const file = await open(part, flags, 0o644);
  let position = offset;
  try {
    for await (const piece of body) {
      if (position + piece.length > options.maxBytes) return tooLarge(options);
      await file.write(piece, 0, piece.length, position);
      position += piece.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return undefined;
}

/** Bytes of a part file that can be continued. A link, or a file with a second name, is not written to. */
async function bytesOf(part: string): Promise<number> {
  const found = await lstat(part).catch(noFile);
  if (found === undefined) return 0;
  if (found.isFile() && found.nlink === 1) return found.size;
  await rm(part, { force: true });
  return 0;
}

async function measured(path: string): Promise<(Fetched & { readonly md5: string }) | undefined> {
  const found = await lstat(path).catch(noFile);
  if (!found?.isFile()) return undefined;
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  for await (const piece of createReadStream(path)) {
    md5.update(piece);
    sha256.update(piece);
  }
  return { size: found.size, md5: md5.digest("hex"), sha256: sha256.digest("hex") };
}

function noFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

function isKnown({ size, md5 }: Picture): boolean {
  return size !== undefined || md5 !== undefined;
}

const changed = "Where the file was changed at the service, run pulumi refresh and export again";

function differs(known: Picture, got: { readonly size: number; readonly md5: string }): string | undefined {
  if (known.size !== undefined && known.size !== got.size) {
    return `it has ${got.size} bytes, the stack says ${known.size}. ${changed}`;
  }
  return known.md5 === undefined || known.md5 === got.md5
    ? undefined
    : `its MD5 is not the one in the stack. ${changed}`;
}

function tooLarge({ maxBytes }: DownloadOptions): string {
  return `it is larger than ${maxBytes} bytes. See --max-bytes`;
}

function refusal(status: number): string {
  const gone = "Run pulumi refresh and export again; where the file was moved, adopt it by adoptFileIds";
  if (status === 403) return `its URL has expired or is refused (403). ${gone}`;
  if (status === 404 || status === 410) return `its file is not there any more (${status}). ${gone}`;
  return `the server answered ${status}. Run the same command again later`;
}

function missing(reason: string): Result {
  return { kind: "missing", reason };
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}
