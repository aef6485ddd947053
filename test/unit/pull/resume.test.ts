import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { body, newFolder, run, serve, stackOf } from "./support";

const bin = join(__dirname, "..", "..", "..", "dist", "command", "bin.js");

interface Entry {
  readonly file: string;
  readonly sha256?: string;
  readonly problem?: string;
}

async function entriesIn(out: string): Promise<Entry[]> {
  return JSON.parse(await readFile(join(out, "manifest.json"), "utf8")).pictures;
}

/** The command in a process of its own. */
async function start(stack: string, out: string): Promise<ChildProcess> {
  await writeFile(`${out}.json`, stack);
  const child = spawn(process.execPath, [bin, "pull", `${out}.json`, "--out", out], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
}

const count = 40;
const half = 20;

/** Answers so many requests, and leaves the others in the middle of their picture until it is told to go on. */
async function openHalfServer() {
  let held = true;
  let answered = 0;
  const { url, asked } = await serve((_, response) => {
    answered += 1;
    if (!held || answered <= half) response.end(body);
    else response.writeHead(200, { "content-length": body.length }).write(body.subarray(0, 100));
  });
  const names = Array.from({ length: count }, (_, index) => [`p${index}`, { url: `${url}/${index}` }]);
  return {
    asked,
    stack: stackOf(Object.fromEntries(names)),
    goOn: () => {
      held = false;
    },
  };
}

test("killed in the middle, it leaves a manifest of what is there, and the next run fetches only what is not", async () => {
  const out = join(await newFolder(), "out");
  const { asked, stack, goOn } = await openHalfServer();
  const child = await start(stack, out);
  const fetched = async () => (await entriesIn(out).catch(() => [])).filter(({ sha256 }) => sha256 !== undefined);
  await vi.waitUntil(async () => (await fetched()).length === half, { timeout: 60_000 });
  await kill(child);

  const entries = await entriesIn(out);
  expect(entries).toHaveLength(count);
  const pictures = async () => (await readdir(out)).filter((name) => /^p\d+-0\.png$/.test(name)).sort();
  expect((await fetched()).map(({ file }) => file).sort()).toEqual(await pictures());
  const notYet = entries.filter(({ sha256 }) => sha256 === undefined).map(({ problem }) => problem);
  expect(new Set(notYet)).toEqual(new Set(["it is not fetched yet. Run the same command again to go on"]));
  const cutOff = asked.slice(half);
  expect(cutOff.length, "as many as at a time").toBe(4);

  goOn();
  // No process has this number.
  for (const name of ["manifest", "p1-0.png.another"]) await writeFile(join(out, `.${name}.999999999.part`), "{");
  const again = await run(stack, out);
  expect(again).toEqual({ status: 0, told: `${half} fetched, ${half} already there, 0 missing.\n` });
  const times = new Map<string, number>();
  for (const path of asked) times.set(path, (times.get(path) ?? 0) + 1);
  expect(times.size).toBe(count);
  for (const [path, asking] of times) expect(asking, path).toBe(cutOff.includes(path) ? 2 : 1);
  expect((await entriesIn(out)).every(({ sha256 }) => sha256 !== undefined)).toBe(true);
  expect((await readdir(out)).filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(await pictures()).toHaveLength(count);
});

test("killed again at once, the manifest still tells of what the first run has fetched", async () => {
  const out = join(await newFolder(), "out");
  const { stack } = await openHalfServer();
  const fetched = async () => (await entriesIn(out).catch(() => [])).filter(({ sha256 }) => sha256 !== undefined);
  const first = await start(stack, out);
  await vi.waitUntil(async () => (await fetched()).length === half, { timeout: 60_000 });
  await kill(first);
  const before = await readFile(join(out, "manifest.json"), "utf8");
  await writeFile(join(out, "manifest.json"), before.replace('"version": 1', '"version": 1, "marked": true'));
  const second = await start(stack, out);
  await vi.waitUntil(async () => !(await readFile(join(out, "manifest.json"), "utf8")).includes("marked"), {
    timeout: 60_000,
  });
  await kill(second);
  expect(await readFile(join(out, "manifest.json"), "utf8")).toBe(before);
});

test("two runs at once into one folder each bring all pictures, whole", async () => {
  const out = join(await newFolder(), "out");
  const { url } = await serve(async (_, response) => {
    response.writeHead(200, { "content-length": body.length });
    response.write(body.subarray(0, 100));
    setImmediate(() => response.end(body.subarray(100)));
  });
  const stack = stackOf(Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, { url }])));
  const runs = await Promise.all([start(stack, out), start(stack, out)]);
  expect(await Promise.all(runs.map(async (child) => (await once(child, "exit"))[0]))).toEqual([0, 0]);
  expect(await run(stack, out)).toEqual({ status: 0, told: `0 fetched, ${count} already there, 0 missing.\n` });
  expect(await readdir(out)).toHaveLength(count + 1);
});
