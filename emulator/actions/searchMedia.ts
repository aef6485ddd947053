import { ApiError } from "../apiError";
import { mediaInfo } from "../echo";
import type { Media } from "../media";
import { type Parameters, type Period, period, refuseUnplayed, sort, text, texts, whole, wholes } from "../parameters";
import type { Service } from "../service";
import type { Action, Answer, TakeFault } from "./action";

/** Filters by what no image of this service has, or the emulator does not keep. */
const unplayed = [
  "SourceTypes",
  "StreamIds",
  "StorageRegions",
  "ReviewResults",
  "TrtcSdkAppIds",
  "TrtcRoomIds",
  "SourceType",
  "StreamId",
  "StartTime",
  "EndTime",
  "Vids",
  "Vid",
  "StreamDomains",
  "StreamPaths",
  "KnowledgeBases",
];

/** Newest first unless sorted otherwise. */
export const searchMedia: Action<Answer<"SearchMedia">> = {
  parameters: [
    "SubAppId",
    "FileIds",
    "Names",
    "NamePrefixes",
    "Descriptions",
    "ClassIds",
    "Tags",
    "Categories",
    "Status",
    "StorageClasses",
    "MediaTypes",
    "Text",
    "CreateTime",
    "ExpireTime",
    "Sort",
    "Offset",
    "Limit",
    "Filters",
    ...unplayed,
  ],
  pace: "read",
  answer(parameters, service, take) {
    refuseUnplayed(parameters, unplayed);
    const offset = whole(parameters, "Offset", { least: 0, most: 5000 }) ?? 0;
    const limit = whole(parameters, "Limit", { least: 0, most: 5000 }) ?? 10;
    if (offset + limit > 5000) {
      throw new ApiError("InvalidParameterValue.Limit", "Offset and Limit together must be at most 5000.");
    }
    const filters = texts(parameters, "Filters", 20, 100);
    const ascending = sort(parameters, ["CreateTime"])?.ascending ?? false;
    const now = service.clock.now();
    const matches = filter(parameters, service, now);
    const library = service.store.media.searchable(whole(parameters, "SubAppId"), now);
    const found = service.behaviours.filesInSearch ? partOf([...library].filter(matches), take) : [];
    if (!ascending) found.reverse();
    return {
      TotalCount: Math.min(found.length, 5000),
      MediaInfoSet: found
        .slice(offset, offset + limit)
        .map((media) => mediaInfo(media, filters, tagsKnown(media, now), service)),
    };
  },
};

/** Of tasks with several files the first ones only, where a fault says so. */
function partOf(found: Media[], take: TakeFault): Media[] {
  if (!found.some(({ picture }) => picture && picture.index > 0)) return found;
  const fault = take(["partOfFiles"]);
  return fault ? found.filter(({ picture }) => !picture || picture.index < fault.files) : found;
}

/** A tag is found, and shown, once it has come into the search. */
function tagsKnown({ tags }: Media, now: number): string[] {
  return [...tags].filter(([, from]) => from <= now).map(([tag]) => tag);
}

/** Each condition that is given must hold; of the values in one, any. */
function filter(parameters: Parameters, service: Service, now: number): (media: Media) => boolean {
  const fileIds = texts(parameters, "FileIds", 10, 40);
  const names = texts(parameters, "Names", 10, 100);
  const prefixes = texts(parameters, "NamePrefixes", 10, 100);
  const descriptions = texts(parameters, "Descriptions", 10, 100);
  const classIds = wholes(parameters, "ClassIds", 10);
  const tags = texts(parameters, "Tags", 16, 32);
  const categories = texts(parameters, "Categories", 3, 10);
  const states = texts(parameters, "Status", 10, 32);
  const storageClasses = texts(parameters, "StorageClasses", 10, 32);
  const mediaTypes = texts(parameters, "MediaTypes", 10, 32);
  const anywhere = text(parameters, "Text", 64);
  const created = period(parameters, "CreateTime");
  const expires = period(parameters, "ExpireTime");
  const { severalTags } = service.behaviours;
  return (media) =>
    any(fileIds, (fileId) => media.fileId === fileId) &&
    any(names, (name) => media.name.includes(name)) &&
    any(prefixes, (prefix) => media.name.startsWith(prefix)) &&
    any(descriptions, (description) => media.description.includes(description)) &&
    any(classIds, (classId) => media.classId === classId) &&
    hasTags(tagsKnown(media, now), tags, severalTags) &&
    any(categories, (category) => category === "Image") &&
    any(states, (status) => status === "Normal") &&
    any(storageClasses, (storageClass) => storageClass === "STANDARD") &&
    any(mediaTypes, (type) => type === "png") &&
    (!anywhere || media.name.includes(anywhere) || media.description.includes(anywhere)) &&
    within(media.createTime, created) &&
    within(media.expireTime, expires);
}

function any<T>(values: readonly T[] | undefined, holds: (value: T) => boolean): boolean {
  return values === undefined || values.length === 0 || values.some(holds);
}

function hasTags(has: readonly string[], asked: readonly string[] | undefined, several: "any" | "all"): boolean {
  if (several === "any") return any(asked, (tag) => has.includes(tag));
  return (asked ?? []).every((tag) => has.includes(tag));
}

/** Both ends inclusive. Times are compared as they are shown, cut to whole seconds. */
function within(milliseconds: number, { after, before }: Period): boolean {
  const shown = Math.floor(milliseconds / 1000) * 1000;
  return shown >= after && shown <= before;
}
