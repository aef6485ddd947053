import { z } from "zod";
import { generationIdIn, generationIdPrefix, isDerived } from "../../provider/generation/generationId";
import { commonTag } from "../../provider/generation/names";
import { Library, type LibraryFile } from "../../provider/service/library";
import { absent, found, type Look } from "../../provider/service/look";
import { taskReport } from "../../provider/service/task";
import { taskPages } from "../../provider/service/taskList";
import { imagesUsed } from "../../provider/service/usage";
import { serviceWindowMs } from "../../provider/service/window";
import type { VodClient } from "../../provider/vod/client";
import type { Clock } from "../../provider/vod/clock";
import { TencentAigcError } from "../../provider/vod/errors";
import type { DescribeTaskDetailResponse, TaskSimpleInfo } from "../../provider/vod/wire";
import type { Facts, TaskEnd, ToldTask, Usage } from "./facts";
import type { Held } from "./held";

/** Requests for single tasks that are under way at once. */
const atOnce = 16;
const taskType = "AigcImageTask";

export interface AskOptions {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly subAppId: number;
  /** What the stacks hold of this application. */
  readonly held: readonly Held[];
  /** Told now and then how many tasks have been asked for. */
  readonly onProgress: (asked: number, tasks: number) => void;
}

/** Asks the service for all that it tells of an application. Changes nothing there. */
export async function askService({ client, clock, subAppId, held, onProgress }: AskOptions): Promise<Facts> {
  await client.learnServiceTime(subAppId);
  const now = client.serviceNow() ?? Date.now();
  const since = now - serviceWindowMs;
  const tasks = await tasksOf(client, subAppId, since, held, onProgress);
  const library = new Library(client, clock, subAppId);
  const files = await filesOf(library);
  return {
    subAppId,
    now,
    since,
    tasks,
    files,
    exists: await existing(library, files, tasks, held),
    usage: await usageOf(client, subAppId, since, now),
  };
}

async function tasksOf(
  client: VodClient,
  subAppId: number,
  since: number,
  held: readonly Held[],
  onProgress: AskOptions["onProgress"],
): Promise<ToldTask[]> {
  const listed = new Map<string, TaskSimpleInfo>();
  for await (const page of taskPages(client, subAppId, since)) {
    for (const task of page) if ((task.TaskType ?? taskType) === taskType) listed.set(task.TaskId, task);
  }
  const unlisted = held.flatMap(({ taskId, createTime }) =>
    taskId !== undefined && !listed.has(taskId) && Date.parse(createTime ?? "") > since ? taskId : [],
  );
  const taskIds = [...new Set([...listed.keys(), ...unlisted])];
  const told = new Map<string, ToldTask | undefined>();
  const waiting = taskIds.values();
  const work = async () => {
    for (const taskId of waiting) {
      told.set(taskId, await askTask(client, subAppId, taskId, listed.get(taskId)));
      onProgress(told.size, taskIds.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  // In the order of the list, newest first.
  return taskIds.flatMap((taskId) => told.get(taskId) ?? []);
}

/** @returns nothing for a task of another type */
async function askTask(
  client: VodClient,
  subAppId: number,
  taskId: string,
  listed: TaskSimpleInfo | undefined,
): Promise<ToldTask | undefined> {
  try {
    const detail = await client.call("DescribeTaskDetail", { TaskId: taskId, SubAppId: subAppId });
    if ((detail.TaskType ?? taskType) !== taskType) return undefined;
    return { ...common(taskId, listed, detail), end: endOf(detail) };
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    return { ...common(taskId, listed, undefined), end: { kind: "unknown", why: error.message } };
  }
}

function common(
  taskId: string,
  listed: TaskSimpleInfo | undefined,
  detail: DescribeTaskDetailResponse | undefined,
): Omit<ToldTask, "end"> {
  const task = detail?.AigcImageTask;
  const { ModelName: name, ModelVersion: version, OutputConfig } = task?.Input ?? {};
  const sessionId = task?.SessionId || listed?.SessionId || undefined;
  const createTime = detail?.CreateTime || listed?.CreateTime || undefined;
  const sentFor = resourceIn(task?.SessionContext || listed?.SessionContext || "");
  const generationId = generationIdIn(OutputConfig?.MediaName ?? "") ?? generationOf(sessionId);
  return {
    taskId,
    listed: listed !== undefined,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(createTime === undefined ? {} : { createTime }),
    ...(name && version ? { model: `${name} ${version}` } : {}),
    ...(generationId === undefined ? {} : { generationId }),
    ...(sentFor === undefined ? {} : { sentFor }),
  };
}

/** A derived SessionId begins with the generation id, unless it comes from one of the user's own. */
function generationOf(sessionId: string | undefined): string | undefined {
  return sessionId !== undefined && isDerived(sessionId) ? generationIdIn(sessionId) : undefined;
}

const contextSchema = z.strictObject({ project: z.string(), stack: z.string(), resource: z.string() });

/** The resource that a SessionContext names in the way of `tagSessionContext`. Any other text is the user's own. */
function resourceIn(context: string): string | undefined {
  try {
    const { project, stack, resource } = contextSchema.parse(JSON.parse(context));
    return `${project}/${stack} ${resource}`;
  } catch {
    return undefined;
  }
}

function endOf(detail: DescribeTaskDetailResponse): TaskEnd {
  const report = taskReport(detail);
  switch (report.kind) {
    case "running":
      return { kind: "running" };
    case "finished":
      return { kind: "finished", files: report.files };
    case "noFile":
      return { kind: "noFile" };
    case "failed":
      return { kind: "failed", why: report.meaning };
  }
}

/** Files by name, and by the tag that they keep under another name. */
async function filesOf(library: Library): Promise<Look<readonly LibraryFile[]>> {
  const looks = await Promise.all([library.filesPrefixed(generationIdPrefix), library.filesTagged(commonTag)]);
  const unanswered = looks.find((look) => look.kind === "unknown");
  if (unanswered) return unanswered;
  const files = looks.flatMap((look) => (look.kind === "found" ? look.value : []));
  return files.length > 0 ? found([...new Map(files.map((file) => [file.fileId, file])).values()]) : absent;
}

async function existing(
  library: Library,
  files: Facts["files"],
  tasks: readonly ToldTask[],
  held: readonly Held[],
): Promise<Map<string, boolean>> {
  const seen = files.kind === "found" ? files.value.map(({ fileId }) => fileId) : [];
  const ofTasks = tasks.flatMap(({ end }) => (end.kind === "finished" ? end.files : []));
  const named = [...ofTasks.flatMap(({ fileId }) => fileId ?? []), ...held.flatMap(({ fileIds }) => fileIds)];
  const isSeen = new Set(seen);
  const asked = [...new Set(named)].filter((fileId) => !isSeen.has(fileId));
  const looks = await library.files(asked);
  const said = asked.flatMap((fileId, index) => {
    const kind = looks[index]?.kind ?? "unknown";
    return kind === "unknown" ? [] : [[fileId, kind === "found"] as const];
  });
  return new Map([...seen.map((fileId) => [fileId, true] as const), ...said]);
}

const stepMs = 5 * 60_000;
const dayMs = 24 * 3_600_000;

/** Asks day by day, since for more than a day the service only tells whole days. */
async function usageOf(client: VodClient, subAppId: number, since: number, now: number): Promise<Usage> {
  const first = Math.ceil(since / stepMs) * stepMs;
  // The service's own machines may differ a little.
  const last = now + stepMs;
  let images = 0;
  try {
    for (let from = first; from <= last; from += dayMs) {
      images += await imagesUsed(client, subAppId, from, Math.min(from + dayMs - 1_000, last));
    }
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    return { kind: "unknown", why: error.message };
  }
  return { kind: "counted", images };
}
