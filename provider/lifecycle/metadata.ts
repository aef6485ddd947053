import { generationIdIn, nameOf } from "../generation/generationId";
import { tagOf, tagsOf } from "../generation/names";
import type { Outcome } from "../generation/record";
import type { Library } from "../service/library";
import { fileIdsOf } from "../service/pictureFile";
import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import { TencentAigcError } from "../vod/errors";
import type { ModifyMediaInfoRequest } from "../vod/wire";
import { type Metadata, metadataKeys } from "./outputs";

/** What a file has to which nobody gave a class or an end (ModifyMediaInfo; MediaBasicInfo). */
const noClass = 0;
const neverExpires = "9999-12-31T23:59:59Z";

export interface MetadataChange {
  readonly outcome: Outcome;
  /** As last sent to the service. */
  readonly sent: Metadata;
  readonly wanted: Metadata;
  readonly subAppId: number;
  /** The files were made by this verb: where there are several, nothing at the service tells their order yet. */
  readonly isNew: boolean;
}

export interface MetadataContext {
  readonly client: VodClient;
  readonly libraryOf: (subAppId: number) => Library;
  readonly tagSearch: TagSearch;
  /** The service's time (ms). */
  readonly now: () => number;
}

/**
 * Sets names, tags and other metadata of Permanent files where they differ from what was last sent. Costs nothing. What
 * is refused stays a difference, and is said: the picture is ready all the same.
 */
export async function changeMetadata(
  { outcome, sent, wanted, subAppId, isNew }: MetadataChange,
  context: MetadataContext,
): Promise<{ outcome: Outcome; metadata: Metadata }> {
  const { record } = outcome;
  const fileIds = record.kind === "finished" ? fileIdsOf(record.files) : [];
  if (fileIds.length === 0) return { outcome, metadata: metadataDiffer(sent, wanted) ? sent : wanted };
  const files = new Files(context, subAppId, fileIds, record.adopted ? undefined : record.generationId);
  const name = wanted.mediaName ?? defaultName(record);
  const renames = sent.mediaName !== wanted.mediaName && name !== undefined;
  const others = {
    ...classChange(sent, wanted),
    ...(outcome.reused ? await laterEnd(files, wanted, record.adopted) : endChange(sent, wanted)),
  };
  try {
    if (renames && wanted.mediaName !== undefined) {
      const renamed = await files.rename(name, others);
      return { outcome, metadata: renamed ? wanted : { ...wanted, mediaName: sent.mediaName } };
    }
    const change = { ...others, ...(renames ? { Name: name } : {}) };
    if (isNew && fileIds.length > 1) await files.change((index) => ({ ...files.tags(index), ...change }));
    else if (Object.keys(change).length > 0) await files.change(() => change);
    return { outcome, metadata: wanted };
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    // Files that have ended as ordered have nothing left to be set.
    const hasEnded = Date.parse(sent.expireTime ?? "") <= context.now();
    if (hasEnded && error.code?.startsWith("ResourceNotFound")) return { outcome, metadata: wanted };
    const warning = `The picture is there, but its metadata could not be set: ${error.message} The next \`pulumi up\` sets it, unbilled.`;
    return {
      outcome: { ...outcome, warning: [outcome.warning, warning].filter(Boolean).join(" ") },
      metadata: sent,
    };
  }
}

/** Whether an update would change metadata. */
export function metadataDiffer(sent: Metadata, wanted: Metadata): boolean {
  return metadataKeys.some((key) => sent[key] !== wanted[key]);
}

/** The name that a file was born with. A file that was taken over keeps its own. */
function defaultName({ adopted, generationId, submission }: Outcome["record"]): string | undefined {
  return adopted || generationId === undefined ? undefined : nameOf(generationId, submission?.number ?? 1);
}

function classChange(sent: Metadata, wanted: Metadata): Partial<ModifyMediaInfoRequest> {
  return sent.classId === wanted.classId ? {} : { ClassId: wanted.classId ?? noClass };
}

function endChange(sent: Metadata, wanted: Metadata): Partial<ModifyMediaInfoRequest> {
  return sent.expireTime === wanted.expireTime ? {} : { ExpireTime: wanted.expireTime ?? neverExpires };
}

/**
 * A picture that is reused may be another stack's as well: its end is only ever made later. One that was ordered once
 * and is no longer asked for goes, or a picture that is to stay would be deleted, and billed anew.
 */
async function laterEnd(
  files: Files,
  { expireTime }: Metadata,
  isAdopted: boolean | undefined,
): Promise<Partial<ModifyMediaInfoRequest>> {
  // A file that was taken over keeps its own end.
  if (isAdopted && expireTime === undefined) return {};
  const end = await files.earliestEnd();
  const wanted = expireTime ?? neverExpires;
  return end === undefined || Date.parse(wanted) <= Date.parse(end) ? {} : { ExpireTime: wanted };
}

/** How long an answer that files are not found by their tag yet is taken for all files. */
const unseenMs = 10_000;

/**
 * Whether files of a SubApp are found by their tags: tried with the first file of a process. Once it is so, a tag and a
 * name are set in one request.
 */
export class TagSearch {
  private readonly trials = new Map<number, { readonly at: number; readonly works: Promise<boolean> }>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param tryIt tags files, and looks for them
   * @returns whether tags work, and whether it was tried with these files
   */
  async works(subAppId: number, tryIt: () => Promise<boolean>): Promise<{ works: boolean; tried: boolean }> {
    const known = this.trials.get(subAppId);
    if (known) {
      const works = await known.works;
      if (works || this.clock.now() - known.at < unseenMs) return { works, tried: false };
    }
    const trying = tryIt();
    // What refuses these files may take the next.
    this.trials.set(subAppId, { at: this.clock.now(), works: trying.catch(() => false) });
    return { works: await trying, tried: true };
  }
}

function notAsked(why: string): TencentAigcError {
  return new TencentAigcError(why, { billed: "no", nextStep: "Nothing was changed." });
}

/** The files of one picture at the service. */
class Files {
  constructor(
    private readonly context: MetadataContext,
    private readonly subAppId: number,
    private readonly fileIds: readonly string[],
    /** Undefined for what was taken over. */
    private readonly generationId: string | undefined,
  ) {}

  async change(changeOf: (index: number) => Partial<ModifyMediaInfoRequest>): Promise<void> {
    const { client } = this.context;
    await Promise.all(
      this.fileIds.map((FileId, index) =>
        client.call("ModifyMediaInfo", { FileId, SubAppId: this.subAppId, ...changeOf(index) }),
      ),
    );
  }

  /**
   * Renames files once they are found by their tag: under a name of the user's own nothing else tells whose they are.
   * @returns whether they were renamed
   */
  async rename(name: string, others: Partial<ModifyMediaInfoRequest>): Promise<boolean> {
    const { context, subAppId } = this;
    const born = await this.bornUnder();
    const tagged = (index: number) => ({ ...this.tags(index, born[index]), ...others });
    if (born.every((id) => id === undefined)) {
      await this.change(() => ({ ...others, Name: name }));
      return true;
    }
    const { works, tried } = await context.tagSearch.works(subAppId, async () => {
      await this.change(tagged);
      return this.areTagged(born);
    });
    if (works) await this.change((index) => ({ ...(tried ? {} : tagged(index)), Name: name }));
    else if (!tried) await this.change(tagged);
    return works;
  }

  /**
   * The generation id that each file was born under. One that was taken over may be another stack's as well, which
   * finds it by that name.
   */
  private async bornUnder(): Promise<(string | undefined)[]> {
    const { generationId, context, subAppId, fileIds } = this;
    if (generationId !== undefined) return fileIds.map(() => generationId);
    const looks = await context.libraryOf(subAppId).files(fileIds);
    const unanswered = looks.find((look) => look.kind === "unknown");
    if (unanswered) throw notAsked(unanswered.why);
    return looks.map((look) => (look.kind === "found" ? generationIdIn(look.value.name) : undefined));
  }

  private async areTagged(born: readonly (string | undefined)[]): Promise<boolean> {
    const library = this.context.libraryOf(this.subAppId);
    const ids = [...new Set(born)].filter((id) => id !== undefined);
    const looks = await Promise.all(ids.map((id) => library.filesTagged(tagOf(id))));
    const tagged = new Set(
      looks.flatMap((look) => (look.kind === "found" ? look.value : [])).map((file) => file.fileId),
    );
    return this.fileIds.every((fileId, index) => born[index] === undefined || tagged.has(fileId));
  }

  /** When the first of them ends; undefined where none does, or the service does not say. */
  async earliestEnd(): Promise<string | undefined> {
    const looks = await this.context.libraryOf(this.subAppId).files(this.fileIds);
    const ends = looks.flatMap((look) => (look.kind === "found" ? (look.value.expireTime ?? []) : []));
    return ends.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
  }

  /** The tags by which a file is found under any name. One that was taken over has been told its place, if any. */
  tags(index: number, born = this.generationId): Partial<ModifyMediaInfoRequest> {
    if (born === undefined) return {};
    return { AddTags: tagsOf(born, index, born === this.generationId ? this.fileIds.length : 1) };
  }
}
