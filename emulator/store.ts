import { createHash, randomBytes } from "node:crypto";
import { digestBase64 } from "../provider/schema/request";
import type { CreateAigcImageTaskRequest } from "../provider/vod/wire";
import type { Behaviours } from "./behaviours";
import type { Clock } from "./clock";
import { type MediaChanges, MediaLibrary } from "./media";
import { Schedule } from "./schedule";
import type { OutputFile, Task, TaskPlan } from "./task";

/** A request that was accepted, and how its task will go. */
export interface Submission {
  readonly request: CreateAigcImageTaskRequest;
  readonly images: number;
  readonly plan: TaskPlan;
  readonly listingLagSeconds: number;
  readonly searchLagSeconds: number;
  readonly filesLagSeconds: number;
  readonly mediaNameEnding: Behaviours["mediaNameEnding"];
  /** Another program's: not in the ledger. */
  readonly outside: boolean;
}

/** A file that no task made. */
export interface RegisteredMedia {
  readonly fileId?: string;
  readonly subAppId: number;
  readonly name?: string;
  readonly classId?: number;
}

/** All that changes a store, apart from time passing: what it is can be made again of these and their times. */
export type StoreChange =
  | { readonly kind: "submit"; readonly taskId: string; readonly submission: Submission }
  | { readonly kind: "addMedia"; readonly fileId: string; readonly media: RegisteredMedia }
  | { readonly kind: "changeMedia"; readonly fileId: string; readonly changes: MediaChanges }
  | { readonly kind: "deleteMedia"; readonly fileId: string }
  | { readonly kind: "forgetTask"; readonly taskId: string }
  | { readonly kind: "useSession"; readonly subAppId: number; readonly sessionId: string };

/**
 * Every task and file there ever was. Time is not driven by timers: every look calls `settle` first, which ends what
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
    private readonly taskSeconds: number,
    /** Told every change after it was made. */
    private readonly changed: (change: StoreChange, time: number) => void = () => {},
  ) {
    this.schedule = new Schedule(concurrency);
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
    return this.lastSessionUse.get(sessionKey(subAppId, sessionId));
  }

  useSession(subAppId: number, sessionId: string): void {
    if (sessionId !== "") this.make({ kind: "useSession", subAppId, sessionId });
  }

  submit({ request, plan, ...rest }: Submission): Task {
    const taskId = `${request.SubAppId}-AigcImageTask-${randomBytes(16).toString("hex")}t`;
    const runSeconds = plan.runSeconds === undefined ? this.taskSeconds : plan.runSeconds;
    const submission = { ...rest, request: withoutBytes(request), plan: { ...plan, runSeconds } };
    this.make({ kind: "submit", taskId, submission });
    return this.tasksById.get(taskId) as Task;
  }

  /** Puts a file into the library that no task made, so that a FileId can be given as a reference image. */
  addMedia(media: RegisteredMedia): string {
    const fileId = media.fileId ?? newFileId(randomBytes(8));
    this.make({ kind: "addMedia", fileId, media });
    return fileId;
  }

  /** Changes a file, which must exist. */
  changeMedia(fileId: string, changes: MediaChanges): void {
    this.make({ kind: "changeMedia", fileId, changes });
  }

  /** @returns whether there was one */
  deleteMedia(fileId: string): boolean {
    this.settle();
    if (!this.media.has(fileId)) return false;
    this.make({ kind: "deleteMedia", fileId });
    return true;
  }

  /** Makes a task unknown to every read, as if its record had been lost. The ledger keeps it. */
  forgetTask(taskId: string): void {
    if (!this.tasksById.has(taskId)) throw new RangeError(`there is no task ${JSON.stringify(taskId)}`);
    this.make({ kind: "forgetTask", taskId });
  }

  isForgotten(task: Task): boolean {
    return !this.tasksById.has(task.taskId);
  }

  /** Does again what was done at `time`, which no later change may precede. */
  apply(change: StoreChange, time: number): void {
    this.settle(time);
    switch (change.kind) {
      case "submit":
        this.addTask(change.taskId, change.submission, time);
        break;
      case "addMedia":
        this.media.register(change.fileId, change.media, time);
        break;
      case "changeMedia":
        this.media.change(change.fileId, change.changes, time);
        break;
      case "deleteMedia":
        this.media.delete(change.fileId);
        break;
      case "forgetTask":
        this.removeTask(change.taskId);
        break;
      case "useSession":
        this.lastSessionUse.set(sessionKey(change.subAppId, change.sessionId), time);
    }
  }

  private make(change: StoreChange): void {
    const now = this.clock.now();
    this.apply(change, now);
    this.changed(change, now);
  }

  private addTask(taskId: string, submission: Submission, time: number): void {
    const { request, images, plan, mediaNameEnding, outside } = submission;
    const task: Task = {
      sequence: this.all.length,
      taskId,
      subAppId: request.SubAppId,
      sessionId: request.SessionId ?? "",
      sessionContext: request.SessionContext ?? "",
      priority: Number(request.TasksPriority ?? 0),
      request,
      images,
      plan,
      createTime: time,
      listedFrom: time + submission.listingLagSeconds * 1000,
      searchLag: submission.searchLagSeconds * 1000,
      filesLag: submission.filesLagSeconds * 1000,
      mediaNameEnding,
      outside,
      files: [],
    };
    this.tasksById.set(taskId, task);
    this.all.push(task);
    const own = this.bySubAppId.get(task.subAppId);
    if (own) own.push(task);
    else this.bySubAppId.set(task.subAppId, [task]);
    if (task.sessionId !== "") this.lastSessionUse.set(sessionKey(task.subAppId, task.sessionId), time);
    if (plan.neverRuns) {
      task.beginTime = time;
      task.finishTime = time;
    } else {
      this.schedule.add(task);
    }
  }

  private removeTask(taskId: string): void {
    const task = this.tasksById.get(taskId);
    if (!task) return;
    this.tasksById.delete(taskId);
    const own = this.bySubAppId.get(task.subAppId) ?? [];
    own.splice(own.indexOf(task), 1);
  }

  private fileOutputs(task: Task): void {
    const output = task.request.OutputConfig ?? {};
    const permanent = output.StorageMode === "Permanent";
    const finishTime = task.finishTime ?? 0;
    for (let index = 0; index < task.plan.files; index += 1) {
      const folder = `${task.subAppId}/${task.taskId.slice(-33)}`;
      const fileId = permanent ? fileIdOf(task, index) : "";
      const mediaName = permanent ? mediaNameOf(task, index, fileId) : "";
      const file: OutputFile = { path: `/${folder}/aigcImageGenFile-${index}.png`, task, index, fileId, mediaName };
      task.files.push(file);
      this.filesByPath.set(file.path, file);
      if (!permanent) continue;
      this.media.add({
        fileId,
        subAppId: task.subAppId,
        name: mediaName,
        description: "",
        classId: output.ClassId ?? 0,
        tags: new Map(),
        expireTime: output.ExpireTime ? Date.parse(output.ExpireTime) : Number.POSITIVE_INFINITY,
        createTime: finishTime,
        updateTime: finishTime,
        searchableFrom: finishTime + task.searchLag,
        picture: file,
      });
    }
  }
}

function sessionKey(subAppId: number, sessionId: string): string {
  return `${subAppId} ${sessionId}`;
}

/** The FileId of a task's file: in no order, and the same whenever the task is made again of its record. */
function fileIdOf(task: Task, index: number): string {
  return newFileId(createHash("sha256").update(`${task.taskId} ${index}`).digest());
}

/** Nineteen digits, the form the service uses. */
function newFileId(bytes: Buffer): string {
  return `3${(bytes.readBigUInt64BE() % 10n ** 18n).toString().padStart(18, "0")}`;
}

function mediaNameOf(task: Task, index: number, fileId: string): string {
  const asked = task.request.OutputConfig?.MediaName;
  if (!asked) return `aigc-image-${fileId}`;
  return asked + { none: "", "-0": `-${index}`, "_1.png": `_${index + 1}.png` }[task.mediaNameEnding];
}

function withoutBytes(request: CreateAigcImageTaskRequest): CreateAigcImageTaskRequest {
  const { FileInfos } = request;
  if (!FileInfos) return request;
  const digested = FileInfos.map((file) => (file.Base64 ? { ...file, Base64: digestBase64(file.Base64) } : file));
  return { ...request, FileInfos: digested };
}
