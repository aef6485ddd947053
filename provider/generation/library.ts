import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import type { MediaInfo } from "../vod/wire";
import { libraryFile, type PictureFile } from "./task";

/** SearchMedia, parameter NamePrefixes: at most 10 a request. */
const prefixesPerRequest = 10;
/** DescribeMediaInfos, parameter FileIds: at most 20 a request. */
const fileIdsPerRequest = 20;
const pageSize = 100;
/** SearchMedia, Offset + Limit. */
const furthest = 5000;
/** Pulumi's creates arrive some ten a second: this gathers them, and is nothing beside the making of a picture. */
const gatherMs = 100;

export interface NamedFile extends PictureFile {
  readonly name: string;
}

/** What the media library says of a set of FileIds. */
export interface KnownFiles {
  readonly present: Map<string, NamedFile>;
  /** Explicitly reported as not existing. */
  readonly absent: Set<string>;
}

/**
 * The media library of one SubAppId. A Permanent picture is named by its SessionId, so it is found again at any age,
 * from any machine.
 */
export class Library {
  private readonly named: (prefix: string) => Promise<NamedFile[]>;
  private readonly byId: (fileId: string) => Promise<MediaInfo | "absent" | undefined>;

  constructor(
    private readonly client: VodClient,
    clock: Clock,
    private readonly subAppId: number,
  ) {
    this.named = gathered(clock, prefixesPerRequest, (prefixes) => this.search(prefixes));
    this.byId = gathered(clock, fileIdsPerRequest, (fileIds) => this.describe(fileIds));
  }

  /** Files of any submission of the intention whose base SessionId is given. */
  async filesNamedLike(base: string): Promise<NamedFile[]> {
    return this.named(base);
  }

  async files(fileIds: readonly string[]): Promise<KnownFiles> {
    const present = new Map<string, NamedFile>();
    const absent = new Set<string>();
    await Promise.all(
      fileIds.map(async (fileId) => {
        const media = await this.byId(fileId);
        if (media === "absent") absent.add(fileId);
        else if (media) for (const file of namedFile(media)) present.set(fileId, file);
      }),
    );
    return { present, absent };
  }

  private async search(prefixes: string[]): Promise<Map<string, NamedFile[]>> {
    const files: NamedFile[] = [];
    for (let offset = 0; offset + pageSize <= furthest; offset += pageSize) {
      const page = await this.client.call("SearchMedia", {
        SubAppId: this.subAppId,
        NamePrefixes: prefixes,
        Categories: ["Image"],
        Sort: { Field: "CreateTime", Order: "Desc" },
        Offset: offset,
        Limit: pageSize,
      });
      const media = page.MediaInfoSet ?? [];
      files.push(...media.flatMap(namedFile));
      if (media.length === 0 || offset + media.length >= (page.TotalCount ?? 0)) break;
    }
    return new Map(prefixes.map((prefix) => [prefix, files.filter((file) => file.name.startsWith(prefix))]));
  }

  private async describe(fileIds: string[]): Promise<Map<string, MediaInfo | "absent">> {
    const { MediaInfoSet, NotExistFileIdSet } = await this.client.call("DescribeMediaInfos", {
      SubAppId: this.subAppId,
      FileIds: fileIds,
      Filters: ["basicInfo", "metaData"],
    });
    const known = new Map<string, MediaInfo | "absent">();
    for (const fileId of NotExistFileIdSet ?? []) known.set(fileId, "absent");
    for (const media of MediaInfoSet ?? []) known.set(media.FileId, media);
    return known;
  }
}

function namedFile(media: MediaInfo): NamedFile[] {
  return libraryFile(media).map((file) => ({ ...file, name: media.BasicInfo?.Name ?? "" }));
}

/** Answers single questions with requests of up to `most` of them; equal questions share one. */
function gathered<T>(
  clock: Clock,
  most: number,
  ask: (keys: string[]) => Promise<Map<string, T>>,
): (key: string) => Promise<T> {
  let waiting = new Map<string, PromiseWithResolvers<T>>();
  const flush = (batch: typeof waiting) => {
    // It may have become full, and been asked for, before its time.
    if (waiting !== batch) return;
    waiting = new Map();
    ask([...batch.keys()]).then(
      (answers) => {
        for (const [key, { resolve }] of batch) resolve(answers.get(key) as T);
      },
      (error) => {
        for (const { reject } of batch.values()) reject(error);
      },
    );
  };
  return (key) => {
    const known = waiting.get(key);
    if (known) return known.promise;
    const batch = waiting;
    if (batch.size === 0) void clock.sleep(gatherMs).then(() => flush(batch));
    const question = Promise.withResolvers<T>();
    batch.set(key, question);
    if (batch.size === most) flush(batch);
    return question.promise;
  };
}
