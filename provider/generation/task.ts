import type {
  AigcImageTaskInfo,
  AigcImageTaskInput,
  AigcImageTaskOutputFileInfo,
  DescribeTaskDetailResponse,
  MediaInfo,
  MediaMetaData,
} from "../vod/wire";
import { type Cause, endingOf } from "./causes";

/** A picture, as a program sees it. */
export interface PictureFile {
  /** Where the picture is served. A Temporary one is served for 7 days. */
  url: string;
  /** Only of a Permanent file. */
  fileId?: string;
  /** File type, such as `png`. */
  fileType?: string;
  storageMode?: string;
  /** Bytes. */
  size?: number;
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
  md5?: string;
  /** The time that the service gave for deleting the file has passed. */
  expired?: boolean;
}

/** A task as the service tells it at one moment. */
export type TaskState = {
  readonly times: TaskTimes;
  /** The request as the service echoes it, perhaps under another name of the model. */
  readonly echo?: AigcImageTaskInput;
} & (
  | { readonly kind: "running"; readonly status: string; readonly progress?: number }
  | { readonly kind: "finished"; readonly files: PictureFile[] }
  | {
      readonly kind: "failed";
      readonly cause: Cause;
      readonly meaning: string;
      readonly errCode: number | undefined;
      readonly errCodeExt: string | undefined;
    }
);

export interface TaskTimes {
  readonly createTime?: string;
  readonly finishTime?: string;
}

/** Statuses with which a task has ended; any other, also one unheard of, is still under way. */
const ended = new Set<string | null | undefined>(["FINISH", "ABORTED"]);

/** Whether a task with this status has ended. */
export function hasEnded(status: string | null | undefined): boolean {
  return ended.has(status);
}

/** FINISH alone is no success: only a usable file is. */
export function taskState(detail: DescribeTaskDetailResponse): TaskState {
  const status = detail.Status ?? detail.AigcImageTask?.Status ?? "";
  const times = {
    ...(detail.CreateTime ? { createTime: detail.CreateTime } : {}),
    ...(detail.FinishTime ? { finishTime: detail.FinishTime } : {}),
  };
  const task = detail.AigcImageTask;
  const common = { times, ...(task?.Input ? { echo: task.Input } : {}) };
  if (!hasEnded(status)) return { ...common, kind: "running", status, progress: progressOf(task) };
  const files = (task?.Output?.FileInfos ?? []).flatMap(outputFile);
  if (files.length > 0) return { ...common, kind: "finished", files };
  const errCode = task?.ErrCode || undefined;
  // An aborted task is not sent again, whatever else it tells.
  const errCodeExt = status === "ABORTED" ? "OperationCanceled" : task?.ErrCodeExt || undefined;
  return { ...common, kind: "failed", ...endingOf({ errCode, errCodeExt }), errCode, errCodeExt };
}

function progressOf(task: AigcImageTaskInfo | null | undefined): number {
  return Math.min(100, Math.max(0, Number(task?.Progress ?? 0) || 0));
}

function outputFile(file: AigcImageTaskOutputFileInfo): PictureFile[] {
  if (!file.FileUrl) return [];
  return [
    withoutAbsent({
      url: file.FileUrl,
      fileId: file.FileId,
      fileType: file.FileType,
      storageMode: file.StorageMode ?? (file.FileId ? "Permanent" : undefined),
      ...metaData(file.MetaData),
    }),
  ];
}

/** A Permanent file as the media library tells it. */
export function libraryFile(media: MediaInfo): PictureFile[] {
  const basic = media.BasicInfo;
  if (!basic?.MediaUrl) return [];
  return [
    withoutAbsent({
      url: basic.MediaUrl,
      fileId: media.FileId,
      fileType: basic.Type,
      storageMode: "Permanent",
      ...metaData(media.MetaData),
    }),
  ];
}

function metaData(meta: MediaMetaData | null | undefined) {
  return { size: meta?.Size, width: meta?.Width, height: meta?.Height, md5: meta?.Md5 };
}

/** Leaves out what the service left out, `null` and empty alike: nothing of that may reach the stored outputs. */
function withoutAbsent(file: { [K in keyof PictureFile]?: PictureFile[K] | null | undefined }): PictureFile {
  const kept = Object.entries(file).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return Object.fromEntries(kept) as unknown as PictureFile;
}
