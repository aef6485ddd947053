import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import { TencentAigcError } from "../vod/errors";
import type { MediaInfo, SearchMediaRequest } from "../vod/wire";
import { gathered } from "./gather";
import { absent, asked, found, type Look, type Unanswered, unanswered } from "./look";
import { type PictureFile, pictureFile } from "./pictureFile";

/** SearchMedia, parameter NamePrefixes: at most 10 a request. */
const prefixesPerRequest = 10;
/** DescribeMediaInfos, parameter FileIds: at most 20 a request. */
const fileIdsPerRequest = 20;
const pageSize = 100;
/** SearchMedia, Offset + Limit. */
const furthest = 5000;
/** How long the files with a common tag are taken as they were last told. */
const taggedLifeMs = 10_000;

/** A Permanent file as the media library tells it. */
export interface LibraryFile extends PictureFile {
  readonly fileId: string;
  readonly name: string;
  readonly tags: readonly string[];
  /** Absent where the file never expires. */
  readonly expireTime?: string;
}

/** What the media library says of one FileId. */
export type FileLook = Look<LibraryFile>;

/** More files match than SearchMedia pages through. */
type Searched = Look<readonly LibraryFile[]> | { readonly kind: "tooMany" };

const tooMany: Unanswered = {
  kind: "unknown",
  why: `More than ${furthest} files match. The media library could not be read to its end.`,
  lasting: true,
};

const silent: Unanswered = {
  kind: "unknown",
  why: "The media library did not say whether the file exists.",
  lasting: false,
};

/** The media library of one SubAppId: Permanent files by name, by tag and by FileId. Decides nothing. */
export class Library {
  private readonly prefixed: (prefix: string) => Promise<Look<readonly LibraryFile[]> | undefined>;
  private readonly byId: (fileId: string) => Promise<FileLook | undefined>;
  private readonly tagged = new Map<string, { readonly askedAt: number; readonly look: Promise<Searched> }>();

  constructor(
    private readonly client: VodClient,
    private readonly clock: Clock,
    private readonly subAppId: number,
  ) {
    this.prefixed = gathered(clock, prefixesPerRequest, (prefixes) => this.searchPrefixes(prefixes));
    this.byId = gathered(clock, fileIdsPerRequest, (fileIds) => this.describe(fileIds));
  }

  /** Files whose name begins with a text. */
  filesPrefixed(prefix: string): Promise<Look<readonly LibraryFile[]>> {
    return asked("The media library", async () => (await this.prefixed(prefix)) ?? absent);
  }

  /** Files with exactly this name, among those that the service finds most like it. */
  filesNamed(name: string): Promise<Look<readonly LibraryFile[]>> {
    return asked("The media library", async () => {
      const { files } = await this.page({ Names: [name] }, 0);
      const named = files.filter((file) => file.name === name);
      return named.length > 0 ? found(named) : absent;
    });
  }

  /** Files with a tag. */
  async filesTagged(tag: string): Promise<Look<readonly LibraryFile[]>> {
    return withTag(await this.searchTag(tag), tag);
  }

  /**
   * The same for files that all have a common tag besides: one search for that serves every tag asked for, as far as
   * there are no more such files than a search tells.
   */
  async filesTaggedAmong(common: string, tag: string): Promise<Look<readonly LibraryFile[]>> {
    const all = await this.filesWithCommonTag(common);
    return all.kind === "tooMany" ? this.filesTagged(tag) : withTag(all, tag);
  }

  /** What the library says of each FileId, in their order. */
  files(fileIds: readonly string[]): Promise<FileLook[]> {
    return Promise.all(
      fileIds.map((fileId) => asked("The media library", async () => (await this.byId(fileId)) ?? silent)),
    );
  }

  private filesWithCommonTag(common: string): Promise<Searched> {
    const known = this.tagged.get(common);
    const now = this.clock.now();
    if (known && now - known.askedAt < taggedLifeMs) return known.look;
    const look = this.searchTag(common);
    this.tagged.set(common, { askedAt: now, look });
    return look;
  }

  private searchTag(tag: string): Promise<Searched> {
    return this.search({ Tags: [tag] });
  }

  private async searchPrefixes(prefixes: readonly string[]): Promise<Map<string, Look<readonly LibraryFile[]>>> {
    const all = await this.search({ NamePrefixes: [...prefixes] });
    // One prefix with too many files must not hide those of the others.
    if (all.kind === "tooMany" && prefixes.length > 1) {
      const each = await Promise.all(prefixes.map((prefix) => this.searchPrefixes([prefix])));
      return new Map(each.flatMap((looks) => [...looks]));
    }
    const withPrefix = (prefix: string): Look<readonly LibraryFile[]> => {
      if (all.kind !== "found") return all.kind === "tooMany" ? tooMany : all;
      const files = all.value.filter((file) => file.name.startsWith(prefix));
      return files.length > 0 ? found(files) : absent;
    };
    return new Map(prefixes.map((prefix) => [prefix, withPrefix(prefix)]));
  }

  /** All pages of a search. */
  private async search(filter: SearchMediaRequest): Promise<Searched> {
    const all: LibraryFile[] = [];
    try {
      for (let offset = 0; offset + pageSize <= furthest; offset += pageSize) {
        const { files, count, total } = await this.page(filter, offset);
        all.push(...files);
        if (count === 0 || offset + count >= total) return all.length > 0 ? found(all) : absent;
      }
    } catch (error) {
      if (!TencentAigcError.isInstance(error)) throw error;
      return unanswered("The media library", error);
    }
    return { kind: "tooMany" };
  }

  private async page(filter: SearchMediaRequest, offset: number) {
    const { MediaInfoSet, TotalCount } = await this.client.call("SearchMedia", {
      SubAppId: this.subAppId,
      Categories: ["Image"],
      ...(filter.Names ? {} : { Sort: { Field: "CreateTime", Order: "Desc" } }),
      Offset: offset,
      Limit: pageSize,
      ...filter,
    });
    const media = MediaInfoSet ?? [];
    return { files: media.flatMap(libraryFile), count: media.length, total: TotalCount ?? 0 };
  }

  private async describe(fileIds: readonly string[]): Promise<Map<string, FileLook>> {
    const { MediaInfoSet, NotExistFileIdSet } = await this.client.call("DescribeMediaInfos", {
      SubAppId: this.subAppId,
      FileIds: [...fileIds],
      Filters: ["basicInfo", "metaData"],
    });
    const known = new Map<string, FileLook>();
    for (const fileId of NotExistFileIdSet ?? []) known.set(fileId, absent);
    for (const media of MediaInfoSet ?? []) for (const file of libraryFile(media)) known.set(media.FileId, found(file));
    return known;
  }
}

function withTag(look: Searched, tag: string): Look<readonly LibraryFile[]> {
  if (look.kind === "tooMany") return tooMany;
  if (look.kind !== "found") return look;
  const tagged = look.value.filter((file) => file.tags.includes(tag));
  return tagged.length > 0 ? found(tagged) : absent;
}

/** ExpireTime of a file that never expires (MediaBasicInfo). */
const never = "9999-12-31T23:59:59Z";

function libraryFile({ FileId, BasicInfo, MetaData }: MediaInfo): LibraryFile[] {
  const file = { fileId: FileId, url: BasicInfo?.MediaUrl, fileType: BasicInfo?.Type, storageMode: "Permanent" };
  const { ExpireTime } = BasicInfo ?? {};
  const expires = ExpireTime && ExpireTime !== never && !Number.isNaN(Date.parse(ExpireTime));
  return pictureFile({ ...file, metaData: MetaData }).map((picture) => ({
    ...picture,
    fileId: FileId,
    name: BasicInfo?.Name ?? "",
    tags: BasicInfo?.TagSet ?? [],
    ...(expires ? { expireTime: ExpireTime } : {}),
  }));
}

/** The file as a program sees it. */
export function withoutName({ name: _, tags: __, expireTime: ___, ...file }: LibraryFile): PictureFile {
  return file;
}
