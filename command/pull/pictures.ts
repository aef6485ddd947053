import { createHash } from "node:crypto";
import { z } from "zod";
import { isSecret, opened, pictureResources } from "../stackResources";

const fileSchema = z.object({
  url: z.unknown().optional(),
  fileId: z.string().optional().catch(undefined),
  fileType: z.string().optional().catch(undefined),
  size: z.number().int().nonnegative().optional().catch(undefined),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i)
    .optional()
    .catch(undefined),
});

export interface Picture {
  readonly name: string;
  readonly urn: string;
  /** Its name in the target folder. */
  readonly file: string;
  readonly url?: string;
  /** The export tells its URL as a secret in plain text: it is fetched, and not written to the manifest. */
  readonly secretUrl?: true;
  readonly taskId?: string;
  readonly fileId?: string;
  readonly size?: number;
  readonly md5?: string;
  /** Why it cannot be asked for. */
  readonly problem?: string;
}

const encrypted = "its URL is a secret in this export. Export with: pulumi stack export --show-secrets";

/** The pictures of an exported stack, each with a file name that no URL has a say in. */
export function picturesOf(stack: unknown): Picture[] {
  const found = pictureResources(stack).flatMap(({ urn, name, outputs }) => picturesOfResource(urn, name, outputs));
  return withUniqueFiles(found);
}

type Unnamed = Omit<Picture, "file"> & { readonly index: number; readonly extension: string };

function picturesOfResource(urn: string, name: string, outputs: Readonly<Record<string, unknown>>): Unnamed[] {
  const { taskId } = outputs;
  const common = { name, urn, ...(typeof taskId === "string" && taskId ? { taskId } : {}) };
  const none = { ...common, index: 0, extension: "img" };
  const files = opened(outputs["files"]);
  if (isSecret(files)) return [{ ...none, problem: encrypted }];
  if (!Array.isArray(files) || files.length === 0) {
    return [{ ...none, problem: "the stack has no picture of it. Run pulumi refresh, then export again" }];
  }
  return files.map((file: unknown, index) => {
    const read = fileSchema.safeParse(opened(file));
    if (!read.success) return { ...none, index, problem: isSecret(file) ? encrypted : "its entry cannot be read" };
    const { fileId, fileType, size, md5 } = read.data;
    const url = opened(read.data.url);
    return {
      ...common,
      index,
      extension: extensionOf(fileType),
      ...(fileId ? { fileId } : {}),
      ...(size === undefined ? {} : { size }),
      ...(md5 === undefined ? {} : { md5: md5.toLowerCase() }),
      ...(typeof url === "string" && url
        ? { url, ...([outputs["files"], file, read.data.url].some(isSecret) ? { secretUrl: true as const } : {}) }
        : { problem: isSecret(url) ? encrypted : "the stack has no URL of it. Run pulumi refresh, then export again" }),
    };
  });
}

const imageTypes = new Set(["png", "jpg", "jpeg", "webp", "gif", "bmp", "tiff", "avif", "heic"]);

function extensionOf(fileType: string | undefined): string {
  const type = fileType?.toLowerCase() ?? "";
  return imageTypes.has(type) ? type : "img";
}

function withUniqueFiles(pictures: readonly Unnamed[]): Picture[] {
  const plain = pictures.map(({ name, index, extension }) => `${sanitised(name)}-${index}.${extension}`);
  // Some file systems take names that differ in case alone for one.
  const counts = new Map<string, number>();
  for (const file of plain) counts.set(file.toLowerCase(), (counts.get(file.toLowerCase()) ?? 0) + 1);
  const named = pictures.map(({ index, extension, ...picture }, position) => {
    const file = plain[position] ?? "";
    const unique = sanitised(picture.name) === picture.name && counts.get(file.toLowerCase()) === 1;
    const digest = createHash("sha256").update(picture.urn).digest("hex").slice(0, 16);
    return { ...picture, file: unique ? file : `${sanitised(picture.name)}-${digest}-${index}.${extension}` };
  });
  if (new Set(named.map(({ file }) => file.toLowerCase())).size !== named.length) {
    throw new Error("Two pictures of this stack would get the same file name. Rename one of their resources.");
  }
  return named;
}

/** Without dots, a name is no path, no hidden file and, with the index after it, no device. */
function sanitised(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_-]/g, "_")
    .replace(/^-/, "_")
    .slice(0, 80);
}
