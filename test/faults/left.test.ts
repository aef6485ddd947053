import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LeftPicture } from "../../provider/lifecycle/leftFile";
import { expectLedger, openWorld, tasks, type World } from "../support/emulator";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

/** `TENCENT_AIGC_LEFT_FILE`: what a destroy leaves at the service, for a script to take over. */

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "aigc-left-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const worldWith = (file: string): Promise<World> => openWorld({ env: { TENCENT_AIGC_LEFT_FILE: file } });

function linesOf(file: string): LeftPicture[] {
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function destroyed(world: World, args = picture(), name = "hero"): Promise<Lifecycle> {
  const hero = new Lifecycle(world, name);
  await hero.up(args);
  await hero.destroy();
  expect(hero.state).toBeUndefined();
  return hero;
}

async function warningsOf(world: World): Promise<string[]> {
  const { engine } = await world.host();
  return engine.lines.filter(({ severity }) => severity === "warning").map(({ text }) => text);
}

describe("a line tells what was left, and what takes it over", () => {
  test("files in the media library", async () => {
    const file = join(newFolder(), "left.jsonl");
    const world = await worldWith(file);
    await destroyed(world, picture({ outputConfig: { expireTime: "2099-01-01T00:00:00Z" } }));
    const [task] = tasks(world);
    const adoptFileIds = task?.files.map(({ fileId }) => fileId);
    expect(linesOf(file)).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        name: "hero",
        status: "FINISH",
        subAppId,
        endpoint: new URL(world.emulator.url).host,
        generationId: task?.sessionId,
        taskId: task?.taskId,
        sessionId: task?.sessionId,
        expireTime: "2099-01-01T00:00:00Z",
        adoptFileIds,
      },
    ]);
    const again = new Lifecycle(world, "again");
    await again.up(picture({ adoptFileIds: linesOf(file)[0]?.adoptFileIds }));
    expect(again.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a task without a file there, or that is still under way", async () => {
    const file = join(newFolder(), "left.jsonl");
    const world = await worldWith(file);
    await destroyed(world, picture({ outputConfig: { storageMode: "Temporary" } }), "temporary");
    world.emulator.fault({ kind: "stuck", seconds: 60 });
    await destroyed(world, picture({ waitForCompletion: false }), "running");
    const [first, second] = tasks(world);
    expect(linesOf(file)).toMatchObject([
      { name: "temporary", status: "FINISH", adoptTaskId: first?.taskId },
      { name: "running", adoptTaskId: second?.taskId },
    ]);
    world.emulator.advance(120);
    const again = new Lifecycle(world, "again");
    await again.up(picture({ adoptTaskId: second?.taskId }));
    expect(again.outputs).toMatchObject({ status: "FINISH", taskId: second?.taskId });
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("a picture that failed has nothing to take over", async () => {
    const file = join(newFolder(), "left.jsonl");
    const world = await worldWith(file);
    world.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" });
    await destroyed(world, picture({ onFailure: "keep" }));
    const [line] = linesOf(file);
    expect(line).toMatchObject({ name: "hero", status: "FAILED", taskId: tasks(world)[0]?.taskId });
    for (const key of ["adoptTaskId", "adoptFileIds"]) expect(line).not.toHaveProperty(key);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("no line holds input text, a `sessionId` of the user's own included", async () => {
    const file = join(newFolder(), "left.jsonl");
    const world = await worldWith(file);
    await destroyed(world, picture({ sessionId: "own-secret", prompt: "a secret lighthouse", keepers: { a: "hush" } }));
    expect(linesOf(file)).toHaveLength(1);
    expect(readFileSync(file, "utf8")).not.toMatch(/own-secret|lighthouse|hush/);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("the file is somebody's own", () => {
  test("what is in it stays, a torn last line too", async () => {
    const file = join(newFolder(), "left.jsonl");
    writeFileSync(file, '{"name":"earlier"}\n{"na');
    chmodSync(file, 0o640);
    const other = `${file}.other`;
    linkSync(file, other);
    const world = await worldWith(file);
    await destroyed(world);
    const [earlier, torn, line, end] = readFileSync(file, "utf8").split("\n");
    expect([earlier, torn, end]).toEqual(['{"name":"earlier"}', '{"na', ""]);
    expect(JSON.parse(line ?? "")).toMatchObject({ name: "hero" });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readFileSync(other, "utf8")).toBe(readFileSync(file, "utf8"));
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("links are followed, to a file that is not there yet as well", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "elsewhere"));
    const target = join(folder, "elsewhere", "left.jsonl");
    const file = join(folder, "link");
    symlinkSync(target, file);
    const world = await worldWith(file);
    await destroyed(world);
    expect(linesOf(target)).toMatchObject([{ name: "hero" }]);
    expect(readdirSync(folder).sort()).toEqual(["elsewhere", "link"]);
    expect(readdirSync(join(folder, "elsewhere"))).toEqual(["left.jsonl"]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a pipe is written to, and stays a pipe", async () => {
    const folder = newFolder();
    const file = join(folder, "pipe");
    execFileSync("mkfifo", [file]);
    const world = await worldWith(file);
    const hero = new Lifecycle(world);
    await hero.up(picture());
    const reader = spawn("cat", [file], { stdio: ["ignore", "pipe", "ignore"] });
    const read: Buffer[] = [];
    reader.stdout.on("data", (data: Buffer) => read.push(data));
    // The reader opens its end only once there is a writer, and a writer needs a reader.
    const holder = spawn("sh", ["-c", `exec 3>"$0"; echo open; exec sleep 600`, file], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => {
      holder.kill("SIGKILL");
      reader.kill("SIGKILL");
    });
    await once(holder.stdout, "data");
    await hero.destroy();
    holder.kill("SIGKILL");
    await once(reader, "close");
    expect(JSON.parse(Buffer.concat(read).toString())).toMatchObject({ name: "hero" });
    expect(statSync(file).isFIFO()).toBe(true);
    expect(readdirSync(folder)).toEqual(["pipe"]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a device is written through", async () => {
    const world = await worldWith("/dev/null");
    await destroyed(world);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(await warningsOf(world)).toEqual([]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test.each([
    ["a directory", (folder: string) => folder, /EISDIR/],
    ["in a directory that is not there", (folder: string) => join(folder, "no", "left.jsonl"), /ENOENT/],
    [
      "a pipe that nobody reads",
      (folder: string) => {
        execFileSync("mkfifo", [join(folder, "pipe")]);
        return join(folder, "pipe");
      },
      /ENXIO/,
    ],
  ])("%s is a warning, and the destroy goes on", async (_, fileIn, code) => {
    const folder = newFolder();
    const file = fileIn(folder);
    const before = readdirSync(folder);
    const world = await worldWith(file);
    await destroyed(world);
    const warnings = (await warningsOf(world)).join();
    expect(warnings).toMatch(code);
    expect(warnings).toContain("The log of this operation names it.");
    expect(readdirSync(folder)).toEqual(before);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("several processes at once lose no line", async () => {
  const file = join(newFolder(), "left.jsonl");
  const worlds = await Promise.all([worldWith(file), worldWith(file), worldWith(file)]);
  const names = Array.from({ length: 8 }, (_, index) => `hero-${index}`);
  await Promise.all(
    worlds.map(async (world) => {
      const heroes = names.map((name) => new Lifecycle(world, name));
      for (const hero of heroes) await hero.up(picture());
      await Promise.all(heroes.map((hero) => hero.destroy()));
    }),
  );
  const lines = linesOf(file);
  expect(lines).toHaveLength(24);
  expect(new Set(lines.map(({ endpoint, name }) => `${endpoint} ${name}`)).size).toBe(24);
  for (const world of worlds) expectLedger(world, { billed: 8, intended: 8 });
});
