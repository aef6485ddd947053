import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { archiveSignature, assetSignature, hasSignature, isMap, type PropertyMap, type PropertyValue } from "./values";

/**
 * Gives every asset its hash, by which a change of it is found. A remote asset is downloaded for that at every preview and
 * every update, and any answer counts as the asset, an error page too, as in Pulumi.
 */
export async function hashAssets(properties: PropertyMap, directory: string): Promise<PropertyMap> {
  const entries = Object.entries(properties).map(async ([key, value]) => [key, await hash(value, directory)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function hash(value: PropertyValue, directory: string): Promise<PropertyValue> {
  if (Array.isArray(value)) return Promise.all(value.map((element) => hash(element, directory)));
  if (!isMap(value)) return value;
  if (hasSignature(value, assetSignature)) return { ...value, hash: sha256(await contents(value, directory)) };
  const hashed = await hashAssets(value, directory);
  if (!hasSignature(value, archiveSignature)) return hashed;
  return { ...hashed, hash: sha256(JSON.stringify(hashed["assets"] ?? hashed["path"] ?? hashed["uri"] ?? "")) };
}

async function contents({ text, path, uri }: PropertyMap, directory: string): Promise<string | Buffer> {
  if (typeof text === "string" && text !== "") return text;
  if (typeof path === "string" && path !== "") return readFile(resolve(directory, path));
  if (typeof uri !== "string" || uri === "") return "";
  if (uri.startsWith("file://")) return readFile(new URL(uri));
  return Buffer.from(await (await fetch(uri)).arrayBuffer());
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
