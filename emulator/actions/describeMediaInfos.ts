import { ApiError } from "../apiError";
import { mediaInfo } from "../echo";
import { texts, whole } from "../parameters";
import type { Action, Answer } from "./action";

export const describeMediaInfos: Action<Answer<"DescribeMediaInfos">> = {
  parameters: ["FileIds", "SubAppId", "Filters"],
  pace: "read",
  answer(parameters, service, take) {
    const fileIds = texts(parameters, "FileIds", 20, 100, "InvalidParameterValue.FileIdsOverLimit") ?? [];
    if (fileIds.length === 0) throw new ApiError("InvalidParameterValue.FileIdsEmpty", "FileIds is empty.");
    const subAppId = whole(parameters, "SubAppId");
    const filters = texts(parameters, "Filters", 20, 100);
    const now = service.clock.now();
    const found = fileIds.map((fileId) => ({ fileId, media: service.store.media.get(fileId, subAppId, now) }));
    const anyExists = found.some(({ media }) => media !== undefined);
    const absent = anyExists && take(["fileAbsent"]) !== undefined;
    return {
      MediaInfoSet: found.flatMap(({ media }) =>
        media && !absent ? [mediaInfo(media, filters, [...media.tags.keys()], service)] : [],
      ),
      NotExistFileIdSet: found.filter(({ media }) => !media || absent).map(({ fileId }) => fileId),
    };
  },
};
