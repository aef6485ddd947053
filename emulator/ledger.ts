import { isoTime } from "./clock";
import type { Service } from "./service";
import { hasEnded, statusOf, type Task } from "./task";

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
  /** SHA-256 digests of the reference images that were sent as Base64. */
  base64: string[];
}

/** The ledger without its tasks. */
export type Sums = Omit<Ledger, "tasks" | "requests"> & { readonly accepted: number; readonly running: number };

export function ledgerOf(service: Service): Ledger {
  const now = service.clock.now();
  service.store.settle(now);
  const { billed, billedImages, failed } = sumsAt(service, now);
  const tasks = own(service).map((task) => entry(task, service, now));
  return { billed, billedImages, failed, tasks, requests: Object.fromEntries(service.requests) };
}

export function sumsOf(service: Service): Sums {
  const now = service.clock.now();
  service.store.settle(now);
  return sumsAt(service, now);
}

function sumsAt(service: Service, now: number): Sums {
  const sums = { billed: 0, billedImages: 0, failed: 0, accepted: 0, running: 0 };
  for (const task of service.store.tasks()) {
    if (task.outside) continue;
    sums.accepted += 1;
    if (!hasEnded(task, now)) sums.running += 1;
    else if (task.files.length === 0) sums.failed += 1;
    if (!isBilled(task, service, now)) continue;
    sums.billed += 1;
    sums.billedImages += imagesBilled(task);
  }
  return sums;
}

/** All but those of other programs. */
function own(service: Service): Task[] {
  return service.store.tasks().filter((task) => !task.outside);
}

/** How many images a billed task is billed for: its files, or what a charged failure was asked for. */
export function imagesBilled(task: Task): number {
  return task.files.length === 0 ? task.images : task.files.length;
}

/** Images billed to an application, this program's and those of others. */
export function imagesUsed(service: Service, subAppId: number | undefined): number {
  const now = service.clock.now();
  const billed = service.store.tasks(subAppId).filter((task) => isBilled(task, service, now));
  return billed.reduce((sum, task) => sum + imagesBilled(task), 0);
}

/** Whether a task costs money. Nothing does before it has ended. */
export function isBilled(task: Task, service: Service, now: number): boolean {
  if (!hasEnded(task, now)) return false;
  return task.files.length > 0 || (service.behaviours.failedTasksCharged && !task.plan.neverRuns);
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
    images: billed ? imagesBilled(task) : task.files.length,
    files: task.files.map((file) => ({
      fileId: file.fileId,
      url: service.url + file.path,
      exists: service.fileExists(file),
    })),
    base64: (task.request.FileInfos ?? []).flatMap(({ Base64 }) => Base64 || []),
  };
}
