import { ApiError } from "../apiError";
import { type Media, type MediaChanges, mostTags } from "../media";
import { type Parameters, refuseUnplayed, requiredText, text, texts, time, whole } from "../parameters";
import type { Service } from "../service";
import type { Action, Answer } from "./action";

/** What images do not have. */
const unplayed = [
  "CoverData",
  "AddKeyFrameDescs",
  "DeleteKeyFrameDescs",
  "ClearKeyFrameDescs",
  "AddSubtitles",
  "DeleteSubtitleIds",
  "ClearSubtitles",
  "DeleteKnowledgeBases",
  "ClearKnowledgeBases",
];

export const modifyMediaInfo: Action<Answer<"ModifyMediaInfo">> = {
  parameters: [
    "FileId",
    "SubAppId",
    "Name",
    "Description",
    "ClassId",
    "ExpireTime",
    "AddTags",
    "DeleteTags",
    "ClearTags",
    ...unplayed,
  ],
  pace: "read",
  answer(parameters, service) {
    refuseUnplayed(parameters, unplayed);
    const fileId = requiredText(parameters, "FileId");
    const now = service.clock.now();
    const media = service.store.media.get(fileId, whole(parameters, "SubAppId"), now);
    if (!media) throw new ApiError("ResourceNotFound.FileNotExist", "The file does not exist.");
    service.store.changeMedia(fileId, changes(parameters, media, service));
    return { CoverUrl: "", AddedSubtitleSet: [] };
  },
};

function changes(parameters: Parameters, media: Media, service: Service): MediaChanges {
  const tags = (name: string): string[] | undefined =>
    texts(parameters, name, mostTags, 32, "InvalidParameterValue.Tags", "InvalidParameterValue.TagTooLong");
  const { tagLagSeconds, addTags: whetherTags } = service.behaviours;
  const addTags = tags("AddTags");
  const deleteTags = tags("DeleteTags");
  const clearTags =
    whole(parameters, "ClearTags", { least: 0, most: 1, code: "InvalidParameterValue.ClearTags" }) === 1;
  if (addTags && whetherTags === "refused") {
    throw new ApiError("UnauthorizedOperation", "Tags may not be added to this file.");
  }
  const kept = [...media.tags.keys()].filter((tag) => !clearTags && !deleteTags?.includes(tag));
  if (new Set([...kept, ...(addTags ?? [])]).size > mostTags) {
    throw new ApiError("InvalidParameterValue.Tags", `A file has at most ${mostTags} tags.`);
  }
  return {
    name: text(parameters, "Name", 64, "InvalidParameterValue.Name"),
    description: text(parameters, "Description", 128, "InvalidParameterValue.Description"),
    classId: whole(parameters, "ClassId"),
    expireTime: time(parameters, "ExpireTime", "InvalidParameterValue.ExpireTime"),
    clearTags,
    deleteTags,
    addTags,
    tagLagSeconds,
  };
}
