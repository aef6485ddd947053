import { type ActionName, actionNames } from "../actionNames";
import type { Action } from "./action";
import { assumeRole, assumeRoleWithWebIdentity } from "./assumeRole";
import { createAigcImageTask } from "./createAigcImageTask";
import { deleteMedia } from "./deleteMedia";
import { describeAigcQuotas } from "./describeAigcQuotas";
import { describeAigcUsageData } from "./describeAigcUsageData";
import { describeMediaInfos } from "./describeMediaInfos";
import { describeTaskDetail } from "./describeTaskDetail";
import { describeTasks } from "./describeTasks";
import { modifyMediaInfo } from "./modifyMediaInfo";
import { searchMedia } from "./searchMedia";

const byName: Readonly<Record<ActionName, Action>> = {
  CreateAigcImageTask: createAigcImageTask,
  DescribeTaskDetail: describeTaskDetail,
  DescribeTasks: describeTasks,
  DescribeMediaInfos: describeMediaInfos,
  ModifyMediaInfo: modifyMediaInfo,
  SearchMedia: searchMedia,
  DescribeAigcQuotas: describeAigcQuotas,
  DeleteMedia: deleteMedia,
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  DescribeAigcUsageData: describeAigcUsageData,
};

/** Every action the emulator answers. */
export const actions: ReadonlyMap<string, Action> = new Map(actionNames.map((name) => [name, byName[name]]));
