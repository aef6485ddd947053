import { randomBytes } from "node:crypto";
import { costOf, costText } from "../../../provider/money/cost";
import type { PriceList } from "../../../provider/money/priceList";
import { findFreshTask } from "../../../provider/service/taskList";
import type { VodClient } from "../../../provider/vod/client";
import type { Clock } from "../../../provider/vod/clock";
import { type Fact, tellAssumptions } from "./assumptions";
import {
  type Observed,
  observeAnswers,
  observeLibrary,
  observeListing,
  observeTask,
  observeUsage,
  usage,
} from "./observe";
import type { Trial, TrialRecord } from "./record";
import { send } from "./send";

export interface TrialOptions {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly subAppId: number;
  readonly record: TrialRecord;
  readonly modelName: string;
  readonly modelVersion: string;
  /** What an image costs, where that is known. */
  readonly prices: PriceList | undefined;
  readonly say: (text: string) => void;
  /** Whether the amount was typed. Asked before anything that may bill. */
  readonly confirm: () => Promise<boolean>;
  /** Told whenever there is more to tell. */
  readonly save: (trial: Trial) => Promise<void>;
}

/** Generates one picture, sends its request twice, and tells what that shows. @returns the exit status */
export async function billOneImage(options: TrialOptions): Promise<0 | 1> {
  const { client, subAppId, record, say, confirm, save } = options;
  await client.learnServiceTime(subAppId);
  const now = () => client.serviceNow() ?? Date.now();
  const left = await record.open(now());
  tellOthers(await record.trials(), left, say);
  say(left ? goesOn(left) : begins(options));
  if (!(left?.accepted && left.secondSent) && !(await confirm())) return 1;
  const { sessionId } = left ?? (await begin(options, now));
  const trial = async () => {
    const found = (await record.trials()).find((one) => one.sessionId === sessionId);
    if (!found) throw new Error("The trial's own record is gone; nothing more was sent.");
    return found;
  };
  const tell = async (fact: Fact) => {
    await record.add(sessionId, { event: "fact", fact });
    await save(await trial());
  };
  await save(await trial());
  say(`SessionId ${sessionId}`);
  const taskId = (await trial()).accepted?.taskId ?? (await sendFirst(options, await trial(), now, tell));
  if (taskId === undefined) return 1;
  say(`TaskId ${taskId}`);
  await save(await trial());
  if (!(await trial()).secondSent) await sendSecond(options, await trial(), taskId, tell);
  say("Both requests were sent. If this is interrupted, run it again: it goes on, and bills nothing more.");

  const observed: Observed = { ...options, now, trial: await trial(), taskId, tell };
  await observeAnswers(observed);
  await observeListing(observed);
  const report = await observeTask(observed);
  if (typeof report === "string") {
    say(`The task ${taskId} gave nothing to look at: ${report}.`);
  } else {
    const fileId = report.files[0]?.fileId;
    if (fileId !== undefined) {
      await record.add(sessionId, { event: "file", fileId });
      say(`FileId ${fileId}. The picture stays in the media library; delete it there if it is not wanted.`);
      await observeLibrary(observed, fileId);
    }
    await observeUsage(observed);
  }
  await record.add(sessionId, { event: "finished" });
  const ended = await trial();
  await save(ended);
  const told = tellAssumptions(ended.facts);
  say(told.map(({ verdict, statement, detail }) => `${verdict.padEnd(12)} ${statement} (${detail})`).join("\n"));
  return typeof report === "string" || told.some(({ verdict }) => verdict === "contradicted") ? 1 : 0;
}

function begins({ modelName, modelVersion, prices }: TrialOptions): string {
  const [one, two] = [1, 2].map((images) => costOf(images, { modelName, modelVersion }, prices));
  const price = one
    ? `, ${costText(one)} by tencent-aigc:prices.`
    : "; the price is not known here, the vendor's page has it.";
  return [
    `This bills 1 image of ${modelName} ${modelVersion} to your account${price}`,
    `The same request is sent twice. Should the service not refuse the second one, which is what this finds out, it bills 2${two ? `, ${costText(two)}` : ""}.`,
  ].join("\n");
}

function goesOn({ sessionId, accepted, secondSent }: Trial): string {
  const begun = `An earlier trial goes on under its SessionId ${sessionId}`;
  if (accepted && secondSent) return `${begun}, with its task ${accepted.taskId}. It bills nothing more.`;
  return accepted
    ? `${begun}. Its 1 image is task ${accepted.taskId}; the second request under that SessionId is still to be sent.`
    : `${begun}. It bills at most its 1 image: a request that was accepted is refused the second time.`;
}

/** What is over, or too old to be repeated, is told and left alone. */
function tellOthers(trials: readonly Trial[], left: Trial | undefined, say: (text: string) => void): void {
  for (const { sessionId, accepted, fileId } of trials) {
    if (sessionId === left?.sessionId) continue;
    const what = [accepted && `TaskId ${accepted.taskId}`, fileId && `FileId ${fileId}`].filter(Boolean).join(", ");
    say(`An earlier trial left: SessionId ${sessionId}${what ? `, ${what}` : ""}.`);
  }
}

/** The intent is on disk before anything is sent. Of two that begin at once the first is taken, by both. */
async function begin(
  { client, subAppId, record, modelName, modelVersion }: TrialOptions,
  now: () => number,
): Promise<Trial> {
  const at = now();
  const usageBefore = await usage(client, subAppId, at, at);
  await record.add(`pulumi-aigc-doctor-${randomBytes(8).toString("hex")}`, {
    event: "intent",
    at,
    modelName,
    modelVersion,
    ...(usageBefore === undefined ? {} : { usageBefore }),
  });
  const trial = await record.open(at);
  if (!trial) throw new Error("The record of the trial cannot be read back. Nothing was sent.");
  return trial;
}

type Tell = (fact: Fact) => Promise<void>;

/** @returns the TaskId, where there is one */
async function sendFirst(
  { client, clock, subAppId, record, say }: TrialOptions,
  trial: Trial,
  now: () => number,
  tell: Tell,
): Promise<string | undefined> {
  const { sessionId } = trial;
  await record.add(sessionId, { event: "first" });
  const sent = await send(client, subAppId, trial);
  if (sent.kind === "accepted") {
    await record.add(sessionId, { event: "accepted", taskId: sent.taskId, at: now() });
    return sent.taskId;
  }
  if (sent.kind === "refused") {
    // It answers this request alone: an earlier one, never answered, may have been accepted.
    if (trial.firstSends === 0) await record.add(sessionId, { event: "refused", code: sent.code });
    say(sent.message);
    return undefined;
  }
  if (sent.kind === "duplicate") {
    // An earlier run was interrupted before its answer came: this was the second request.
    await record.add(sessionId, { event: "second" });
    await tell({ name: "duplicateRefused", verdict: "confirmed", detail: "InvalidParameterValue.SessionId" });
  } else {
    say(sent.message);
  }
  const waiting = { client, clock, cancelled: new AbortController().signal };
  const look = await findFreshTask(waiting, subAppId, (found) => found === sessionId, trial.intent.at);
  if (look.kind === "found") {
    await record.add(sessionId, { event: "accepted", taskId: look.value.taskId, at: now() });
    return look.value.taskId;
  }
  say(`The task under SessionId ${sessionId} is not listed. Run it again: the same SessionId is used.`);
  return undefined;
}

async function sendSecond(
  { client, subAppId, record, say }: TrialOptions,
  trial: Trial,
  taskId: string,
  tell: Tell,
): Promise<void> {
  await record.add(trial.sessionId, { event: "second" });
  const sent = await send(client, subAppId, trial);
  const name = "duplicateRefused";
  if (sent.kind === "duplicate") {
    await tell({ name, verdict: "confirmed", detail: "InvalidParameterValue.SessionId" });
  } else if (sent.kind === "accepted") {
    const isSame = sent.taskId === taskId;
    if (!isSame) say(`The second request was accepted too: TaskId ${sent.taskId}. It is billed.`);
    await tell({
      name,
      verdict: "contradicted",
      detail: isSame ? "answers with the same task" : `task ${sent.taskId}`,
    });
  } else {
    await tell({ name, verdict: "not seen", detail: sent.kind === "refused" ? sent.code : "the answer was lost" });
  }
}
