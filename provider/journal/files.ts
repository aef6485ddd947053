import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir } from "node:fs/promises";
import { dirname } from "node:path";

/** Reading and appending to files that several processes share, so that what was appended is on disk. */

// O_NOFOLLOW and O_NONBLOCK are absent on Windows, where creating a link needs rights that nobody who plants one has.
const { O_APPEND, O_CREAT, O_RDWR, O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}

/** @returns undefined where what is asked for is not there */
export async function unlessMissing<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns undefined where there is no such file, and its folder can be listed or does not exist either */
export async function readText(file: string): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    // What should be a folder on the way is a file: nothing can be in it.
    if (codeOf(error) === "ENOTDIR") return undefined;
    if (codeOf(error) !== "ENOENT") throw error;
    // On a folder that cannot be listed, nothing says that the file is not there.
    await listed(dirname(file));
    return undefined;
  }
  try {
    await requireRegular(handle);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** Names in a folder; none where it does not exist. */
export async function listed(folder: string): Promise<string[]> {
  return (await unlessMissing(readdir(folder))) ?? [];
}

/** Appends a line to a file, and returns once it is on disk under that name. */
export async function appendLine(file: string, line: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A sweep may take the file away between its opening and the write: then the line goes into a new one.
  while (!(await appendOnce(folder, file, line)));
}

async function appendOnce(folder: string, file: string, line: string): Promise<boolean> {
  const handle = await open(file, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const { size, ino } = await requireRegular(handle);
    // A line torn by a crash must not swallow this one.
    const torn = size > 0 && !(await endsWithNewline(handle, size));
    await handle.write(`${torn ? "\n" : ""}${line}\n`);
    await handle.sync();
    if (size === 0) await syncFolder(folder);
    return await isNamed(file, ino);
  } finally {
    await handle.close();
  }
}

async function isNamed(file: string, ino: number): Promise<boolean> {
  // Windows lets no open file be renamed.
  if (process.platform === "win32") return true;
  return (await unlessMissing(lstat(file)))?.ino === ino;
}

async function requireRegular(handle: FileHandle) {
  const stats = await handle.stat();
  if (!stats.isFile()) throw Object.assign(new Error("is no regular file"), { code: "not a regular file" });
  return stats;
}

/** Whether the last line of a file of this size is whole. */
export async function endsWithNewline(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] === 10;
}

/** A new file's name is only safe on disk once its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
