import { isoTime } from "./clock";
import type { Service } from "./service";
import { statusOf, type Task } from "./task";

/** What the service would have billed, and everything it did. */
export interface Ledger {
  /** Tasks with at least one usable file; with behaviour `failedTasksCharged`, failed ones that ran too. */
  billed: number;
  billedImages: number;
  /** Tasks that ended without a usable file. */
  failed: number;
  /** Every task ever accepted, in the order of creation. */
  tasks: LedgerTask[];
  /** How many requests of each action arrived, whatever came of them. */
  requests: Record<string, number>;
}

export interface LedgerTask {
  taskId: string;
  sessionId: string;
  subAppId: number;
  modelName: string;
  modelVersion: string;
  /** `WAITING`, `PROCESSING`, `FINISH`, `ABORTED`. */
  status: string;
  errCode: number;
  errCodeExt: string;
  /** ISO 8601, by the emulator's clock. */
  createTime: string;
  /** Empty while it has not ended. */
  finishTime: string;
  billed: boolean;
  /** Files it has; what a charged failure was asked for. */
  images: number;
  files: { fileId: string; url: string; exists: boolean }[];
}

export function ledgerOf(service: Service): Ledger {
  const now = service.clock.now();
  service.store.settle(now);
  const tasks = service.store.tasks().map((task) => entry(task, service, now));
  const ended = tasks.filter((task) => task.finishTime !== "");
  return {
    billed: tasks.filter((task) => task.billed).length,
    billedImages: tasks.reduce((sum, task) => sum + (task.billed ? task.images : 0), 0),
    failed: ended.filter((task) => task.files.length === 0).length,
    tasks,
    requests: Object.fromEntries(service.requests),
  };
}

/** Whether a task costs money. Nothing does before it has ended. */
export function isBilled(task: Task, service: Service, now: number): boolean {
  if (!hasEnded(task, now)) return false;
  return task.files.length > 0 || (service.behaviours.failedTasksCharged && !task.plan.neverRuns);
}

export function hasEnded(task: Task, now: number): boolean {
  return task.finishTime !== undefined && task.finishTime <= now;
}

function entry(task: Task, service: Service, now: number): LedgerTask {
  const ended = hasEnded(task, now);
  const billed = isBilled(task, service, now);
  return {
    taskId: task.taskId,
    sessionId: task.sessionId,
    subAppId: task.subAppId,
    modelName: task.request.ModelName,
    modelVersion: task.request.ModelVersion,
    status: statusOf(task, now),
    errCode: ended ? task.plan.errCode : 0,
    errCodeExt: ended ? task.plan.errCodeExt : "",
    createTime: isoTime(task.createTime),
    finishTime: ended && task.finishTime !== undefined ? isoTime(task.finishTime) : "",
    billed,
    images: billed && task.files.length === 0 ? task.images : task.files.length,
    files: task.files.map((file) => ({
      fileId: file.fileId,
      url: service.url + file.path,
      exists: service.fileExists(file),
    })),
  };
}
