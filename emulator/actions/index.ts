import type { Action } from "./action";
import { createAigcImageTask } from "./createAigcImageTask";
import { deleteMedia } from "./deleteMedia";
import { describeMediaInfos } from "./describeMediaInfos";
import { describeTaskDetail } from "./describeTaskDetail";
import { describeTasks } from "./describeTasks";
import { modifyMediaInfo } from "./modifyMediaInfo";
import { searchMedia } from "./searchMedia";

/** Every action the emulator answers, by the name in `X-TC-Action`. */
export const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["CreateAigcImageTask", createAigcImageTask],
  ["DescribeTaskDetail", describeTaskDetail],
  ["DescribeTasks", describeTasks],
  ["DescribeMediaInfos", describeMediaInfos],
  ["ModifyMediaInfo", modifyMediaInfo],
  ["SearchMedia", searchMedia],
  ["DeleteMedia", deleteMedia],
]);
