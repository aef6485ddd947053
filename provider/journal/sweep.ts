import { constants } from "node:fs";
import { link, open, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, listed, readText } from "./files";
import { parseLine, recordOf } from "./lines";

const dayMs = 24 * 3_600_000;
/** How long what is settled, and what an emulator answered, is kept. */
const settledLifeMs = 7 * dayMs;
/** A sweep that has taken longer than this was killed. */
const longestSweepMs = 10 * 60_000;
/** A smaller folder is looked through each time: that takes no longer than a look at a marker would. */
const fewestToMark = 200;
const marker = "swept";
const lock = "sweeping";

/** Forgets what was settled long ago, once a day; what was never settled stays for ever. */
export async function sweep(folder: string, suffix: string, now = Date.now()): Promise<void> {
  if (now - (await modified(join(folder, marker))) < dayMs) return;
  const names = await listed(folder);
  const old: string[] = [];
  for (const name of names) {
    const file = join(folder, name);
    if (name.endsWith(suffix) && now - (await modified(file)) >= settledLifeMs) old.push(file);
  }
  if (old.length === 0 || !(await locked(folder, now))) return;
  try {
    for (const file of old) await forgetSettled(file);
    if (names.length < fewestToMark) return;
    await (await open(join(folder, marker), "a", 0o600)).close();
    await utimes(join(folder, marker), new Date(now), new Date(now));
  } finally {
    await rm(join(folder, lock), { force: true });
  }
}

async function locked(folder: string, now: number): Promise<boolean> {
  const path = join(folder, lock);
  if (now - (await modified(path)) > longestSweepMs) await rm(path, { force: true });
  try {
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    await (await open(path, O_CREAT | O_EXCL | O_WRONLY, 0o600)).close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** When a file was last written (ms); long ago where there is none. */
async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return Number.NEGATIVE_INFINITY;
    throw error;
  }
}

async function forgetSettled(file: string): Promise<void> {
  try {
    if (!(await isForgettable(file))) return;
    // Taken away under another name first: a process that appends meanwhile notices, and what was appended before is seen here.
    const aside = `${file}.${process.pid}`;
    await rename(file, aside);
    if (!(await isForgettable(aside))) await link(aside, file);
    await rm(aside);
  } catch (error) {
    // Another process may have swept it, and what cannot be read is not ours to remove.
    if (!["ENOENT", "EACCES", "EPERM", "EEXIST", "ELOOP", "not a regular file"].includes(codeOf(error))) throw error;
  }
}

async function isForgettable(file: string): Promise<boolean> {
  const lines = ((await readText(file)) ?? "").split("\n").filter((line) => line !== "");
  const known = lines.map(parseLine);
  // A line that cannot be read might be a task.
  if (known.some((line) => line === undefined)) return false;
  const written = known.filter((line) => line !== undefined);
  return recordOf(written).entries.every(({ settled, refused }) => refused || settled);
}
