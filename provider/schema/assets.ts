/** Assets and archives, as Pulumi writes them among a resource's values. */
import { isObject, type JsonObject } from "./json";
import { archiveSignature, assetSignature, signatureKey } from "./signatures";

const kinds: Readonly<Record<string, "asset" | "archive">> = {
  [assetSignature]: "asset",
  [archiveSignature]: "archive",
};

export function assetKind(value: unknown): "asset" | "archive" | undefined {
  return isObject(value) ? kinds[String(value[signatureKey])] : undefined;
}

/** An asset as its kind and hash; undefined for anything else, and without a hash. */
export function hashedAsset(value: unknown): string | undefined {
  const kind = assetKind(value);
  const hash = hashOf(value);
  return kind === undefined || hash === undefined ? undefined : `${kind}:${hash}`;
}

/** The hash that Pulumi gives an asset: of a file, the SHA-256 of its bytes. */
export function hashOf(value: unknown): string | undefined {
  const hash = isObject(value) ? value["hash"] : undefined;
  return typeof hash === "string" ? hash : undefined;
}

/** Path of a FileAsset, as the program gave it. */
export function filePath(value: unknown): string | undefined {
  if (assetKind(value) !== "asset") return undefined;
  const { path, text, uri } = value as JsonObject;
  return typeof path === "string" && path !== "" && !text && !uri ? path : undefined;
}

/** Why an asset cannot be a reference image, before any file is looked at. */
export function assetReason(value: unknown): string | undefined {
  if (filePath(value) !== undefined) return undefined;
  const kind = assetKind(value);
  if (kind === "archive") return "is an archive: give each picture as a FileAsset of its own";
  if (kind === undefined) return "must be a FileAsset, such as new pulumi.asset.FileAsset(path)";
  const { uri, text } = value as JsonObject;
  if (uri) return "is a RemoteAsset: give its address as url, which the service reads by itself, or a FileAsset";
  if (text) return "is a StringAsset, and no picture is text: give a FileAsset, or Base64 text as base64";
  return "is empty: give the path of a picture to a FileAsset";
}

const startsWith = (bytes: Buffer, start: readonly number[], at = 0) =>
  bytes.subarray(at, at + start.length).equals(Buffer.from(start));
const ascii = (text: string) => [...Buffer.from(text, "latin1")];

/** Whether bytes begin as a picture of a type that the service reads: jpeg, png or webp. */
export function isPicture(bytes: Buffer): boolean {
  return (
    startsWith(bytes, [0xff, 0xd8, 0xff]) ||
    startsWith(bytes, [0x89, ...ascii("PNG\r\n\x1a\n")]) ||
    (startsWith(bytes, ascii("RIFF")) && startsWith(bytes, ascii("WEBP"), 8))
  );
}
