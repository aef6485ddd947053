import type { VodClient } from "../vod/client";
import { TencentAigcError } from "../vod/errors";
import { type TaskState, taskState } from "./task";

/** Codes with which DescribeTaskDetail says that it knows no such task. */
const notFoundCodes = ["ResourceNotFound", "InvalidParameterValue.TaskId"];

/** A task as one look found it. */
export type Looked = TaskState | { readonly kind: "notFound" };

/** One look at a task. */
export async function lookAtTask(client: VodClient, taskId: string, subAppId: number): Promise<Looked> {
  try {
    return taskState(await client.call("DescribeTaskDetail", { TaskId: taskId, SubAppId: subAppId }));
  } catch (error) {
    if (TencentAigcError.isInstance(error) && error.code !== undefined && notFoundCodes.includes(error.code)) {
      return { kind: "notFound" };
    }
    throw error;
  }
}
