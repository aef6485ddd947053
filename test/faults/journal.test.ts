import { chmod, lstat, mkdir, readdir, readFile, symlink, truncate, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import { registered, startHost } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const world = sharedWorld();
const create = "CreateAigcImageTask";
const temporary = picture({ outputConfig: { storageMode: "Temporary" } });
let resources = 0;

function newHero(): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`);
}

interface Line {
  event: string;
  sessionId?: string;
  taskId?: string;
}

/** Starts a new, empty journal in a new process. */
async function emptyJournal(): Promise<string> {
  await world.restart({ newMachine: true });
  return world.journalDir();
}

async function onlyFile(directory: string): Promise<string> {
  const names = await readdir(directory);
  expect(names).toHaveLength(1);
  return join(directory, names[0] ?? "");
}

async function lines(file: string): Promise<Line[]> {
  return (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("the intent is on disk before the request arrives, the TaskId after, and both are settled by the next `up`", async () => {
  const directory = await emptyJournal();
  const hero = newHero();
  world.emulator.fault({ kind: "slow", seconds: 600, action: create });
  const creating = hero.up(temporary);
  await world.emulator.waitUntil(() => requests(world, create) === 1);
  const file = await onlyFile(directory);
  expect((await lines(file)).map(({ event }) => event)).toEqual(["intent"]);
  world.emulator.advance(600);
  await creating;
  const [task] = tasks(world);
  expect(await lines(file)).toMatchObject([
    { event: "intent", sessionId: task?.sessionId },
    { event: "task", taskId: task?.taskId },
  ]);
  await hero.up(temporary);
  expect((await lines(file)).map(({ event }) => event)).toEqual(["intent", "task", "settled"]);
  await hero.up(temporary);
  expect(await lines(file)).toHaveLength(3);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a duplicate answer is kept: with the state lost the task is only looked for, and nothing is sent", async () => {
  const directory = await emptyJournal();
  const hero = newHero();
  world.emulator.behaviour({ tasksInListing: false });
  world.emulator.fault({ kind: "acceptThenReset", action: create });
  await hero.up(temporary);
  expect((await lines(await onlyFile(directory))).map(({ event }) => event)).toContain("duplicate");
  const sent = requests(world, create);
  expect(sent).toBe(2);
  hero.state = undefined;
  const { reasons } = await hero.up(temporary);
  expect(hero.outputs["status"]).toBe("UNKNOWN");
  expect(reasons.join()).toContain("adoptTaskId");
  expect(requests(world, create)).toBe(sent);
  world.emulator.behaviour({ tasksInListing: true });
  await hero.up(temporary);
  expect(hero.outputs).toMatchObject({ status: "FINISH", taskId: tasks(world)[0]?.taskId });
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a picture that no search shows is found by the files that the journal keeps, with its state lost on day 4", async () => {
  await emptyJournal();
  const hero = newHero();
  world.emulator.behaviour({ filesInSearch: false });
  await hero.up(picture());
  const fileIds = tasks(world)[0]?.files.map(({ fileId }) => fileId);
  hero.state = undefined;
  world.emulator.advance(4 * 86_400);
  await hero.up(picture());
  expect(hero.outputs["files"]).toMatchObject((fileIds ?? []).map((fileId) => ({ fileId })));
  expectLedger(world, { billed: 1, intended: 1 });
});

test("it is for its user alone, and tells neither prompt nor key", async () => {
  const directory = await emptyJournal();
  await newHero().up(temporary);
  expect((await lstat(directory)).mode & 0o777).toBe(0o700);
  const file = await onlyFile(directory);
  expect((await lstat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, "utf8");
  for (const secret of [String(temporary["prompt"]), world.emulator.secretKey, world.emulator.secretId]) {
    expect(text).not.toContain(secret);
  }
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a definite refusal closes the intent", async () => {
  const directory = await emptyJournal();
  const hero = newHero();
  world.emulator.fault({ kind: "errorCode", code: "InvalidParameter", action: create });
  await hero.up(temporary);
  expect((await lines(await onlyFile(directory))).map(({ event }) => event)).toEqual(["intent", "refused"]);
  await hero.up(temporary);
  // It asks for the service's time, and lists nothing.
  expect(requests(world, "DescribeTasks")).toBe(1);
  expectLedger(world, { billed: 1, intended: 1 });
});

test.each([1, 10, 40])(
  "a last line torn %i bytes before its end is passed over, and swallows no later one",
  async (bytes) => {
    const directory = await emptyJournal();
    const hero = newHero();
    await hero.up(temporary);
    const file = await onlyFile(directory);
    await truncate(file, (await lstat(file)).size - bytes);
    hero.state = undefined;
    await world.restart();
    await hero.up(temporary);
    expect(hero.outputs["taskId"]).toBe(tasks(world)[0]?.taskId);
    hero.state = undefined;
    const sent = requests(world, create);
    await hero.up(temporary);
    expect(requests(world, create)).toBe(sent);
    expectLedger(world, { billed: 1, intended: 1 });
  },
);

test("lines that are no JSON are passed over", async () => {
  const directory = await emptyJournal();
  const hero = newHero();
  await hero.up(temporary);
  const file = await onlyFile(directory);
  await writeFile(file, `\u0000\u0000nonsense\n${await readFile(file, "utf8")}{"event":\n[]\n7\nnull\n`);
  hero.state = undefined;
  await world.restart();
  const { error } = await hero.up(temporary);
  expect(error).toBeUndefined();
  expect(hero.outputs["taskId"]).toBe(tasks(world)[0]?.taskId);
  expect(requests(world, create)).toBe(1);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a link in place of its file is not followed, and nothing is sent while it cannot be read", async () => {
  const directory = await emptyJournal();
  const hero = newHero();
  await hero.up(temporary);
  const file = await onlyFile(directory);
  const target = join(directory, "elsewhere.txt");
  await writeFile(target, "untouched\n");
  await unlink(file);
  await symlink(target, file);
  hero.state = undefined;
  await world.restart();
  const { error } = await hero.up(temporary);
  expect(error).toMatch(/could not read the journal.*ELOOP.*nothing was sent/i);
  expect(await readFile(target, "utf8")).toBe("untouched\n");
  const { engine } = await world.host();
  expect((await engine.seen(({ severity }) => severity === "warning")).text).toMatch(/journal.*ELOOP.*journalDir/);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("one that cannot be written only warns, once", async () => {
  const directory = await emptyJournal();
  await mkdir(join(directory, ".."), { recursive: true });
  await writeFile(directory, "a file where the directory should be");
  const heroes = [newHero(), newHero()];
  for (const hero of heroes) expect((await hero.up(temporary)).error).toBeUndefined();
  const { engine } = await world.host();
  const { text } = await engine.seen(({ severity }) => severity === "warning");
  expect(text).toMatch(
    /cannot be used \((EEXIST|ENOTDIR)\).*guarded by the SessionId for 3 days.*tencent-aigc:journalDir/,
  );
  expect(engine.lines.filter(({ severity }) => severity === "warning")).toHaveLength(1);
  expectLedger(world, { billed: 2, intended: 2 });
});

test.skipIf(process.getuid?.() === 0)("one in a directory that is read-only only warns", async () => {
  const directory = await emptyJournal();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o500);
  const hero = newHero();
  expect((await hero.up(temporary)).error).toBeUndefined();
  await chmod(directory, 0o700);
  const { engine } = await world.host();
  await engine.seen(({ text }) => text.includes("EACCES"));
  expectLedger(world, { billed: 1, intended: 1 });
});

test("what was settled is forgotten after 7 days; what never was, never", async () => {
  const directory = await emptyJournal();
  const [settled, open] = [newHero(), newHero()];
  await settled.up(temporary);
  await settled.up(temporary);
  const [settledFile] = await readdir(directory);
  await open.up(temporary);
  const weekAgo = new Date(Date.now() - 8 * 86_400_000);
  for (const file of await readdir(directory)) await utimes(join(directory, file), weekAgo, weekAgo);
  await world.restart();
  await newHero().up(temporary);
  const files = await readdir(directory);
  expect(files).toHaveLength(2);
  expect(files).not.toContain(settledFile);
  open.state = undefined;
  const sent = requests(world, create);
  await open.up(temporary);
  expect(requests(world, create)).toBe(sent);
  expectLedger(world, { billed: 3, intended: 3 });
});

test("`journalDir` says where it lies", async () => {
  const directory = join(await emptyJournal(), "..", "of-the-stack");
  await world.restart({ config: { "tencent-aigc:journalDir": directory } });
  await newHero().up(temporary);
  await onlyFile(directory);
  await world.restart({ config: { "tencent-aigc:journalDir": undefined } });
  expectLedger(world, { billed: 1, intended: 1 });
});

test("two processes that write it at once lose no line, and bill each intention once", async () => {
  const directory = await emptyJournal();
  const { config, env } = world.settings();
  const hosts = await Promise.all([startHost({ config, env }), startHost({ config, env })]);
  onTestFinished(async () => void (await Promise.all(hosts.map((host) => host.kill()))));
  const shared = Array.from({ length: 10 }, () => newHero());
  const ids = await Promise.all(
    hosts.map((host) =>
      Promise.all(
        shared.map(async (hero) => {
          const { inputs } = await host.check({}, registered(hero.urn, temporary));
          return (await host.create(inputs)).id;
        }),
      ),
    ),
  );
  expect(ids[0]).toEqual(ids[1]);
  expect(tasks(world)).toHaveLength(10);
  const files = await readdir(directory);
  expect(files).toHaveLength(10);
  for (const file of files) {
    expect((await lines(join(directory, file))).some(({ taskId }) => taskId !== undefined)).toBe(true);
  }
  expectLedger(world, { billed: 10, intended: 10 });
});

test("an emulator's journal is no other service's: each endpoint has its own entries", async () => {
  const directory = await emptyJournal();
  const hero = newHero();
  await hero.up(temporary);
  const before = await readdir(directory);
  await world.restart({ env: { TENCENT_AIGC_ENDPOINT: world.emulator.url.replace("127.0.0.1", "localhost") } });
  hero.state = undefined;
  await hero.up(temporary);
  expect(await readdir(directory)).toHaveLength(before.length + 1);
  await world.restart({ env: { TENCENT_AIGC_ENDPOINT: world.emulator.url } });
  // It is one service after all, which knows the SessionId.
  expectLedger(world, { billed: 1, intended: 1 });
});
