import { createHash } from "node:crypto";
import { landscape } from "./landscape";
import { pictureSize } from "./pictureSize";
import { encodePng } from "./png";
import type { OutputFile } from "./task";

/** How many drawn pictures are kept; others are drawn again when asked for. */
const kept = 64;
const cache = new Map<OutputFile, Buffer>();

/** The bytes of a picture: a PNG of the size asked for, always the same for the same file. */
export function drawImage(file: OutputFile): Buffer {
  const cached = cache.get(file);
  if (cached) return cached;
  const { request, taskId } = file.task;
  const subject = [request.ModelName, request.ModelVersion, request.Prompt, request.NegativePrompt].join("\n");
  const png = encodePng(landscape(subject, `${request.Seed ?? taskId} ${file.index}`, pictureSize(request)));
  cache.set(file, png);
  for (const oldest of cache.keys()) {
    if (cache.size <= kept) break;
    cache.delete(oldest);
  }
  return png;
}

/** Size and MD5 of a picture's bytes, drawn at most once to know them. */
export function imageDigest(file: OutputFile): { bytes: number; md5: string } {
  if (!file.size) {
    const png = drawImage(file);
    file.size = { bytes: png.length, md5: createHash("md5").update(png).digest("hex") };
  }
  return file.size;
}
