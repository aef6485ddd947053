import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { codeOf } from "../journal/files";
import { isRunning, type ProcessId, thisProcess } from "../runningProcess";
import { requireOwnFolder, temporaryFolder } from "../temporaryFolder";
import { type Announced, type CountEntry, type Counted, type CountsKeeper, MemoryCounts } from "./operationCounts";

// O_NOFOLLOW and O_NONBLOCK are absent on Windows, where the temporary directory is the user's own.
const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** A file that no process of its operation has removed goes after so long. */
const abandonedMs = 24 * 3_600_000;

type Line =
  | (ProcessId & { readonly after?: number })
  | { readonly left: number }
  | { readonly heardEnd: number; readonly id: string }
  | { readonly id: string; readonly entry: CountEntry };

/**
 * The counts of an operation over all its provider processes: an explicit provider, or the option `version`, starts a
 * further one. They share a file that is only ever appended to. A line is written as a whole, and the order of the lines
 * is the same for all who read them, so that each process knows which entry was one too many, without any lock that a
 * killed process could leave behind.
 *
 * Where the file cannot be used, each process counts alone, and says so once.
 */
export class SharedCounts implements CountsKeeper {
  private readonly counts = new MemoryCounts();
  private file: CountsFile | undefined;
  private alone = false;
  private hasLeft = false;
  private added = 0;
  private readonly open = new Map<number, ProcessId>();
  private readonly heardEnd = new Set<number>();
  private readonly self = `${process.pid}-${randomBytes(6).toString("hex")}`;

  /**
   * @param address of the operation's engine
   * @param warn is told if the processes of this operation cannot count together
   */
  constructor(
    private readonly address: string,
    private readonly warn: (text: string) => void,
    private readonly directory = temporaryFolder(),
  ) {}

  add(entry: CountEntry): Counted {
    const id = this.nextId();
    let counted: Counted | undefined;
    this.together((file) => {
      file.append({ id, entry });
      for (const line of this.read(file)) {
        if (!("entry" in line)) continue;
        const after = this.counts.add(line.entry);
        if (line.id === id) counted = after;
      }
    });
    // What the file could not take is counted here.
    return counted ?? this.counts.add(entry);
  }

  announced(): Announced {
    this.together((file) => this.readAll(file));
    return this.counts.announced();
  }

  hearEnd(): boolean {
    // It has told its part before, and knows nothing of what came after.
    if (this.hasLeft) return false;
    const id = this.nextId();
    let isLast = true;
    this.together((file) => {
      file.append({ heardEnd: process.pid, id });
      for (const line of this.read(file)) {
        if ("entry" in line) this.counts.add(line.entry);
        // The order of the lines is the same for all: one of them is the last, also where they hear it at once.
        if ("heardEnd" in line && line.id === id) isLast = this.othersHaveHeard();
      }
    });
    return isLast;
  }

  /** This process counts no more; the last one takes the file along. */
  leave(): void {
    this.alone = true;
    this.hasLeft = true;
    this.file?.leave();
    this.file = undefined;
  }

  private othersHaveHeard(): boolean {
    return [...this.open.values()].every(
      (one) => one.pid === process.pid || this.heardEnd.has(one.pid) || !isRunning(one),
    );
  }

  private nextId(): string {
    return `${this.self}-${this.added++}`;
  }

  private readAll(file: CountsFile): void {
    for (const line of this.read(file)) if ("entry" in line) this.counts.add(line.entry);
  }

  /** The lines that anyone has appended. */
  private *read(file: CountsFile): Generator<Line> {
    for (const { line, anew } of file.read()) {
      if (anew) this.clear();
      if ("pid" in line) this.open.set(line.pid, line);
      if ("left" in line) this.open.delete(line.left);
      if ("heardEnd" in line) this.heardEnd.add(line.heardEnd);
      yield line;
    }
  }

  private clear(): void {
    this.counts.clear();
    this.open.clear();
    this.heardEnd.clear();
  }

  private together(use: (file: CountsFile) => void): void {
    if (this.alone) return;
    try {
      this.file ??= CountsFile.join(this.directory, this.address);
      use(this.file);
    } catch (error) {
      this.alone = true;
      this.warn(
        `The provider processes of this update cannot count their images together (${codeOf(error)}): tencent-aigc:maxImagesPerUpdate and maxCostPerUpdate hold for each of them alone. Make the directory of temporary files writable, or give no explicit provider.`,
      );
    }
  }
}

/** One operation's file, opened. */
class CountsFile {
  private offset = 0;

  private constructor(
    private readonly path: string,
    private readonly handle: number,
  ) {}

  static join(directory: string, address: string): CountsFile {
    requireOwnFolder(directory);
    const path = join(directory, `${address.replace(/[^\w.]/g, "-")}.jsonl`);
    removeAbandoned(directory);
    for (;;) {
      const handle = openSync(path, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0o600);
      requireRegular(handle);
      const before = readFileSync(handle);
      const { lines } = linesIn(before, 0);
      // Of an earlier operation, whose engine had the same address. Two that find it so at once: the first line counts.
      const isStale = !isInUse(lines.map(({ line }) => line));
      const file = new CountsFile(path, handle);
      file.append({ ...thisProcess(), ...(isStale ? { after: before.length } : {}) });
      if (file.isNamed()) return file;
      closeSync(handle);
    }
  }

  append(line: Line): void {
    // A line that a crash has torn must not swallow this one.
    writeSync(this.handle, `\n${JSON.stringify(line)}\n`);
  }

  /** The lines that were appended since it was last asked; `anew`, where a new operation begins with one. */
  read(): readonly { line: Line; anew: boolean }[] {
    const length = fstatSync(this.handle).size - this.offset;
    const bytes = Buffer.alloc(Math.max(0, length));
    const count = length > 0 ? readSync(this.handle, bytes, 0, length, this.offset) : 0;
    const { lines, size } = linesIn(bytes.subarray(0, count), this.offset);
    this.offset = size;
    return lines;
  }

  leave(): void {
    try {
      this.append({ left: process.pid });
      const lines = linesIn(readFileSync(this.path), 0).lines.map(({ line }) => line);
      if (!isInUse(lines)) rmSync(this.path, { force: true });
      closeSync(this.handle);
    } catch {
      // It is removed once it is abandoned: nothing depends on it any more.
    }
  }

  private isNamed(): boolean {
    if (process.platform === "win32") return true;
    try {
      return lstatSync(this.path).ino === fstatSync(this.handle).ino;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
  }
}

/** Whole lines, each with whether it begins a new operation, and where the next one begins. */
function linesIn(bytes: Buffer, offset: number): { lines: { line: Line; anew: boolean }[]; size: number } {
  const end = bytes.lastIndexOf(10) + 1;
  const lines: { line: Line; anew: boolean }[] = [];
  let at = 0;
  while (at < end) {
    const next = bytes.indexOf(10, at) + 1;
    const line = parsed(bytes.toString("utf8", at, next - 1));
    // Each line is written with an end of line before it.
    if (line) lines.push({ line, anew: "after" in line && line.after === offset + at - 1 });
    at = next;
  }
  return { lines, size: offset + end };
}

function parsed(text: string): Line | undefined {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Torn by a crash, before what it was to count was sent.
    return undefined;
  }
}

/** Whether a process that has joined, and has not left, still runs. */
function isInUse(lines: readonly Line[]): boolean {
  const joined = new Map<number, ProcessId>();
  for (const line of lines) {
    if ("pid" in line) joined.set(line.pid, line);
    if ("left" in line) joined.delete(line.left);
  }
  return [...joined.values()].some(isRunning);
}

function requireRegular(handle: number): void {
  if (!fstatSync(handle).isFile()) throw Object.assign(new Error(), { code: "not a regular file" });
}

function removeAbandoned(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined || Date.now() - stats.mtimeMs < abandonedMs || !stats.isFile()) continue;
    const lines = linesIn(readFileSync(path), 0).lines.map(({ line }) => line);
    if (!isInUse(lines)) rmSync(path, { force: true });
  }
}
