import type { TaskSimpleInfo } from "../../provider/vod/wire";
import { ApiError } from "../apiError";
import type { ArmedFault, FaultKindOf } from "../faultKinds";
import { always, oneOf, type Parameters, type Period, period, sort, text, whole } from "../parameters";
import { type Service, taskLifetime } from "../service";
import { hasEnded, statusOf, type Task } from "../task";
import { viewTask } from "../view";
import type { Action, Answer } from "./action";

/**
 * Newest first unless sorted otherwise. A ScrollToken holds the place of the last task given, not a count, so that tasks
 * that come in between two pages shift nothing.
 */
export const describeTasks: Action<Answer<"DescribeTasks">> = {
  parameters: ["SubAppId", "Status", "FileId", "CreateTime", "FinishTime", "Sort", "Limit", "ScrollToken"],
  pace: "read",
  answer(parameters, service, take) {
    const limit = whole(parameters, "Limit", { least: 1, most: 100 }) ?? 10;
    const order = sort(parameters, ["CreateTime", "FinishTime"]) ?? { field: "CreateTime", ascending: false };
    const token = text(parameters, "ScrollToken") || undefined;
    const from = token === undefined ? undefined : readToken(token, service);
    const tasks =
      order.field === "CreateTime"
        ? byCreation(parameters, service, order.ascending, from)
        : byFinish(parameters, service, order.ascending, from);
    const page: Task[] = [];
    let more = false;
    for (const task of tasks) {
      more = page.length === limit;
      if (more) break;
      page.push(task);
    }
    const last = page.at(-1);
    const fault = take(["duplicatePage", ...(last ? liesAboutTasks : [])]);
    const next = more && last ? writeToken(last) : "";
    return {
      TaskSet: page.map((task) => simpleInfo(task, service, fault)),
      ScrollToken: fault?.kind === "duplicatePage" ? (token ?? firstPage) : next,
    };
  },
};

interface Place {
  sequence: number;
  finishTime: number;
}

/** What can be told wrongly of the tasks on a page. */
const liesAboutTasks = ["unknownStatus", "progressBackwards", "zeroTimes"] as const;

/** Leads to the first page, where a scripted fault gives it out. */
const firstPage = "start";

function writeToken(task: Task): string {
  return Buffer.from(`after ${task.sequence}`).toString("base64url");
}

function readToken(token: string, service: Service): Place | undefined {
  if (token === firstPage) return undefined;
  const [, sequence] = /^after (\d+)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  const last = sequence === undefined ? undefined : service.store.tasks()[Number(sequence)];
  if (!last) throw new ApiError("InvalidParameterValue", "The value of parameter ScrollToken is not allowed.");
  return placeOf(last);
}

function placeOf({ sequence, finishTime = 0 }: Task): Place {
  return { sequence, finishTime };
}

/** In the order of creation, which is that of the store: only what is given is looked at. */
function* byCreation(
  parameters: Parameters,
  service: Service,
  ascending: boolean,
  from: Place | undefined,
): Generator<Task> {
  const wanted = filter(parameters, service);
  const tasks = service.store.tasks(whole(parameters, "SubAppId"));
  const step = ascending ? 1 : -1;
  let index = ascending
    ? firstIndex(tasks, (task) => task.createTime >= wanted.oldest)
    : firstIndex(tasks, (task) => task.createTime >= wanted.newest) - 1;
  if (from) {
    const after = firstIndex(tasks, (task) => task.sequence > from.sequence);
    const before = firstIndex(tasks, (task) => task.sequence >= from.sequence) - 1;
    index = ascending ? Math.max(index, after) : Math.min(index, before);
  }
  for (; index >= 0 && index < tasks.length; index += step) {
    const task = tasks[index] as Task;
    if (task.createTime < wanted.oldest || task.createTime >= wanted.newest) return;
    if (wanted.matches(task)) yield task;
  }
}

function* byFinish(
  parameters: Parameters,
  service: Service,
  ascending: boolean,
  from: Place | undefined,
): Generator<Task> {
  const now = service.clock.now();
  const sign = ascending ? 1 : -1;
  const compare = (a: Place, b: Place): number => sign * (a.finishTime - b.finishTime || a.sequence - b.sequence);
  const ended = [...byCreation(parameters, service, true, undefined)].filter((task) => hasEnded(task, now));
  for (const task of ended.sort((a, b) => compare(placeOf(a), placeOf(b)))) {
    if (!from || compare(placeOf(task), from) > 0) yield task;
  }
}

interface Filter {
  /** Nothing older than this, inclusive, and nothing younger than that, exclusive, is given. */
  oldest: number;
  newest: number;
  matches(task: Task): boolean;
}

function filter(parameters: Parameters, service: Service): Filter {
  const now = service.clock.now();
  const status = oneOf(parameters, "Status", ["WAITING", "PROCESSING", "FINISH"], "InvalidParameterValue.Status");
  const fileId = text(parameters, "FileId");
  const created = inWholeSeconds(period(parameters, "CreateTime"));
  const finished = inWholeSeconds(period(parameters, "FinishTime"));
  return {
    oldest: Math.max(now - taskLifetime, created.after),
    newest: created.before,
    matches: (task) =>
      service.behaviours.tasksInListing &&
      task.listedFrom <= now &&
      !service.store.isForgotten(task) &&
      (finished === always || isWithin(hasEnded(task, now) ? task.finishTime : undefined, finished)) &&
      (!status || statusOf(task, now) === status) &&
      (!fileId || task.files.some((file) => file.fileId === fileId)),
  };
}

/**
 * From After, inclusive, to Before, exclusive. Times are compared as they are shown, cut to whole seconds; for that the
 * bounds are rounded up.
 */
function inWholeSeconds(range: Period): Period {
  if (range === always) return always;
  return { after: Math.ceil(range.after / 1000) * 1000, before: Math.ceil(range.before / 1000) * 1000 };
}

function isWithin(time: number | undefined, { after, before }: Period): boolean {
  return time !== undefined && time >= after && time < before;
}

/** The first index for which `holds`, which must be false up to some index and true from there on. */
function firstIndex(tasks: readonly Task[], holds: (task: Task) => boolean): number {
  let low = 0;
  let high = tasks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(tasks[middle] as Task)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function simpleInfo(task: Task, service: Service, fault: ArmedFault<FaultKindOf<"view">> | undefined): TaskSimpleInfo {
  const { behaviours } = service;
  const { status, times } = viewTask(task, service.clock.now(), fault);
  return {
    TaskId: task.taskId,
    Status: status,
    [behaviours.listingTypeField]: "AigcImageTask",
    ...times,
    SessionId: behaviours.listingSessionIds ? task.sessionId : "",
    SessionContext: behaviours.listingSessionIds ? task.sessionContext : "",
  };
}
