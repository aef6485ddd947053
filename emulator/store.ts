import { randomBytes } from "node:crypto";
import type { CreateAigcImageTaskRequest } from "../provider/vod/wire";
import type { Clock } from "./clock";
import { MediaLibrary } from "./media";
import { Schedule } from "./schedule";
import type { OutputFile, Task, TaskPlan } from "./task";

/** A request that was accepted, and how its task will go. */
export interface Submission {
  request: CreateAigcImageTaskRequest;
  images: number;
  plan: TaskPlan;
  listingLagSeconds: number;
  searchLagSeconds: number;
}

/**
 * Every task and file there ever was. Time is not driven by timers: whoever looks calls `settle` first, which ends what
 * has ended since and files its pictures.
 */
export class Store {
  readonly media = new MediaLibrary();
  readonly schedule: Schedule;
  private readonly tasksById = new Map<string, Task>();
  private readonly all: Task[] = [];
  private readonly bySubAppId = new Map<number, Task[]>();
  private readonly filesByPath = new Map<string, OutputFile>();
  private readonly lastSessionUse = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    concurrency: number,
    taskSeconds: number,
  ) {
    this.schedule = new Schedule(concurrency, taskSeconds);
  }

  settle(now = this.clock.now()): void {
    this.schedule.settle(now, (task) => this.fileOutputs(task));
  }

  /** Every task in the order of creation, of one application or of all. */
  tasks(subAppId?: number): readonly Task[] {
    return (subAppId === undefined ? this.all : this.bySubAppId.get(subAppId)) ?? [];
  }

  task(taskId: string): Task | undefined {
    return this.tasksById.get(taskId);
  }

  file(path: string): OutputFile | undefined {
    return this.filesByPath.get(path);
  }

  /** When a SessionId was last used, if ever. */
  sessionUsed(subAppId: number, sessionId: string): number | undefined {
    return this.lastSessionUse.get(`${subAppId} ${sessionId}`);
  }

  useSession(subAppId: number, sessionId: string): void {
    if (sessionId !== "") this.lastSessionUse.set(`${subAppId} ${sessionId}`, this.clock.now());
  }

  submit({ request, images, plan, listingLagSeconds, searchLagSeconds }: Submission): Task {
    const now = this.clock.now();
    const task: Task = {
      sequence: this.all.length,
      taskId: `${request.SubAppId}-AigcImageTask-${randomBytes(16).toString("hex")}t`,
      subAppId: request.SubAppId,
      sessionId: request.SessionId ?? "",
      sessionContext: request.SessionContext ?? "",
      priority: Number(request.TasksPriority ?? 0),
      request: withoutBytes(request),
      images,
      plan,
      createTime: now,
      listedFrom: now + listingLagSeconds * 1000,
      searchLag: searchLagSeconds * 1000,
      files: [],
    };
    this.tasksById.set(task.taskId, task);
    this.all.push(task);
    const own = this.bySubAppId.get(task.subAppId);
    if (own) own.push(task);
    else this.bySubAppId.set(task.subAppId, [task]);
    this.useSession(task.subAppId, task.sessionId);
    if (plan.neverRuns) {
      task.beginTime = now;
      task.finishTime = now;
    } else {
      this.schedule.add(task);
    }
    return task;
  }

  /** Puts a file into the library that no task made, so that a FileId can be given as a reference image. */
  addMedia(media: { fileId?: string; subAppId: number; name?: string; classId?: number }): string {
    this.settle();
    const fileId = media.fileId ?? newFileId();
    const now = this.clock.now();
    this.media.add({
      fileId,
      subAppId: media.subAppId,
      name: media.name ?? `media-${fileId}`,
      classId: media.classId ?? 0,
      expireTime: Number.POSITIVE_INFINITY,
      createTime: now,
      updateTime: now,
      searchableFrom: now,
    });
    return fileId;
  }

  /** Makes a task unknown to every read, as if its record had been lost. The ledger keeps it. */
  forgetTask(taskId: string): void {
    const task = this.tasksById.get(taskId);
    if (!task) throw new RangeError(`there is no task ${JSON.stringify(taskId)}`);
    this.tasksById.delete(taskId);
    const own = this.bySubAppId.get(task.subAppId) ?? [];
    own.splice(own.indexOf(task), 1);
  }

  isForgotten(task: Task): boolean {
    return !this.tasksById.has(task.taskId);
  }

  private fileOutputs(task: Task): void {
    const output = task.request.OutputConfig ?? {};
    const permanent = output.StorageMode === "Permanent";
    const finishTime = task.finishTime ?? 0;
    for (let index = 0; index < task.plan.files; index += 1) {
      const folder = `${task.subAppId}/${task.taskId.slice(-33)}`;
      const fileId = permanent ? newFileId() : "";
      const file: OutputFile = { path: `/${folder}/aigcImageGenFile-${index}.png`, task, index, fileId };
      task.files.push(file);
      this.filesByPath.set(file.path, file);
      if (!permanent) continue;
      this.media.add({
        fileId,
        subAppId: task.subAppId,
        name: output.MediaName || `aigc-image-${fileId}`,
        classId: output.ClassId ?? 0,
        expireTime: output.ExpireTime ? Date.parse(output.ExpireTime) : Number.POSITIVE_INFINITY,
        createTime: finishTime,
        updateTime: finishTime,
        searchableFrom: finishTime + task.searchLag,
        picture: file,
      });
    }
  }
}

/** Nineteen digits, the form the service uses. */
function newFileId(): string {
  return `3${(randomBytes(8).readBigUInt64BE() % 10n ** 18n).toString().padStart(18, "0")}`;
}

function withoutBytes(request: CreateAigcImageTaskRequest): CreateAigcImageTaskRequest {
  const { FileInfos } = request;
  if (!FileInfos) return request;
  return { ...request, FileInfos: FileInfos.map((file) => (file.Base64 ? { ...file, Base64: "" } : file)) };
}
