import type { LibraryFile } from "../service/library";
import { generationIdPrefix, submissionNamed } from "./generationId";

/**
 * How the files of an intention are found again at any age, from any machine: they are born under its generation id,
 * and carry tags where that name is to change or does not tell their order.
 */
export const commonTag = generationIdPrefix.slice(0, -1);

/** The tag of one intention: 32 hex digits, the most that a tag may have. */
export function tagOf(generationId: string): string {
  return generationId.slice(generationIdPrefix.length);
}

/** The generation id that a file's tags name, if they do. */
export function generationIdTagged(tags: readonly string[]): string | undefined {
  const tag = tags.includes(commonTag) ? tags.find((text) => /^[0-9a-f]{32}$/.test(text)) : undefined;
  return tag === undefined ? undefined : generationIdPrefix + tag;
}

/** The place of a file in its task, from 1. */
function indexTag(index: number): string {
  return `${generationIdPrefix}${index}`;
}

/** The tags of a file: where it is one of several, its place too. */
export function tagsOf(generationId: string, index: number, count: number): string[] {
  return [tagOf(generationId), commonTag, ...(count > 1 ? [indexTag(index + 1)] : [])];
}

function indexOf(file: LibraryFile): number | undefined {
  const tag = file.tags.find(
    (text) => text.startsWith(generationIdPrefix) && /^\d{1,3}$/.test(text.slice(generationIdPrefix.length)),
  );
  return tag === undefined ? undefined : Number(tag.slice(generationIdPrefix.length));
}

export interface PictureSet {
  readonly files: readonly LibraryFile[];
  /** Undefined where no name tells it. */
  readonly submission: number | undefined;
  readonly ordered: boolean;
}

/**
 * The picture among all files of an intention: those of its latest submission. Names with an ending of the service's
 * own tell no submission, and are one set as far as they are no more than were asked for.
 */
export function pictureAmong(
  all: readonly LibraryFile[],
  generationId: string,
  imagesAsked: number,
): PictureSet | undefined {
  if (all.length === 0) return undefined;
  const groups = Map.groupBy(all, (file) => submissionNamed(generationId, file.name));
  const numbered = [...groups.keys()].filter((number) => number !== undefined);
  const latest = numbered.length > 0 ? Math.max(...numbered) : undefined;
  const isOneSet = imagesAsked > 1 && all.length <= imagesAsked;
  const files = isOneSet ? all : (groups.get(latest) ?? all);
  return { ...inOrder(files), submission: isOneSet && numbered.length > 1 ? undefined : latest };
}

function inOrder(files: readonly LibraryFile[]): Pick<PictureSet, "files" | "ordered"> {
  if (files.length === 1) return { files, ordered: true };
  const indexes = files.map(indexOf);
  const tagged = new Set(indexes).size === files.length && !indexes.includes(undefined);
  const sorted = tagged
    ? files.toSorted((a, b) => (indexOf(a) ?? 0) - (indexOf(b) ?? 0))
    : files.toSorted((a, b) => compareIds(a.fileId, b.fileId));
  return { files: sorted, ordered: tagged };
}

/** FileIds are numbers in text: they rise in the order in which files are made. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
