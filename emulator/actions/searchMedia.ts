import { ApiError } from "../apiError";
import { mediaInfo } from "../echo";
import type { Media } from "../media";
import { type Parameters, period, sort, texts, whole, wholes, within } from "../parameters";
import type { Action, Answer } from "./action";

/** Newest first unless sorted otherwise. */
export const searchMedia: Action<Answer<"SearchMedia">> = {
  parameters: [
    "SubAppId",
    "FileIds",
    "Names",
    "NamePrefixes",
    "ClassIds",
    "Categories",
    "CreateTime",
    "ExpireTime",
    "Sort",
    "Offset",
    "Limit",
    "Filters",
  ],
  pace: "read",
  answer(parameters, service) {
    const offset = whole(parameters, "Offset", { least: 0, most: 5000 }) ?? 0;
    const limit = whole(parameters, "Limit", { least: 0, most: 5000 }) ?? 10;
    if (offset + limit > 5000) {
      throw new ApiError("InvalidParameterValue.Limit", "Offset and Limit together must be at most 5000.");
    }
    const filters = texts(parameters, "Filters", 20, 100);
    const ascending = sort(parameters, ["CreateTime"])?.ascending ?? false;
    const matches = filter(parameters);
    const library = service.store.media.searchable(whole(parameters, "SubAppId"), service.clock.now());
    const found = service.behaviours.filesInSearch ? [...library].filter(matches) : [];
    if (!ascending) found.reverse();
    return {
      TotalCount: Math.min(found.length, 5000),
      MediaInfoSet: found.slice(offset, offset + limit).map((media) => mediaInfo(media, filters, service)),
    };
  },
};

/** Each condition that is given must hold; of the values in one, any. */
function filter(parameters: Parameters): (media: Media) => boolean {
  const fileIds = texts(parameters, "FileIds", 10, 40);
  const names = texts(parameters, "Names", 10, 100);
  const prefixes = texts(parameters, "NamePrefixes", 10, 100);
  const classIds = wholes(parameters, "ClassIds", 10);
  const categories = texts(parameters, "Categories", 3, 10);
  const created = period(parameters, "CreateTime");
  const expires = period(parameters, "ExpireTime");
  const any = <T>(values: readonly T[] | undefined, holds: (value: T) => boolean): boolean =>
    values === undefined || values.length === 0 || values.some(holds);
  return (media) =>
    any(fileIds, (fileId) => media.fileId === fileId) &&
    any(names, (name) => media.name.includes(name)) &&
    any(prefixes, (prefix) => media.name.startsWith(prefix)) &&
    any(classIds, (classId) => media.classId === classId) &&
    any(categories, (category) => category === "Image") &&
    within(media.createTime, created) &&
    within(media.expireTime, expires);
}
