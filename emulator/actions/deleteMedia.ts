import { ApiError } from "../apiError";
import { requiredText, whole } from "../parameters";
import type { Action } from "./action";

/** The whole file; `DeleteParts` has no meaning for an image and is taken as read. */
export const deleteMedia: Action = {
  parameters: ["FileId", "SubAppId", "DeleteParts"],
  pace: "read",
  answer(parameters, service) {
    const fileId = requiredText(parameters, "FileId");
    const media = service.store.media.get(fileId, whole(parameters, "SubAppId"), service.clock.now());
    if (!media && service.behaviours.deleteMissingMedia === "ResourceNotFound") {
      throw new ApiError("ResourceNotFound", "The file does not exist.");
    }
    if (media) service.store.deleteMedia(fileId);
    return {};
  },
};
