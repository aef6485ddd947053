import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AssumptionName, assumptions } from "../../../command/doctor/trial/assumptions";
import type { Emulator, EmulatorOptions } from "../../../emulator";
import { type Behaviours, behaviourTable } from "../../../emulator/behaviours";
import { expectLedger } from "../../support/emulator";
import { type Called, call, folder, type Machine, machine, start, subAppId } from "./called";

interface Report {
  readonly trial?: {
    readonly sessionId: string;
    readonly taskId?: string;
    readonly fileId?: string;
    readonly over: boolean;
  };
  readonly assumptions?: readonly {
    readonly name: AssumptionName;
    readonly verdict: string;
    readonly detail: string;
  }[];
}

interface Ran extends Called {
  readonly report: Report;
  readonly text: string;
  fact(name: AssumptionName): { readonly verdict: string; readonly detail: string } | undefined;
}

async function bill(of: Machine, typed: string | undefined = "1 image", ...more: string[]): Promise<Ran> {
  const file = join(folder(), "report.json");
  const args = ["--bill-one-image", "--sub-app-id", String(subAppId), "--report", file, ...more];
  const called = await call(of, args, typed);
  const text = readFileSync(file, "utf8");
  const report = JSON.parse(text) as Report;
  return { ...called, text, report, fact: (name) => report.assumptions?.find((one) => one.name === name) };
}

async function world(options: EmulatorOptions = {}): Promise<{ emulator: Emulator; of: Machine }> {
  const emulator = await start(options);
  return { emulator, of: machine(emulator) };
}

const submits = (emulator: Emulator) => emulator.ledger().requests["CreateAigcImageTask"] ?? 0;

test("one picture is billed, its request sent twice, and each assumption told; the report has no key and no prompt", async () => {
  const { emulator, of } = await world();
  const { status, report, text, stdout, stderr } = await bill(of);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const unseen = (Object.keys(assumptions) as AssumptionName[]).filter((name) => "why" in assumptions[name]);
  for (const { name, verdict, detail } of report.assumptions ?? []) {
    expect(verdict, `${name}: ${detail}`).toBe(unseen.includes(name) ? "not seen" : "confirmed");
  }
  expect(report.assumptions).toHaveLength(Object.keys(assumptions).length);
  const [task] = emulator.ledger().tasks;
  expect(report.trial).toMatchObject({ taskId: task?.taskId, sessionId: task?.sessionId, over: true });
  expect(stdout).toContain(task?.taskId);
  for (const secret of [emulator.secretId, emulator.secretKey, "stone"]) expect(text).not.toContain(secret);
  expect(submits(emulator)).toBe(2);
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test.each(["", "y", "yes", "1", "2 images", undefined])("typed %j sends nothing", async (typed) => {
  const { emulator, of } = await world();
  const args = ["--bill-one-image", "--sub-app-id", String(subAppId), "--report", join(folder(), "report.json")];
  const { status, stdout } = await call(of, args, typed);
  expect(status).toBe(1);
  expect(stdout).toContain("Nothing was sent");
  expect(submits(emulator)).toBe(0);
  expectLedger(emulator, { billed: 0, intended: 0 });
});

test("an amount that comes through a pipe counts as not typed", async () => {
  const { emulator, of } = await world();
  const args = ["--bill-one-image", "--sub-app-id", String(subAppId), "--report", join(folder(), "report.json")];
  const { stdout } = await call(of, args);
  expect(stdout).toContain("at a terminal");
  expect(submits(emulator)).toBe(0);
});

test("a report that cannot be written is found out before anything is billed", async () => {
  const { emulator, of } = await world();
  const args = ["--bill-one-image", "--sub-app-id", String(subAppId), "--report", of.home];
  expect(await call(of, args, "1 image")).toMatchObject({ status: 2 });
  expect(submits(emulator)).toBe(0);
});

type Expected = readonly [AssumptionName, string, string | RegExp];
const notSeen = (name: AssumptionName): Expected => [name, "not seen", /./];

/** What a trial tells of a service that behaves otherwise; "not seen" where one picture cannot show it. */
const flipped: { readonly [K in keyof Behaviours]: readonly (readonly [Behaviours[K], Expected])[] } = {
  tasksInListing: [[false, ["listed", "contradicted", /not within/]]],
  listingLagSeconds: [[0.6, ["listed", "confirmed", /after [1-9]\d* s/]]],
  listingSessionIds: [[false, ["listedSessionId", "contradicted", "empty"]]],
  listingTypeField: [["Type", ["listedType", "contradicted", "TaskType is absent"]]],
  filesInSearch: [[false, ["foundByName", "contradicted", /not within/]]],
  searchLagSeconds: [[0.6, ["foundByName", "confirmed", /after [1-9]\d* s/]]],
  overConcurrency: [
    ["refused", notSeen("overConcurrency")],
    ["failed", notSeen("overConcurrency")],
  ],
  failedTasksCharged: [[true, notSeen("failedUncharged")]],
  aliasedEcho: [[true, ["modelAsSent", "contradicted", "GEM"]]],
  windowDays: [[7, notSeen("window")]],
  refusedSubmitUsesSessionId: [[true, notSeen("refusedKeepsSessionId")]],
  afterWindowError: [["InvalidParameterValue.TaskId", ["unknownTask", "confirmed", "InvalidParameterValue.TaskId"]]],
  urlVaries: [[true, ["urlIsStable", "contradicted", "another one"]]],
  partialOutput: [
    ["fewer", notSeen("partialOutput")],
    ["withError", notSeen("partialOutput")],
  ],
  moderationSpelling: [["Violation", notSeen("moderation")]],
  validation: [["inTask", notSeen("validation")]],
  unlistedModels: [["accepted", notSeen("unlistedModels")]],
  unknownFileIds: [["accepted", notSeen("unknownFileIds")]],
  unknownParameters: [["refused", ["unknownParameters", "contradicted", "UnknownParameter"]]],
  deleteMissingMedia: [["success", notSeen("deleteMissing")]],
  duplicates: [["accepted", ["duplicateRefused", "contradicted", /task /]]],
  duplicateRenewsWindow: [[true, notSeen("window")]],
  mediaNameEnding: [
    ["-0", ["nameAsGiven", "contradicted", "-0"]],
    ["_1.png", ["nameAsGiven", "contradicted", "_1.png"]],
  ],
  severalTags: [["all", ["severalTags", "contradicted", "all"]]],
  tagLagSeconds: [[0.2, ["foundByTag", "confirmed", /after [1-9]\d* s/]]],
  addTags: [["refused", ["tagAccepted", "contradicted", "UnauthorizedOperation"]]],
  usageLagSeconds: [[1e6, ["usageRose", "not seen", /counted late/]]],
  fileHost: [
    ["vod2.myqcloud.com", notSeen("window")],
    ["store.vod-qcloud.com", notSeen("window")],
  ],
  base64Files: [["refused", notSeen("window")]],
};

const cases = Object.entries(flipped).flatMap(([behaviour, rows]) =>
  rows.map(([value, expected]) => ({ behaviour, value, expected })),
);

test("every behaviour that can be switched is reported", () => {
  expect(Object.keys(flipped).sort()).toEqual(Object.keys(behaviourTable).sort());
});

test.each(cases)("tells a service with $behaviour $value", async ({ behaviour, value, expected }) => {
  const { emulator, of } = await world();
  emulator.behaviour({ [behaviour]: value });
  const { fact, stderr } = await bill(of, "1 image", "--model-name", "GG", "--model-version", "2.5");
  expect(stderr).toBe("");
  const [name, verdict, detail] = expected;
  expect(fact(name)).toMatchObject({
    verdict,
    detail: typeof detail === "string" ? detail : expect.stringMatching(detail),
  });
  await emulator.waitUntil(({ tasks }) => tasks.every(({ finishTime }) => finishTime !== ""));
  // Two where the service takes a SessionId twice: the question says so.
  expect(emulator.ledger().billed).toBe(behaviour === "duplicates" ? 2 : 1);
  expect(submits(emulator)).toBe(2);
});

test.each(["acceptThenReset", "acceptThenInternalError"] as const)(
  "an answer that is lost (%s) bills once: the task is found by its SessionId",
  async (kind) => {
    const { emulator, of } = await world();
    emulator.fault({ kind, action: "CreateAigcImageTask" });
    const { report } = await bill(of);
    expect(report.trial?.taskId).toBe(emulator.ledger().tasks[0]?.taskId);
    expect(report.trial?.over).toBe(true);
    expectLedger(emulator, { billed: 1, intended: 1 });
  },
);

test("after an answer that was lost and a task that is not listed, a second run uses the same SessionId and bills nothing", async () => {
  const { emulator, of } = await world();
  emulator.behaviour({ tasksInListing: false });
  emulator.fault({ kind: "acceptThenReset", action: "CreateAigcImageTask" });
  const first = await bill(of);
  expect(first.status).toBe(1);
  emulator.behaviour({ tasksInListing: true });
  const second = await bill(of);
  expect(second.report.trial?.sessionId).toBe(first.report.trial?.sessionId);
  expect(second.fact("duplicateRefused")).toMatchObject({ verdict: "confirmed" });
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test("a refusal answers one request: an earlier one that was never answered is still looked for", async () => {
  const { emulator, of } = await world();
  emulator.behaviour({ tasksInListing: false });
  emulator.fault({ kind: "acceptThenReset", action: "CreateAigcImageTask" });
  const first = await bill(of);
  emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: "CreateAigcImageTask" });
  expect(await bill(of)).toMatchObject({ status: 1, stdout: expect.stringContaining("UnauthorizedOperation") });
  emulator.behaviour({ tasksInListing: true });
  const third = await bill(of);
  expect(third.report.trial).toMatchObject({ sessionId: first.report.trial?.sessionId, over: true });
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test("a run that is interrupted while it waits goes on with its task, without asking or sending again", async () => {
  const { emulator, of } = await world();
  // The command ends in the middle, at an error that is none of the service's.
  emulator.fault({ kind: "errorCode", code: "FailedOperation", action: "DescribeTaskDetail", after: 1, times: 1 });
  const first = await bill(of);
  expect(first.status).toBe(1);
  expect(first.report.trial).toMatchObject({ taskId: emulator.ledger().tasks[0]?.taskId, over: false });
  expect(submits(emulator)).toBe(2);
  const second = await bill(of, "no");
  expect(second.status).toBe(0);
  expect(second.stdout).toContain("bills nothing more");
  expect(second.report.trial).toMatchObject({ sessionId: first.report.trial?.sessionId, over: true });
  expect(submits(emulator)).toBe(2);
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test("a refused submit bills nothing, and the next run begins anew", async () => {
  const { emulator, of } = await world();
  emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: "CreateAigcImageTask" });
  const first = await bill(of);
  expect(first.status).toBe(1);
  expect(first.stdout).toContain("UnauthorizedOperation");
  const second = await bill(of);
  expect(second.report.trial?.sessionId).not.toBe(first.report.trial?.sessionId);
  expect(second.stdout).toContain(`An earlier trial left: SessionId ${first.report.trial?.sessionId}`);
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test("two runs at once share one SessionId, and bill once", async () => {
  const { emulator, of } = await world();
  const [one, other] = await Promise.all([bill(of), bill(of)]);
  expect(one.report.trial?.sessionId).toBe(other.report.trial?.sessionId);
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test("a trial that is older than the window is told, and left alone", async () => {
  const { emulator, of } = await world();
  emulator.fault({ kind: "errorCode", code: "FailedOperation", action: "DescribeTaskDetail", after: 1, times: 1 });
  const first = await bill(of);
  emulator.advance(3 * 86_400);
  const { stdout, status } = await bill(of, "no");
  expect(stdout).toContain(`An earlier trial left: SessionId ${first.report.trial?.sessionId}`);
  expect(status).toBe(1);
  expectLedger(emulator, { billed: 1, intended: 1 });
});
