/** Every action of the service that the emulator answers, by the name in `X-TC-Action`. */
export const actionNames = [
  "CreateAigcImageTask",
  "DescribeTaskDetail",
  "DescribeTasks",
  "DescribeMediaInfos",
  "ModifyMediaInfo",
  "SearchMedia",
  "DeleteMedia",
] as const;

export type ActionName = (typeof actionNames)[number];
