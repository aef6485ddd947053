import { lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { unlessMissing } from "../journal/files";

/** Nothing, or as a bill begins, also one that was cut off. */
const billOrNothing = /^\s*(?:$|\{\s*"version"\s*:\s*1\s*,\s*"images"\s*:)/;

/** Enough to tell a bill from another file. */
const headBytes = 512;

/**
 * Why a bill must not be written to a file: a slip in a variable must not cost somebody a file that cannot be had again.
 *
 * @param leftFile the file to which is appended what a destroy leaves
 * @returns undefined where it may be
 */
export async function whyNotThere(path: string, leftFile: string | undefined): Promise<string | undefined> {
  if (leftFile && (await isSameFile(path, leftFile))) {
    return "TENCENT_AIGC_LEFT_FILE names the same file. Give each a file of its own.";
  }
  return (await holdsAnother(path))
    ? "the file holds something else than a bill. Name another file, or remove that one."
    : undefined;
}

async function holdsAnother(path: string): Promise<boolean> {
  const stats = await unlessMissing(stat(path));
  if (stats === undefined || !stats.isFile() || stats.size === 0) return false;
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(headBytes), position: 0 });
    return !billOrNothing.test(buffer.toString("utf8", 0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** Devices and pipes take one text after the other. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => unlessMissing(stat(path))));
  if (first && second) return first.isFile() && first.dev === second.dev && first.ino === second.ino;
  if (first || second) return false;
  return (await placeOf(one)) === (await placeOf(other));
}

/** Where a file will be that is not there yet. */
async function placeOf(path: string): Promise<string> {
  const link = await unlessMissing(lstat(path));
  if (link?.isSymbolicLink()) return placeOf(resolve(dirname(path), await readlink(path)));
  const folder = resolve(dirname(path));
  return join((await unlessMissing(realpath(folder))) ?? folder, basename(path));
}
