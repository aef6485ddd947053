/** Every action of VOD, and of STS beside it, that the emulator answers, by the name in `X-TC-Action`. */
export const actionNames = [
  "CreateAigcImageTask",
  "DescribeTaskDetail",
  "DescribeTasks",
  "DescribeMediaInfos",
  "ModifyMediaInfo",
  "SearchMedia",
  "DescribeAigcQuotas",
  "DeleteMedia",
  "AssumeRole",
  "AssumeRoleWithWebIdentity",
  "DescribeAigcUsageData",
] as const;

export type ActionName = (typeof actionNames)[number];

/** The service that a request of an action is signed for. */
export function serviceOf(action: unknown): "sts" | "vod" {
  return action === "AssumeRole" || action === "AssumeRoleWithWebIdentity" ? "sts" : "vod";
}
