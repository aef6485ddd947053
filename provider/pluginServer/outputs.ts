import { nameIn } from "../resourceName";
import type { JsonObject } from "../schema/json";
import { missingPictureUrl } from "../schema/missingPicture";

/**
 * Outputs as a program in any language reads them. Where there is no picture, `url` is an address that nothing answers
 * to: what is made from it is refused, unbilled, never made from the word "undefined" or an empty text.
 */
export function withUrl(outputs: JsonObject, urn: string): JsonObject {
  if (typeof outputs["url"] === "string") return outputs;
  const why = Array.isArray(outputs["files"]) ? "failed" : "pending";
  return { fileUrls: [], ...outputs, url: missingPictureUrl(nameIn(urn), why) };
}

/** Whether stored outputs are as the dynamic provider wrote them: with its code, or with the pictures under `files` alone. */
export function areDynamic({ __provider, files, url }: JsonObject): boolean {
  return __provider !== undefined || (Array.isArray(files) && typeof url !== "string");
}
