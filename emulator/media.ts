import type { OutputFile } from "./task";

/** A file of the media library. Times are in milliseconds of the emulator's clock. */
export interface Media {
  readonly fileId: string;
  readonly subAppId: number;
  name: string;
  classId: number;
  /** Infinite for never. */
  expireTime: number;
  readonly createTime: number;
  updateTime: number;
  readonly searchableFrom: number;
  /** The generated picture; absent for one that was registered by hand. */
  readonly picture?: OutputFile;
}

/** The media library: Permanent pictures, and what was registered by hand. */
export class MediaLibrary {
  private readonly byId = new Map<string, Media>();

  add(media: Media): void {
    this.byId.set(media.fileId, media);
  }

  /** The file, unless it does not exist, has expired, or belongs to another application. */
  get(fileId: string, subAppId: number | undefined, now: number): Media | undefined {
    const media = this.byId.get(fileId);
    if (!media || media.expireTime <= now) return undefined;
    return subAppId === undefined || media.subAppId === subAppId ? media : undefined;
  }

  delete(fileId: string): boolean {
    return this.byId.delete(fileId);
  }

  /** All that exist and can be found at `now`, oldest first. */
  *searchable(subAppId: number | undefined, now: number): Generator<Media> {
    for (const media of this.byId.values()) {
      if (media.searchableFrom > now || media.expireTime <= now) continue;
      if (subAppId === undefined || media.subAppId === subAppId) yield media;
    }
  }
}
