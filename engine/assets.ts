import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { archiveSignature, assetSignature, hasSignature, isMap, type PropertyMap, type PropertyValue } from "./values";

/**
 * Gives every asset its hash, by which a change of it is found. A remote asset is downloaded for that at every preview and
 * every update, and any answer counts as the asset, an error page too, as in Pulumi.
 *
 * @param directory the program's, where relative paths begin
 * @throws where one cannot be read, with its path among the properties
 */
export function hashAssets(properties: PropertyMap, directory: string): Promise<PropertyMap> {
  return hashFields(properties, directory, "");
}

async function hashFields(fields: PropertyMap, directory: string, at: string): Promise<PropertyMap> {
  const entries = Object.entries(fields).map(
    async ([key, value]) => [key, await hash(value, directory, at === "" ? key : `${at}.${key}`)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function hash(value: PropertyValue, directory: string, at: string): Promise<PropertyValue> {
  if (Array.isArray(value)) {
    return Promise.all(value.map((element, index) => hash(element, directory, `${at}[${index}]`)));
  }
  if (!isMap(value)) return value;
  if (hasSignature(value, assetSignature)) return { ...value, hash: sha256(await contents(value, directory, at)) };
  const hashed = await hashFields(value, directory, at);
  if (!hasSignature(value, archiveSignature)) return hashed;
  return { ...hashed, hash: sha256(JSON.stringify(hashed["assets"] ?? hashed["path"] ?? hashed["uri"] ?? "")) };
}

async function contents({ text, path, uri }: PropertyMap, directory: string, at: string): Promise<string | Buffer> {
  try {
    if (typeof text === "string" && text !== "") return text;
    if (typeof path === "string" && path !== "") return await readFile(resolve(directory, path));
    if (typeof uri !== "string" || uri === "") return "";
    if (uri.startsWith("file://")) return await readFile(new URL(uri));
    return Buffer.from(await (await fetch(uri)).arrayBuffer());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`failed to compute asset hash at ${at}: ${why}`, { cause: error });
  }
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
