import { ApiError } from "../apiError";
import { imagesUsed } from "../ledger";
import { requiredText, whole } from "../parameters";
import type { Action, Answer } from "./action";

const quotaTypes: readonly string[] = ["Image", "Video", "Text"];

/** The limits that were set for an application; those of images alone can be set here. */
export const describeAigcQuotas: Action<Answer<"DescribeAigcQuotas">> = {
  parameters: ["SubAppId", "QuotaType", "ApiToken", "Limit", "Offset"],
  pace: "submit",
  answer(parameters, service) {
    const subAppId = whole(parameters, "SubAppId");
    if (subAppId === undefined) throw new ApiError("InvalidParameterValue.SubAppId", "SubAppId is required.");
    const type = requiredText(parameters, "QuotaType");
    if (!quotaTypes.includes(type)) {
      throw new ApiError("InvalidParameterValue", `QuotaType is none of ${quotaTypes.join(", ")}.`);
    }
    whole(parameters, "Limit", { least: 1, most: 100 });
    const offset = whole(parameters, "Offset", { least: 0, most: 5000 }) ?? 0;
    const { imageQuota } = service.options;
    const isSet = type === "Image" && imageQuota !== undefined;
    const all = isSet ? [{ QuotaType: type, QuotaLimit: imageQuota, Usage: imagesUsed(service, subAppId) }] : [];
    return { QuotaSet: all.slice(offset), TotalCount: all.length };
  },
};
