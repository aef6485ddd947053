import type { CreateAigcImageTaskRequest } from "../provider/vod/wire";
import type { Behaviours } from "./behaviours";

/** How a task will end; what makes it end otherwise than well is decided when it is accepted. */
export interface TaskPlan {
  /** How many files it will have. */
  files: number;
  errCode: number;
  errCodeExt: string;
  message: string;
  finalStatus: "FINISH" | "ABORTED";
  /** How long it runs once it has a slot; null for ever, absent for the usual time. */
  runSeconds?: number | null;
  /** Ends the moment it is accepted, without having run. */
  neverRuns: boolean;
}

/** A task as the service keeps it. Times are in milliseconds of the emulator's clock. */
export interface Task {
  readonly sequence: number;
  readonly taskId: string;
  readonly subAppId: number;
  readonly sessionId: string;
  readonly sessionContext: string;
  readonly priority: number;
  /** As sent, Base64 as its SHA-256 digest. */
  readonly request: CreateAigcImageTaskRequest;
  readonly images: number;
  readonly plan: TaskPlan;
  readonly createTime: number;
  readonly listedFrom: number;
  readonly searchLag: number;
  /** How long after its end DescribeTaskDetail tells its files. */
  readonly filesLag: number;
  /** Another program's: not in the ledger. */
  readonly outside: boolean;
  /** What the service adds to the MediaName that was asked for. */
  readonly mediaNameEnding: Behaviours["mediaNameEnding"];
  /** Absent while it waits for a slot. */
  beginTime?: number;
  /** Set with `beginTime`; the task has ended once that time is reached. Infinite for a stuck one. */
  finishTime?: number;
  files: OutputFile[];
}

/** A picture. Drawn when first asked for. */
export interface OutputFile {
  readonly path: string;
  readonly task: Task;
  readonly index: number;
  /** Empty for a Temporary one. */
  readonly fileId: string;
  readonly mediaName: string;
  /** Known once drawn. */
  size?: { bytes: number; md5: string };
}

export function hasEnded(task: Task, now: number): boolean {
  return task.finishTime !== undefined && task.finishTime <= now;
}

export type TaskStatus = "WAITING" | "PROCESSING" | "FINISH" | "ABORTED";

export function statusOf(task: Task, now: number): TaskStatus {
  if (task.beginTime === undefined || task.finishTime === undefined) return "WAITING";
  return task.finishTime <= now ? task.plan.finalStatus : "PROCESSING";
}

/** Whole percents; 100 only when ended. */
export function progressOf(task: Task, now: number): number {
  if (task.beginTime === undefined || task.finishTime === undefined) return 0;
  if (task.finishTime <= now) return 100;
  return Math.min(99, Math.floor((100 * (now - task.beginTime)) / (task.finishTime - task.beginTime)));
}
