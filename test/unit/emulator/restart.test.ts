import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../emulator";
import { call, car, subAppId } from "./stranger";

let directory: string;
let running: Emulator | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "aigc-emulator-"));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(directory, { recursive: true });
});

/** The emulator anew, with what the one before left in the folder. */
async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  await running?.close();
  running = await startEmulator({ frozen: true, taskSeconds: 10, submitsPerSecond: 1000, directory, ...options });
  return running;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
async function ask(emulator: Emulator, action: string, parameters: object): Promise<any> {
  return (await call(emulator, action, parameters)).response;
}

const submit = async (emulator: Emulator, changes: object = {}): Promise<string> =>
  (await ask(emulator, "CreateAigcImageTask", car(changes))).TaskId;

const named = (MediaName: string) => ({ OutputConfig: { StorageMode: "Permanent", MediaName } });
const file = (emulator: Emulator) => emulator.ledger().tasks[0]?.files[0];
const digest = async (url = "") =>
  createHash("sha256")
    .update(new Uint8Array(await (await fetch(url)).arrayBuffer()))
    .digest("hex");

describe("with a folder, a restart keeps", () => {
  test("pictures, their FileIds and URLs, what was changed in the library, and the bill", async () => {
    const before = await start();
    const taskId = await submit(before, { SessionId: "s", ...named("hero") });
    before.advance(10);
    const { fileId: FileId = "", url = "" } = file(before) ?? {};
    await ask(before, "ModifyMediaInfo", { FileId, Name: "renamed", AddTags: ["red"] });
    const registered = before.addMedia({ subAppId, name: "photo" });
    const deleted = before.addMedia({ subAppId, name: "gone" });
    before.deleteMedia(deleted);
    const picture = await digest(url);
    const ledger = before.ledger();

    const after = await start({ port: Number(new URL(before.url).port) });
    expect(after.ledger()).toEqual({ ...ledger, requests: {} });
    expect(await digest(url)).toBe(picture);
    expect((await ask(after, "DescribeTaskDetail", { TaskId: taskId })).AigcImageTask.Output.FileInfos).toMatchObject([
      { FileId, FileUrl: url },
    ]);
    const found = (await ask(after, "SearchMedia", { Tags: ["red"] })).MediaInfoSet;
    expect(found).toMatchObject([{ FileId, BasicInfo: { Name: "renamed", TagSet: ["red"] } }]);
    const { NotExistFileIdSet } = await ask(after, "DescribeMediaInfos", { FileIds: [registered, deleted] });
    expect(NotExistFileIdSet).toEqual([deleted]);
    const again = await ask(after, "CreateAigcImageTask", car({ SessionId: "s" }));
    expect(again.Error.Code).toBe("InvalidParameterValue.SessionId");
    expect(after.ledger()).toMatchObject({ billed: 1, billedImages: 1 });
  });

  test("tasks that run, wait, are stuck, forgotten or another program's, each with its own time", async () => {
    const before = await start({ concurrency: 2 });
    before.fault({ kind: "stuck" });
    const stuck = await submit(before);
    const runs = await submit(before);
    const waits = await submit(before);
    before.forgetTask(stuck);
    before.addTask({ SubAppId: subAppId, SessionId: "foreign" });
    before.advance(4);
    const statuses = (emulator: Emulator) => emulator.ledger().tasks.map((task) => [task.taskId, task.status]);
    const asLeft = [
      [stuck, "PROCESSING"],
      [runs, "PROCESSING"],
      [waits, "WAITING"],
    ];
    expect(statuses(before)).toEqual(asLeft);
    const createTimes = before.ledger().tasks.map((task) => task.createTime);

    const after = await start({ concurrency: 2, taskSeconds: 99 });
    expect(after.ledger().tasks.map((task) => task.createTime)).toEqual(createTimes);
    expect((await ask(after, "DescribeTaskDetail", { TaskId: stuck })).Error.Code).toBe("ResourceNotFound");
    expect((await ask(after, "DescribeTasks", {})).TaskSet).toHaveLength(3);
    after.advance(16);
    expect(statuses(after)).toEqual([
      [stuck, "PROCESSING"],
      [runs, "FINISH"],
      [waits, "FINISH"],
    ]);
    expect(after.ledger()).toMatchObject({ billed: 2, failed: 0 });
  });

  test("the time it had been moved to, however often it starts", async () => {
    const before = await start();
    const taskId = await submit(before);
    before.advance(3 * 86_400 + 60);
    await start();
    const after = await start();
    expect((await ask(after, "DescribeTaskDetail", { TaskId: taskId })).Error.Code).toBe("ResourceNotFound");
    expect(after.ledger().billed).toBe(1);
  });
});

test("a line that a killed emulator did not finish is left out, and what follows is kept", async () => {
  await submit(await start());
  await running?.close();
  appendFileSync(join(directory, "service.jsonl"), '{"kind":"submit","task');
  const next = await start();
  expect(next.ledger().tasks).toHaveLength(1);
  await submit(next);
  expect((await start()).ledger().tasks).toHaveLength(2);
});

test.each([
  ["what is no JSON", "hello\n", /line 1 is not JSON/],
  ["another format", '{"kind":"start","format":99,"time":0,"concurrency":1}\n', /another folder/],
])("a folder with %s is refused, and left as it is", async (_, content, message) => {
  const path = join(directory, "service.jsonl");
  writeFileSync(path, content);
  await expect(start()).rejects.toThrow(message);
  expect(readFileSync(path, "utf8")).toBe(content);
});

test("nobody else can read the folder's prompts", async () => {
  const own = join(directory, "made");
  await start({ directory: own });
  expect([statSync(own).mode & 0o777, statSync(join(own, "service.jsonl")).mode & 0o777]).toEqual([0o700, 0o600]);
});
