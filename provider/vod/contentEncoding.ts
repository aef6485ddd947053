import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

type Decode = (body: Buffer, limit: { maxOutputLength: number }) => Buffer;

/** "deflate" means zlib's format; some servers send it bare. */
const inflate: Decode = (body, limit) => {
  try {
    return inflateSync(body, limit);
  } catch (error) {
    if (isTooLarge(error)) throw error;
    return inflateRawSync(body, limit);
  }
};

const decoders: Readonly<Record<string, Decode>> = {
  identity: (body) => body,
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflate,
  br: brotliDecompressSync,
};

/**
 * The body behind its content encoding, or why it cannot be had. None is asked for; a proxy in between may add one all
 * the same. A body that is no such encoding stays as it is: it may have been decoded on the way, with its header left.
 */
export function decodeBody(
  body: Buffer,
  contentEncoding: string | string[] | undefined,
  maxBytes: number,
): { readonly body: Buffer } | { readonly reason: string } {
  const names = [contentEncoding ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  let decoded = body;
  for (const name of names.filter((one) => one !== "").reverse()) {
    const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    try {
      decoded = decode ? decode(decoded, { maxOutputLength: maxBytes }) : decoded;
    } catch (error) {
      if (isTooLarge(error)) return { reason: "answer too large" };
    }
  }
  return { body: decoded };
}

/** Tells of the encoding where a body could not be read; only what may be the name of one is repeated. */
export function encodingReason(contentEncoding: string | string[] | undefined): string | undefined {
  const names = [contentEncoding ?? []].flat().join(", ").trim();
  if (names === "" || names.toLowerCase() === "identity") return undefined;
  return /^[\w.,* -]{1,40}$/.test(names) ? `content-encoding ${names}` : "content-encoding";
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError;
}
