import type { VodClient } from "../vod/client";
import { TencentAigcError } from "../vod/errors";
import type {
  AigcImageTaskInfo,
  AigcImageTaskInput,
  AigcImageTaskOutputFileInfo,
  DescribeTaskDetailResponse,
} from "../vod/wire";
import { type Ending, endingOf, errCodeExtOf } from "./endings";
import { type PictureFile, pictureFile } from "./pictureFile";

/** A task as the service tells it at one moment. */
export type TaskReport = {
  readonly times: TaskTimes;
  /** The request as the service echoes it, perhaps under another name of the model. */
  readonly echo?: AigcImageTaskInput;
  /** As it was sent with. */
  readonly sessionId?: string;
} & (
  | { readonly kind: "running"; readonly status: string; readonly progress?: number }
  | { readonly kind: "finished"; readonly files: readonly PictureFile[] }
  /** Reported as a success, without a file: its files may be told later. */
  | { readonly kind: "noFile" }
  | (Ending & {
      readonly kind: "failed";
      readonly errCode: number | undefined;
      readonly errCodeExt: string | undefined;
    })
);

export interface TaskTimes {
  readonly createTime?: string;
  readonly finishTime?: string;
}

/** The service says that it knows no such task. Inside its window that is no proof that there is none. */
export interface NoSuchTask {
  readonly kind: "noSuchTask";
}

/** Statuses with which a task has ended; any other, also one unheard of, is still under way. */
const ended = new Set<string | null | undefined>(["FINISH", "ABORTED"]);

/** Whether a task with this status has ended. */
export function hasEnded(status: string | null | undefined): boolean {
  return ended.has(status);
}

/** Codes with which DescribeTaskDetail says that it knows no such task. */
const notFoundCodes = ["ResourceNotFound", "InvalidParameterValue.TaskId"];

/** Asks for one task, once. */
export async function askTask(client: VodClient, taskId: string, subAppId: number): Promise<TaskReport | NoSuchTask> {
  const detail = await taskDetail(client, taskId, subAppId);
  return detail === undefined ? { kind: "noSuchTask" } : taskReport(detail);
}

/** What the service tells of a task; undefined where it says that it knows none. */
export async function taskDetail(
  client: VodClient,
  taskId: string,
  subAppId: number,
): Promise<DescribeTaskDetailResponse | undefined> {
  try {
    return await client.call("DescribeTaskDetail", { TaskId: taskId, SubAppId: subAppId });
  } catch (error) {
    if (TencentAigcError.isInstance(error) && error.code !== undefined && notFoundCodes.includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}

/** FINISH alone is no success: only a file is. */
export function taskReport(detail: DescribeTaskDetailResponse): TaskReport {
  const status = detail.Status ?? detail.AigcImageTask?.Status ?? "";
  const task = detail.AigcImageTask;
  const common = {
    times: timesOf(detail),
    ...(task?.Input ? { echo: task.Input } : {}),
    ...(task?.SessionId ? { sessionId: task.SessionId } : {}),
  };
  if (!hasEnded(status)) return { ...common, kind: "running", status, progress: progressOf(task) };
  const files = (task?.Output?.FileInfos ?? []).flatMap(outputFile);
  if (files.length > 0) return { ...common, kind: "finished", files };
  const errCode = task?.ErrCode || undefined;
  // An aborted task is not sent again, whatever else it tells.
  const errCodeExt =
    status === "ABORTED" ? "OperationCanceled" : errCodeExtOf(errCode, task?.ErrCodeExt, task?.Message);
  if (errCode === undefined && errCodeExt === undefined) return { ...common, kind: "noFile" };
  return { ...common, kind: "failed", ...endingOf({ errCode, errCodeExt }), errCode, errCodeExt };
}

/** Times that can be read: the service writes `0000-00-00T00:00:00Z` for one that it does not have. */
function timesOf({ CreateTime, FinishTime }: DescribeTaskDetailResponse): TaskTimes {
  return {
    ...(isTime(CreateTime) ? { createTime: CreateTime } : {}),
    ...(isTime(FinishTime) ? { finishTime: FinishTime } : {}),
  };
}

function isTime(text: string | null | undefined): text is string {
  return !Number.isNaN(Date.parse(text ?? ""));
}

function progressOf(task: AigcImageTaskInfo | null | undefined): number {
  return Math.min(100, Math.max(0, Number(task?.Progress ?? 0) || 0));
}

function outputFile(file: AigcImageTaskOutputFileInfo): PictureFile[] {
  return pictureFile({
    url: file.FileUrl,
    fileId: file.FileId,
    fileType: file.FileType,
    storageMode: file.StorageMode ?? (file.FileId ? "Permanent" : undefined),
    metaData: file.MetaData,
  });
}
