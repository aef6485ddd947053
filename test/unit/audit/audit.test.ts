import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { commands } from "../../../command/commands";
import { run } from "../../../command/run";
import type { Emulator } from "../../../emulator";
import { expectLedger, openWorld } from "../../support/emulator";
import { Lifecycle, picture, subAppId } from "../../support/lifecycle";
import { folder, machine } from "../doctor/called";

const type = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";
const reads = ["DescribeTasks", "DescribeTaskDetail", "SearchMedia", "DescribeMediaInfos", "DescribeAigcUsageData"];

/** An exported stack that holds these outputs, by resource. */
function exported(resources: Readonly<Record<string, object>>): string {
  const file = join(folder(), "stack.json");
  const all = Object.entries(resources).map(([name, outputs]) => {
    return { urn: `urn:pulumi:dev::shop::${type}::${name}`, type, custom: true, id: name, outputs };
  });
  writeFileSync(file, JSON.stringify({ version: 3, deployment: { resources: all } }));
  return file;
}

async function call(emulator: Emulator, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stdin = new PassThrough();
  stdin.end();
  const status = await run(commands, ["audit", ...args], { env: machine(emulator, env).env, stdin, stdout, stderr });
  return { status, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

interface Told {
  readonly complete: boolean;
  readonly elsewhere: readonly string[];
  readonly applications: readonly {
    readonly tasks: readonly { readonly taskId: string; readonly verdict: string; readonly images: number }[];
    readonly files: readonly { readonly fileIds: readonly string[]; readonly verdict: string }[];
    readonly lost: readonly { readonly resource: string; readonly reason: string }[];
    readonly usage: { readonly images?: number };
    readonly gaps: readonly string[];
  }[];
}

async function told(emulator: Emulator, args: readonly string[]) {
  const { status, stdout, stderr } = await call(emulator, [...args, "--json"]);
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as Told;
  return { status, report, application: report.applications[0] as Told["applications"][number] };
}

test("names the one orphan beside what a stack holds, a running task, a failed one and another program's; only reads", async () => {
  const world = await openWorld();
  const { emulator } = world;
  const [hero, lost, failed, slow] = ["hero", "lost", "failed", "slow"].map((name) => new Lifecycle(world, name));
  await hero?.up(picture());
  await lost?.up(picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 2 } }));
  emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter" });
  await failed?.up(picture({ prompt: "fails" }));
  const foreign = emulator.addTask({ SubAppId: subAppId, SessionId: "shop-42" });
  await emulator.waitUntil(({ tasks }) => tasks.every(({ status }) => status === "FINISH"));
  emulator.fault({ kind: "stuck", seconds: 900 });
  await slow?.up(picture({ prompt: "slow", waitForCompletion: false }));

  const before = emulator.ledger();
  const stack = exported({ hero: hero?.outputs ?? {} });
  const { status, report, application } = await told(emulator, [stack]);
  const [held, orphan, , running] = before.tasks;
  expect(application.tasks.map(({ taskId, verdict, images }) => [taskId, verdict, images]).reverse()).toEqual([
    [held?.taskId, "held", 1],
    [orphan?.taskId, "orphaned", 2],
    [before.tasks[2]?.taskId, "failed", 0],
    [foreign, "anothers", 1],
    [running?.taskId, "running", 0],
  ]);
  expect(application).toMatchObject({ files: [], lost: [], gaps: [], usage: { kind: "counted", images: 4 } });
  expect([status, report.complete]).toEqual([1, true]);

  const text = await call(emulator, [stack]);
  const line = `adoptFileIds: [${orphan?.files.map(({ fileId }) => JSON.stringify(fileId)).join(", ")}],`;
  expect(text.stdout).toContain(line);
  expect(text.stdout).not.toContain("lighthouse");
  for (const secret of [emulator.secretId, emulator.secretKey]) expect(text.stdout).not.toContain(secret);

  const { requests, ...after } = emulator.ledger();
  expect({ ...after, requests: before.requests }).toEqual(before);
  const sent = Object.keys(requests).filter((action) => requests[action] !== before.requests[action]);
  expect(sent.filter((action) => !reads.includes(action))).toEqual([]);
  expectLedger(emulator, { billed: 2, intended: 4 });
});

test("with nothing orphaned it ends with 0", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  const { status, stdout } = await call(world.emulator, [exported({ hero: hero.outputs })]);
  expect(status).toBe(0);
  expect(stdout).toContain("1 of this package, which made 1 image; 1 held by a stack.");
  expect(stdout).toContain("tells of no older task");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("after 3 days a file that no stack has is named, and one that a stack has and somebody deleted", async () => {
  const world = await openWorld();
  const { emulator } = world;
  const hero = new Lifecycle(world, "hero");
  await hero.up(picture());
  await new Lifecycle(world, "lost").up(picture({ prompt: "lost", outputConfig: { mediaName: "poster" } }));
  emulator.advance(4 * 86_400);
  const [kept, orphan] = emulator.ledger().tasks.map(({ files }) => files[0]?.fileId ?? "");
  emulator.deleteMedia(kept ?? "");
  const { status, application } = await told(emulator, [exported({ hero: hero.outputs })]);
  expect(application.tasks).toEqual([]);
  expect(application.files).toMatchObject([{ fileIds: [orphan], verdict: "orphaned" }]);
  expect(application.lost).toMatchObject([{ resource: "shop/dev hero", reason: "deleted" }]);
  expect(status).toBe(1);
  const left = join(folder(), "left.jsonl");
  writeFileSync(left, `${JSON.stringify({ time: "", adoptFileIds: [orphan] })}\n`);
  const again = await told(emulator, [exported({}), "--sub-app-id", String(subAppId), "--left", left]);
  expect(again.application.files).toMatchObject([{ verdict: "left" }]);
  expect(again.status).toBe(0);
  expectLedger(world, { billed: 2, intended: 2 });
});

test.each([
  ["does not list AIGC tasks", { tasksInListing: false }, 0, "lacks 1 of the 1 tasks"],
  [
    "lists them without SessionId, and under another name of their type",
    { listingSessionIds: false, listingTypeField: "Type" },
    1,
    "",
  ],
  ["does not find files", { filesInSearch: false }, 1, ""],
] as const)("where the service %s", async (_, behaviours, orphans, gap) => {
  const world = await openWorld();
  const { emulator } = world;
  const hero = new Lifecycle(world, "hero");
  await hero.up(picture());
  await new Lifecycle(world, "lost").up(picture({ prompt: "lost" }));
  // Long enough ago to be listed.
  emulator.advance(3_600);
  emulator.behaviour(behaviours);
  const { status, application } = await told(emulator, [exported({ hero: hero.outputs })]);
  expect(application.tasks.filter(({ verdict }) => verdict === "orphaned")).toHaveLength(orphans);
  expect(application.tasks.filter(({ verdict }) => verdict === "held")).toHaveLength(1);
  expect(application.gaps.join()).toContain(gap);
  expect(application.gaps).toHaveLength(gap === "" ? 0 : 1);
  expect(status).toBe(1);
  expectLedger(world, { billed: 2, intended: 2 });
});

test.each(["DescribeTaskDetail", "SearchMedia", "DescribeMediaInfos", "DescribeAigcUsageData"] as const)(
  "what %s would have told is said to be not known, and nothing is called orphaned for it",
  async (action) => {
    const world = await openWorld();
    const { emulator } = world;
    const hero = new Lifecycle(world, "hero");
    await hero.up(picture());
    emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action, times: "always" });
    const { status, report, application } = await told(emulator, [exported({ hero: hero.outputs })]);
    expect(application.tasks).toHaveLength(1);
    expect([...application.tasks, ...application.files].map(({ verdict }) => verdict)).not.toContain("orphaned");
    expect(application.lost).toEqual([]);
    const isNeeded = action === "DescribeTaskDetail" || action === "SearchMedia";
    // The search has found the file, or its task has told it: nobody need be asked whether it exists.
    expect([status, report.complete]).toEqual(isNeeded ? [1, false] : [0, true]);
    expect(application.usage).toMatchObject({ kind: action === "DescribeAigcUsageData" ? "unknown" : "counted" });
    expectLedger(world, { billed: 1, intended: 1 });
  },
);

test("a refused list of tasks ends it with 1, and says why", async () => {
  const world = await openWorld();
  world.emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: "DescribeTasks", times: "always" });
  const { status, stdout, stderr } = await call(world.emulator, [exported({}), "--sub-app-id", String(subAppId)]);
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("UnauthorizedOperation");
});

test("every application of the stacks is audited, and pictures of another service are not", async () => {
  const world = await openWorld();
  const { emulator } = world;
  const [one, other] = [new Lifecycle(world, "one"), new Lifecycle(world, "other")];
  await one.up(picture());
  await other.up(picture({ subAppId: 251007503 }));
  const real = { ...one.outputs, taskId: "another", endpoint: "vod.intl.tencentcloudapi.com" };
  const { report } = await told(emulator, [exported({ one: one.outputs, real }), exported({ other: other.outputs })]);
  expect(report.applications.map(({ tasks }) => tasks.map(({ verdict }) => verdict))).toEqual([["held"], ["held"]]);
  expect(report.elsewhere).toEqual(["shop/dev real"]);
  expectLedger(world, { billed: 2, intended: 2 });
});

test("a secret that is encrypted in the export is not printed, and its picture is recognised by its id", async () => {
  const world = await openWorld();
  const { emulator } = world;
  const hero = new Lifecycle(world, "hero");
  await hero.up(picture());
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:hidden" };
  const shown = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: '"a secret prompt"',
  };
  const outputs = { ...hero.outputs, files: secret, url: secret, prompt: shown };
  const { status, stdout } = await call(emulator, [exported({ hero: outputs })]);
  expect(stdout).toContain("1 held by a stack");
  expect(stdout).toContain("--show-secrets");
  expect(stdout).not.toMatch(/v1:hidden|a secret prompt/);
  expect(status).toBe(1);
  expectLedger(world, { billed: 1, intended: 1 });
});

test.each([
  [[], 2, "give exported stacks"],
  [["-", "-"], 2, "- can be given once"],
  [["nothing.json"], 1, '"nothing.json" cannot be read (ENOENT)'],
  [["package.json"], 2, "not an exported stack"],
  [["README.md"], 2, "not JSON"],
  [["STACK"], 2, "the stacks name no SubAppId"],
  [["STACK", "--sub-app-id", "one"], 1, "tencent-aigc:subAppId"],
  [["STACK", "--left", "nothing.jsonl"], 1, '"nothing.jsonl" cannot be read (ENOENT)'],
  [["STACK", "--left", "README.md"], 2, "line 1 of the file of --left"],
  [["STACK", "--fix"], 2, "--fix"],
])("called with %j it ends with %i, and says why", async (args, status, why) => {
  const world = await openWorld();
  const stack = exported({});
  const called = await call(
    world.emulator,
    args.map((arg) => (arg === "STACK" ? stack : arg)),
  );
  expect([called.status, called.stdout]).toEqual([status, ""]);
  expect(called.stderr).toContain(why);
  expect(world.emulator.ledger().requests).toEqual({});
});
