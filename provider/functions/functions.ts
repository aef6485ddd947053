import type { ImageFile } from "../aigcImageTask";
import type { Configuration } from "../configuration";
import { type Failure, schemaFailures } from "../schema/failure";
import type { JsonObject } from "../schema/json";
import { hasUrl } from "../service/pictureFile";
import { taskDetail, taskReport } from "../service/task";
import { taskPages } from "../service/taskList";
import { imagesIn, imageUsage } from "../service/usage";
import { serviceWindowMs } from "../service/window";
import type { VodClient } from "../vod/client";
import { ConfigurationError, TencentAigcError } from "../vod/errors";
import { type FunctionName, functionArguments } from "./schema";
import type {
  GetImageTaskArgs,
  GetImageTaskResult,
  GetQuotaArgs,
  GetQuotaResult,
  GetUsageArgs,
  GetUsageResult,
  ListedImageTask,
  ListImageTasksArgs,
  ListImageTasksResult,
} from "./types";

/** What the functions ask with. They send nothing that bills. */
export interface FunctionContext {
  readonly client: VodClient;
  readonly configuration: Pick<Configuration, "subAppId">;
  /** The service's time (ms). */
  readonly now: () => number;
}

/** A function by its bare name. @returns what is wrong with its arguments, or its result */
export async function callFunction(
  name: FunctionName,
  raw: JsonObject,
  context: FunctionContext,
): Promise<{ readonly failures: readonly Failure[] } | { readonly result: object }> {
  const failures = schemaFailures(functionArguments[name], raw);
  if (failures.length > 0) return { failures };
  switch (name) {
    case "getImageTask":
      return { result: await getImageTask(functionArguments[name].parse(raw), context) };
    case "listImageTasks":
      return { result: await listImageTasks(functionArguments[name].parse(raw), context) };
    case "getUsage":
      return { result: await getUsage(functionArguments[name].parse(raw), context) };
    case "getQuota":
      return { result: await getQuota(functionArguments[name].parse(raw), context) };
  }
}

async function getImageTask(args: GetImageTaskArgs, context: FunctionContext): Promise<GetImageTaskResult> {
  const { taskId } = args;
  const [, named] = /^(\d+)-/.exec(taskId) ?? [];
  const subAppId = args.subAppId ?? (named === undefined ? subAppIdOf(args, context) : Number(named));
  const detail = await taskDetail(context.client, taskId, subAppId);
  if (detail === undefined) {
    throw new TencentAigcError(`The service knows no task ${taskId} of the last 3 days.`, {
      billed: "no",
      nextStep: "Check the TaskId and `subAppId`.",
    });
  }
  const { AigcImageTask: task, Status } = detail;
  const report = taskReport(detail);
  const { Input: echo } = task ?? {};
  return told({
    taskId,
    status: Status ?? "",
    progress: report.kind === "running" ? report.progress : undefined,
    ...report.times,
    sessionId: task?.SessionId,
    sessionContext: task?.SessionContext,
    modelName: echo?.ModelName,
    modelVersion: echo?.ModelVersion,
    prompt: echo?.Prompt,
    errCode: report.kind === "failed" ? report.errCode : undefined,
    errCodeExt: report.kind === "failed" ? report.errCodeExt : undefined,
    message: report.kind === "failed" ? task?.Message : undefined,
    files: report.kind === "finished" ? report.files.filter(isShown) : [],
  });
}

const mostListed = 100;

async function listImageTasks(args: ListImageTasksArgs, context: FunctionContext): Promise<ListImageTasksResult> {
  const { createdAfter, status, limit = mostListed } = args;
  const subAppId = subAppIdOf(args, context);
  const since = createdAfter === undefined ? context.now() - serviceWindowMs : Date.parse(createdAfter);
  const tasks: ListedImageTask[] = [];
  for await (const page of taskPages(context.client, subAppId, since)) {
    for (const task of page) {
      const isAsked = Date.parse(task.CreateTime ?? "") >= since && (status === undefined || task.Status === status);
      if (!isAsked || task.TaskType !== "AigcImageTask") continue;
      tasks.push(
        told({
          taskId: task.TaskId,
          status: task.Status ?? "",
          createTime: timeOf(task.CreateTime),
          finishTime: timeOf(task.FinishTime),
          sessionId: task.SessionId,
          sessionContext: task.SessionContext,
        }),
      );
      if (tasks.length === limit) return { tasks };
    }
  }
  return { tasks };
}

async function getUsage(args: GetUsageArgs, context: FunctionContext): Promise<GetUsageResult> {
  const { startTime, endTime } = args;
  const until = endTime ?? new Date(context.now()).toISOString();
  const rows = await imageUsage(context.client, subAppIdOf(args, context), startTime, until);
  const specifications = rows.map((row) => ({
    specification: row.Specification ?? "",
    images: imagesIn(row),
    tasks: (row.DataSet ?? []).reduce((sum, { Count }) => sum + (Count ?? 0), 0),
  }));
  return { images: specifications.reduce((sum, { images }) => sum + images, 0), specifications };
}

async function getQuota(args: GetQuotaArgs, context: FunctionContext): Promise<GetQuotaResult> {
  const { QuotaSet } = await context.client.call("DescribeAigcQuotas", {
    SubAppId: subAppIdOf(args, context),
    QuotaType: "Image",
    Limit: 100,
  });
  const quota = (QuotaSet ?? []).find(({ QuotaType }) => QuotaType === "Image");
  return told({ limit: quota?.QuotaLimit, usage: quota?.Usage });
}

function subAppIdOf(
  { subAppId }: { readonly subAppId?: number | undefined },
  { configuration }: FunctionContext,
): number {
  const id = subAppId ?? configuration.subAppId;
  if (id !== undefined) return id;
  throw new ConfigurationError([
    {
      key: "tencent-aigc:subAppId",
      rule: "is not set, and the function is given none",
      fix: "Give `subAppId`, the ID of a VOD application.",
    },
  ]);
}

/** A file that a program can read. */
function isShown(file: { readonly url?: string }): file is ImageFile {
  return hasUrl(file);
}

function timeOf(text: string | null | undefined): string | undefined {
  return Number.isNaN(Date.parse(text ?? "")) ? undefined : (text ?? undefined);
}

type Told<T> = { readonly [K in keyof T]: T[K] | null | undefined };

/** Without what the service has not told. */
function told<T extends object>(fields: Told<T>): T {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([key, value]) => value !== undefined && value !== null && (value !== "" || key === "status"),
    ),
  ) as T;
}
