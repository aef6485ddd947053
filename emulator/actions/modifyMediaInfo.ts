import { ApiError } from "../apiError";
import { requiredText, text, time, whole } from "../parameters";
import type { Action, Answer } from "./action";

export const modifyMediaInfo: Action<Answer<"ModifyMediaInfo">> = {
  parameters: ["FileId", "SubAppId", "Name", "ClassId", "ExpireTime"],
  pace: "read",
  answer(parameters, service) {
    const fileId = requiredText(parameters, "FileId");
    const now = service.clock.now();
    const media = service.store.media.get(fileId, whole(parameters, "SubAppId"), now);
    if (!media) throw new ApiError("ResourceNotFound.FileNotExist", "The file does not exist.");
    const name = text(parameters, "Name", 64, "InvalidParameterValue.Name");
    const classId = whole(parameters, "ClassId");
    const expireTime = time(parameters, "ExpireTime", "InvalidParameterValue.ExpireTime");
    media.name = name ?? media.name;
    media.classId = classId ?? media.classId;
    media.expireTime = expireTime ?? media.expireTime;
    media.updateTime = now;
    return { CoverUrl: "", AddedSubtitleSet: [] };
  },
};
