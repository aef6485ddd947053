import { Library } from "../../../provider/service/library";
import { askTask, type TaskReport } from "../../../provider/service/task";
import { taskPages } from "../../../provider/service/taskList";
import { imagesUsed } from "../../../provider/service/usage";
import type { VodClient } from "../../../provider/vod/client";
import type { Clock } from "../../../provider/vod/clock";
import { TencentAigcError } from "../../../provider/vod/errors";
import type { AssumptionName, Fact, Verdict } from "./assumptions";
import type { Trial } from "./record";

export interface Observed {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly now: () => number;
  readonly subAppId: number;
  readonly trial: Trial;
  readonly taskId: string;
  readonly tell: (fact: Fact) => Promise<void>;
}

/** How long something is waited for that may come late. */
const lagMs = 120_000;
const taskMs = 600_000;
const pauseMs = 2_000;

const fact = (name: AssumptionName, verdict: Verdict, detail: string): Fact => ({ name, verdict, detail });

/** Asks until there is an answer; `undefined` at the end of the wait. */
async function until<T>(
  clock: Clock,
  ask: () => Promise<T | undefined>,
  limitMs: number,
): Promise<{ readonly value: T; readonly seconds: number } | undefined> {
  const begun = clock.now();
  for (;;) {
    const value = await ask();
    const waited = clock.now() - begun;
    if (value !== undefined) return { value, seconds: Math.round(waited / 1000) };
    if (waited >= limitMs) return undefined;
    await clock.sleep(pauseMs);
  }
}

/** Tells a refusal as a fact of its own, and goes on. */
async function seen(observed: Observed, name: AssumptionName, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    await observed.tell(fact(name, "not seen", error.code ?? error.name));
  }
}

/** How the service answers what does not exist. */
export async function observeAnswers(observed: Observed): Promise<void> {
  const { client, subAppId, tell } = observed;
  const codeOf = async (ask: () => Promise<unknown>): Promise<string> => {
    try {
      await ask();
      return "";
    } catch (error) {
      if (TencentAigcError.isInstance(error) && error.code !== undefined) return error.code;
      throw error;
    }
  };
  await seen(observed, "unknownTask", async () => {
    const code = await codeOf(() => client.call("DescribeTaskDetail", { SubAppId: subAppId, TaskId: "no-such-task" }));
    const isKnown = ["ResourceNotFound", "InvalidParameterValue.TaskId"].includes(code);
    await tell(fact("unknownTask", isKnown ? "confirmed" : "contradicted", code || "answered without an error"));
  });
  await seen(observed, "unknownParameters", async () => {
    const request = { SubAppId: subAppId, Limit: 1, PulumiTencentAigcDoctor: "1" };
    const code = await codeOf(() => client.call("DescribeTasks", request));
    await tell(fact("unknownParameters", code === "" ? "confirmed" : "contradicted", code || "ignored"));
  });
}

export async function observeListing(observed: Observed): Promise<void> {
  const { client, clock, subAppId, trial, taskId, tell } = observed;
  const find = async () => {
    for await (const page of taskPages(client, subAppId, trial.intent.at)) {
      const task = page.find(({ TaskId }) => TaskId === taskId);
      if (task) return task;
    }
    return undefined;
  };
  await seen(observed, "listed", async () => {
    const listed = await until(clock, find, lagMs);
    if (!listed) return tell(fact("listed", "contradicted", `not within ${lagMs / 1000} s`));
    await tell(fact("listed", "confirmed", `after ${listed.seconds} s`));
    const { SessionId, TaskType } = listed.value;
    const isOurs = SessionId === trial.sessionId;
    await tell(fact("listedSessionId", isOurs ? "confirmed" : "contradicted", SessionId ? "told" : "empty"));
    await tell(fact("listedType", TaskType ? "confirmed" : "contradicted", TaskType ?? "TaskType is absent"));
  });
}

/** Waits for the task's end; `undefined` where it did not come in time. */
export async function observeTask(observed: Observed): Promise<Extract<TaskReport, { kind: "finished" }> | string> {
  const { client, clock, subAppId, trial, taskId, tell } = observed;
  const ended = await until(
    clock,
    async () => {
      const report = await askTask(client, taskId, subAppId);
      return report.kind === "finished" || report.kind === "failed" ? report : undefined;
    },
    taskMs,
  );
  if (!ended) return `it had no picture within ${taskMs / 1000} s`;
  const { value: report } = ended;
  if (report.kind === "failed") return `it failed: ${report.errCodeExt ?? report.errCode ?? "no cause is told"}`;
  const model = report.echo?.ModelName ?? "";
  const verdict = model === "" ? "not seen" : model === trial.intent.modelName ? "confirmed" : "contradicted";
  await tell(fact("modelAsSent", verdict, model || "no echo"));
  const again = await askTask(client, taskId, subAppId);
  if (again.kind === "finished") {
    const isSame = again.files[0]?.url === report.files[0]?.url;
    await tell(fact("urlIsStable", isSame ? "confirmed" : "contradicted", isSame ? "the same twice" : "another one"));
  }
  return report;
}

export async function observeLibrary(observed: Observed, fileId: string): Promise<void> {
  const { client, clock, subAppId, trial, tell } = observed;
  const library = new Library(client, clock, subAppId);
  const { sessionId } = trial;
  const renamed = `${sessionId}-new`;
  const tag = sessionId.slice(-32);
  const named = async (prefix: string) => {
    const look = await library.filesPrefixed(prefix);
    return look.kind === "found" ? look.value.find((file) => file.fileId === fileId) : undefined;
  };
  const tagged = async (tags: string[]) => {
    const { MediaInfoSet } = await client.call("SearchMedia", { SubAppId: subAppId, Tags: tags, Limit: 100 });
    return MediaInfoSet?.some(({ FileId }) => FileId === fileId) ? true : undefined;
  };
  await seen(observed, "foundByName", async () => {
    const found = await until(clock, () => named(sessionId), lagMs);
    if (!found) return tell(fact("foundByName", "contradicted", `not within ${lagMs / 1000} s`));
    await tell(fact("foundByName", "confirmed", `after ${found.seconds} s`));
    const ending = found.value.name.slice(sessionId.length);
    await tell(fact("nameAsGiven", ending === "" ? "confirmed" : "contradicted", ending || "as given"));
  });
  await seen(observed, "tagAccepted", async () => {
    try {
      await client.call("ModifyMediaInfo", { SubAppId: subAppId, FileId: fileId, AddTags: [tag] });
    } catch (error) {
      if (!TencentAigcError.isInstance(error) || error.code === undefined) throw error;
      return tell(fact("tagAccepted", "contradicted", error.code));
    }
    await tell(fact("tagAccepted", "confirmed", "added"));
    const found = await until(clock, () => tagged([tag]), lagMs);
    if (!found) return tell(fact("foundByTag", "contradicted", `not within ${lagMs / 1000} s`));
    await tell(fact("foundByTag", "confirmed", `after ${found.seconds} s`));
    const isAny = await tagged([tag, "pulumi-aigc-doctor-no-such-tag"]);
    await tell(fact("severalTags", isAny ? "confirmed" : "contradicted", isAny ? "any" : "all"));
  });
  await seen(observed, "foundAfterRename", async () => {
    await client.call("ModifyMediaInfo", { SubAppId: subAppId, FileId: fileId, Name: renamed });
    const found = await until(clock, () => named(renamed), lagMs);
    const byTag = await tagged([tag]);
    const how = `${found ? `by its new name after ${found.seconds} s` : "not by its new name"}, ${byTag ? "by" : "not by"} its tag`;
    await tell(fact("foundAfterRename", found && byTag ? "confirmed" : "contradicted", how));
  });
}

const usageSpanMs = 6 * 3_600_000;

/** Images that the service counts since some hours before the trial; `undefined` where it does not tell. */
export async function usage(
  client: VodClient,
  subAppId: number,
  begun: number,
  now: number,
): Promise<number | undefined> {
  try {
    return await imagesUsed(client, subAppId, begun - usageSpanMs, now + 60_000);
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    return undefined;
  }
}

export async function observeUsage({ client, clock, now, subAppId, trial, tell }: Observed): Promise<void> {
  const { usageBefore, at } = trial.intent;
  if (usageBefore === undefined) return tell(fact("usageRose", "not seen", "DescribeAigcUsageData was not answered"));
  const rise = async () => {
    const after = await usage(client, subAppId, at, now());
    return after !== undefined && after > usageBefore ? after - usageBefore : undefined;
  };
  const rose = await until(clock, rise, lagMs);
  if (!rose) return tell(fact("usageRose", "not seen", `not within ${lagMs / 1000} s: usage is counted late`));
  const { value, seconds } = rose;
  const other = `by ${value}: other pictures may have been billed meanwhile`;
  await tell(fact("usageRose", value === 1 ? "confirmed" : "not seen", value === 1 ? `after ${seconds} s` : other));
}
