import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isObject } from "../schema/json";

/**
 * What this machine knows of a generation that Pulumi's state may not hold yet. The intent to send is on disk before
 * the first byte is sent, and the TaskId right after, so that a crash at any point leaves a trace that the next
 * `create` of the same intention finds.
 *
 * One file an intention, of short JSON lines that are only ever appended: several processes can write it, and a torn
 * last line is told from a whole one.
 */
export interface Journal {
  /** Every submission known of the intention, first to last. */
  read(key: JournalKey): Promise<JournaledSubmission[]>;
  /** On disk when this returns. */
  append(key: JournalKey, line: JournalLine): Promise<void>;
}

export interface JournalKey {
  /** The loopback endpoint's URL, or `real`: all real hosts are one service. */
  readonly endpoint: string;
  readonly subAppId: number;
  /** Base SessionId of the intention. */
  readonly sessionId: string;
}

/** One submission of an intention, as far as its lines tell. */
export interface JournaledSubmission {
  readonly submission: number;
  readonly attempt: number;
  readonly sessionId: string;
  /** When the intent was written (ms). */
  readonly intentAt: number;
  /** Another process wrote the intent and may still be about to act on it. */
  readonly writerAlive: boolean;
  readonly taskId?: string;
  /** Refused before it became a task. */
  readonly refused?: boolean;
  /** Its TaskId was seen in a stack's state, or given up by a destroy. */
  readonly settled?: boolean;
}

export type JournalLine =
  | { event: "intent"; submission: number; attempt: number; sessionId: string; at: number }
  | { event: "task"; submission: number; taskId: string }
  | { event: "refused"; submission: number }
  | { event: "settled"; submission: number; at: number };

const settledLifeMs = 7 * 24 * 3_600_000;
const suffix = ".jsonl";

/**
 * @param warn told once if the journal cannot be written: generations go on, guarded by the service's window alone
 */
export function openJournal(directory: string, warn: (text: string) => void): Journal {
  let broken = false;
  let swept: Promise<void> | undefined;
  const fileOf = (key: JournalKey) => {
    const text = `${key.endpoint}\n${key.subAppId}\n${key.sessionId}`;
    return join(directory, createHash("sha256").update(text).digest("hex").slice(0, 40) + suffix);
  };
  const unwritable = (error: unknown) => {
    if (broken) return;
    broken = true;
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    warn(
      `The journal at ${directory} cannot be used (${code}). A crash during this update is still guarded by the SessionId for 3 days. Set tencent-aigc:journalDir to a writable directory.`,
    );
  };
  return {
    async read(key) {
      try {
        return submissions(await readLines(fileOf(key)));
      } catch (error) {
        unwritable(error);
        return [];
      }
    },
    async append(key, line) {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        swept ??= sweep(directory);
        await swept;
        await appendLine(directory, fileOf(key), JSON.stringify({ ...line, ...writer() }));
      } catch (error) {
        unwritable(error);
      }
    },
  };
}

function writer() {
  return { pid: process.pid, host: hostname() };
}

async function appendLine(directory: string, file: string, line: string): Promise<void> {
  const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
  // O_NOFOLLOW is absent on Windows, where creating a link needs rights that a planter of links would not have.
  const handle = await open(file, O_APPEND | O_CREAT | O_RDWR | (O_NOFOLLOW ?? 0), 0o600);
  try {
    const { size } = await handle.stat();
    // A line torn by a crash must not swallow this one.
    const torn = size > 0 && !(await endsWithNewline(handle, size));
    await handle.write(`${torn ? "\n" : ""}${line}\n`);
    await handle.sync();
    if (size === 0) await syncDirectory(directory);
  } finally {
    await handle.close();
  }
}

async function endsWithNewline(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] === 10;
}

/** A new file's name is only safe on disk once its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readLines(file: string): Promise<unknown[]> {
  let text: string;
  try {
    if ((await lstat(file)).isSymbolicLink()) throw Object.assign(new Error("is a link"), { code: "ELOOP" });
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      text = await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    try {
      const read: unknown = JSON.parse(line);
      return isObject(read) ? [read] : [];
    } catch {
      return [];
    }
  });
}

function submissions(lines: unknown[]): JournaledSubmission[] {
  const found = new Map<number, JournaledSubmission>();
  /** Processes whose intent for a submission is open: a refusal closes that of the refused one alone. */
  const open = new Map<number, Set<string>>();
  for (const line of lines as Array<JournalLine & { pid: number; host: string }>) {
    const known = found.get(line.submission);
    const name = JSON.stringify([line.host, line.pid]);
    if (line.event === "intent") {
      const { submission, attempt, sessionId, at } = line;
      const kept = known?.taskId === undefined ? {} : { taskId: known.taskId };
      open.set(submission, (open.get(submission) ?? new Set()).add(name));
      found.set(submission, {
        submission,
        attempt,
        sessionId,
        intentAt: known?.intentAt ?? at,
        writerAlive: alive(line),
        ...kept,
      });
    } else if (known !== undefined) {
      if (line.event === "task") found.set(line.submission, { ...known, taskId: line.taskId, writerAlive: false });
      if (line.event === "settled") found.set(line.submission, { ...known, settled: true, writerAlive: false });
      const writers = open.get(line.submission);
      if (line.event === "refused" && known.taskId === undefined && writers?.delete(name) && writers.size === 0) {
        found.set(line.submission, { ...known, refused: true, writerAlive: false });
      }
    }
  }
  return [...found.values()].sort((a, b) => a.submission - b.submission);
}

/** Only a process of this machine can be asked; one of another machine counts as alive. */
function alive({ pid, host }: { pid: number; host: string }): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Forgets what was settled long ago; what was never settled stays for ever. */
async function sweep(directory: string): Promise<void> {
  const now = Date.now();
  for (const name of await readdir(directory)) {
    if (!name.endsWith(suffix)) continue;
    const file = join(directory, name);
    try {
      if (now - (await stat(file)).mtimeMs < settledLifeMs) continue;
      const known = submissions(await readLines(file));
      if (known.every((submission) => submission.settled || submission.refused)) await rm(file);
    } catch {
      // Another process may be sweeping too, and a file that cannot be read is not ours to remove.
    }
  }
}
