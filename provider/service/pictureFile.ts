import { secureUrl } from "../schema/pictureUrl";
import type { MediaMetaData } from "../vod/wire";

/** A picture, as a program sees it. */
export interface PictureFile {
  /** Where the picture is served; a Temporary one for 7 days. Absent where the service has not told it yet. */
  readonly url?: string;
  /** Only of a Permanent file. */
  readonly fileId?: string;
  /** File type, such as `png`. */
  readonly fileType?: string;
  readonly storageMode?: string;
  /** Bytes. */
  readonly size?: number;
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  readonly md5?: string;
}

type Told<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** The file that the service tells of, if it is one: a FileId without a URL is, since it is there and paid for. */
export function pictureFile({
  metaData,
  ...told
}: Told<PictureFile> & { readonly metaData: MediaMetaData | null | undefined }): PictureFile[] {
  if (!told.url && !told.fileId) return [];
  const url = told.url && secureUrl(told.url);
  const all = { ...told, url, size: metaData?.Size || undefined, ...pixels(metaData), md5: metaData?.Md5 };
  // What the service left out, sent empty or as null stays out of the stored outputs.
  const kept = Object.entries(all).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return [Object.fromEntries(kept)];
}

/** An image's own size may be told as that of its only frame. Both sides are taken from one of them. */
function pixels(metaData: MediaMetaData | null | undefined): { width?: number; height?: number } {
  for (const told of [metaData, metaData?.VideoStreamSet?.[0]]) {
    if (told?.Width && told.Height) return { width: told.Width, height: told.Height };
  }
  return {};
}

export function hasUrl({ url }: PictureFile): boolean {
  return url !== undefined;
}

export function fileIdsOf(files: readonly PictureFile[] | undefined): string[] {
  return (files ?? []).flatMap((file) => file.fileId ?? []);
}
