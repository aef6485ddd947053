import { constants, fstatSync, lstatSync, opendirSync, readSync, type Stats } from "node:fs";
import { type FileHandle, mkdir, open, readdir } from "node:fs/promises";
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

/**
 * What there is under a name. Asked in place, which takes a fraction of what asking in the background does.
 * @returns undefined where nothing is
 */
export function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // What should be a folder on the way is a file.
    if (codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** @returns undefined where there is no such file, and its folder can be listed or does not exist either */
export async function readText(file: string): Promise<string | undefined> {
  // Most pictures have no entry yet: making an error of each takes longer than all the rest.
  if (statsOf(file) === undefined) {
    requireListable(dirname(file));
    return undefined;
  }
  const handle = await unlessMissing(open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  try {
    if (handle) requireRegular(handle);
    return await handle?.readFile("utf8");
  } finally {
    await handle?.close();
  }
}

/** @throws for a folder that cannot be listed: nothing says that a file is not in it */
function requireListable(folder: string): void {
  try {
    opendirSync(folder).closeSync();
  } catch (error) {
    // It does not exist, or what should be a folder on the way is a file: nothing can be in it.
    if (!["ENOENT", "ENOTDIR"].includes(codeOf(error))) throw error;
  }
}

/** Names in a folder; none where it does not exist. */
export async function listed(folder: string): Promise<string[]> {
  return (await unlessMissing(readdir(folder))) ?? [];
}

/** Appends a line to a file, and returns once it is on disk under that name. */
export async function appendLine(file: string, line: string): Promise<void> {
  // A sweep may take the file away between its opening and the write: then the line goes into a new one.
  while (!(await appendOnce(file, line)));
}

async function appendOnce(file: string, line: string): Promise<boolean> {
  const handle = (await unlessMissing(openToAppend(file))) ?? (await openInNewFolder(file));
  try {
    const { size, ino } = requireRegular(handle);
    // A line torn by a crash must not swallow this one.
    const torn = size > 0 && !endsWithNewline(handle, size);
    await handle.write(`${torn ? "\n" : ""}${line}\n`);
    await handle.sync();
    if (size === 0) await syncFolder(dirname(file));
    return isNamed(file, ino);
  } finally {
    await handle.close();
  }
}

function openToAppend(file: string): Promise<FileHandle> {
  return open(file, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0o600);
}

async function openInNewFolder(file: string): Promise<FileHandle> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return openToAppend(file);
}

function isNamed(file: string, ino: number): boolean {
  // Windows lets no open file be renamed.
  return process.platform === "win32" || statsOf(file)?.ino === ino;
}

function requireRegular({ fd }: FileHandle): Stats {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw Object.assign(new Error("is no regular file"), { code: "not a regular file" });
  return stats;
}

/** Whether the last line of a file of this size is whole. */
export function endsWithNewline({ fd }: FileHandle, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 10;
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
