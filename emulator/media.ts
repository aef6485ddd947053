import type { OutputFile } from "./task";

/** Of one file. */
export const mostTags = 16;

/** A file of the media library. Times are in milliseconds of the emulator's clock. */
export interface Media {
  readonly fileId: string;
  readonly subAppId: number;
  name: string;
  description: string;
  classId: number;
  /** Each tag, and from when on SearchMedia knows it. */
  readonly tags: Map<string, number>;
  /** Infinite for never. */
  expireTime: number;
  readonly createTime: number;
  updateTime: number;
  readonly searchableFrom: number;
  /** The generated picture; absent for one that was registered by hand. */
  readonly picture?: OutputFile;
}

/** What ModifyMediaInfo may change; what is absent stays. */
export interface MediaChanges {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly classId?: number | undefined;
  readonly expireTime?: number | undefined;
  readonly clearTags?: boolean | undefined;
  readonly deleteTags?: readonly string[] | undefined;
  readonly addTags?: readonly string[] | undefined;
  /** How long after the change SearchMedia knows the tags added. */
  readonly tagLagSeconds: number;
}

/** The media library: Permanent pictures, and what was registered by hand. */
export class MediaLibrary {
  private readonly byId = new Map<string, Media>();

  add(media: Media): void {
    this.byId.set(media.fileId, media);
  }

  /** Adds a file that no task made. */
  register(
    fileId: string,
    { subAppId, name = `media-${fileId}`, classId = 0 }: { subAppId: number; name?: string; classId?: number },
    time: number,
  ): void {
    const dates = { createTime: time, updateTime: time, searchableFrom: time, expireTime: Number.POSITIVE_INFINITY };
    this.add({ fileId, subAppId, name, description: "", classId, tags: new Map(), ...dates });
  }

  change(fileId: string, changes: MediaChanges, time: number): void {
    const media = this.byId.get(fileId);
    if (!media) return;
    media.name = changes.name ?? media.name;
    media.description = changes.description ?? media.description;
    media.classId = changes.classId ?? media.classId;
    media.expireTime = changes.expireTime ?? media.expireTime;
    if (changes.clearTags) media.tags.clear();
    for (const tag of changes.deleteTags ?? []) media.tags.delete(tag);
    for (const tag of changes.addTags ?? []) {
      if (!media.tags.has(tag)) media.tags.set(tag, time + changes.tagLagSeconds * 1000);
    }
    media.updateTime = time;
  }

  has(fileId: string): boolean {
    return this.byId.has(fileId);
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
