import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { chmod, type FileHandle, lstat, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, unlessMissing } from "../journal/files";

// O_NONBLOCK is absent on Windows.
const { O_WRONLY, O_CREAT, O_NONBLOCK = 0 } = constants;

/** How long the reader of a full pipe is waited for. */
const drainMs = 500;
const askAgainMs = 5;

/** Whether a path names what takes one text after the other, such as a FIFO or a terminal, rather than a file. */
export async function isStream(path: string): Promise<boolean> {
  const stats = await unlessMissing(stat(path));
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/**
 * Puts a text in the place of a file's content: who reads it sees the old or the new one, never half of one. Links are
 * followed, the mode is kept, and what is not a regular file is written through.
 *
 * @throws where it cannot be written; nothing is left behind
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const stats = await unlessMissing(stat(path));
  const target = await replaceable(path, stats);
  if (target === undefined) return overwrite(path, text);
  try {
    await replace(target, text, stats?.mode);
  } catch (error) {
    // The file can be written, and its directory cannot; or it is a mount of its own.
    if (stats === undefined || !inPlaceCodes.includes(codeOf(error))) throw error;
    await overwrite(path, text);
  }
}

const inPlaceCodes: readonly string[] = ["EACCES", "EPERM", "EBUSY", "EROFS", "EXDEV"];

/** The path of the file itself; undefined where another one must not take its place. */
async function replaceable(path: string, stats: Stats | undefined): Promise<string | undefined> {
  // What a process has opened is meant, not the file's name. Below /dev/shm are files like any other.
  if (/^\/(dev\/(?!shm\/)|proc\/)/.test(path)) return undefined;
  // Through a link to a file that is not there yet, that file is made.
  if (stats === undefined) return (await unlessMissing(lstat(path))) === undefined ? path : undefined;
  const isAnothers = process.getuid !== undefined && stats.uid !== process.getuid();
  return stats.isFile() && stats.nlink === 1 && !isAnothers ? realpath(path) : undefined;
}

async function replace(target: string, text: string, mode: number | undefined): Promise<void> {
  const whole = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    await writeFile(whole, text, { flag: "wx" });
    if (mode !== undefined) await chmod(whole, mode & 0o7777);
    await rename(whole, target);
  } catch (error) {
    await rm(whole, { force: true });
    throw error;
  }
}

async function overwrite(path: string, text: string): Promise<void> {
  const handle = await open(path, O_WRONLY | O_CREAT | O_NONBLOCK, 0o666);
  try {
    const isFile = (await handle.stat()).isFile();
    if (isFile) await handle.truncate(0);
    await writeAll(handle, Buffer.from(text), isFile);
  } finally {
    await handle.close();
  }
}

/** A pipe takes only as much as its reader has made room for. */
async function writeAll(handle: FileHandle, bytes: Buffer, hasPositions: boolean): Promise<void> {
  const until = Date.now() + drainMs;
  for (let written = 0; written < bytes.length; ) {
    try {
      const position = hasPositions ? written : null;
      written += (await handle.write(bytes, written, bytes.length - written, position)).bytesWritten;
    } catch (error) {
      if (codeOf(error) !== "EAGAIN" || Date.now() > until) throw error;
      await sleep(askAgainMs);
    }
  }
}
