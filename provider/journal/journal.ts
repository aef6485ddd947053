import { createHash } from "node:crypto";
import { link, lstat, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { absent, found, type Look } from "../service/look";
import { realService } from "../vod/endpoint";
import { appendLine, codeOf, readText, statsOf, syncFolder } from "./files";
import { type JournalLine, type JournalRecord, parseLine, recordOf, thisWriter, type WrittenLine } from "./lines";
import { sweep } from "./sweep";

/**
 * What this machine knows of a generation that Pulumi's state may not hold yet. The intent to send is on disk before
 * the first byte is sent, and the answer before anything else is done, so that a crash at any point leaves a trace that
 * the next `create` of the same intention finds.
 *
 * One file an intention, of short JSON lines that are only ever appended: several processes can write it, and a torn
 * last line is told from a whole one. Once the files of an intention are known it is kept for ever, in a folder that
 * no sweep lists; an emulator's files are not.
 */
export interface Journal {
  /** What is known of an intention; `unknown` where the journal cannot be read. */
  read(key: JournalKey): Promise<Look<JournalRecord>>;
  /** On disk when this returns, as far as the disk allows. */
  append(key: JournalKey, line: JournalLine): Promise<void>;
}

export interface JournalKey {
  /** The loopback endpoint's URL, or `real`: all real hosts are one service. */
  readonly endpoint: string;
  readonly subAppId: number;
  /** The generation id; for pointer lines, and for what 0.1.0 wrote, an explicit SessionId. */
  readonly name: string;
}

const suffix = ".jsonl";

export class FileJournal implements Journal {
  private problemTold = false;
  private prepared: Promise<void> | undefined;

  /** @param warn told once if the journal cannot be used: generations go on, guarded by the service's window alone */
  constructor(
    private readonly folder: string,
    private readonly warn: (text: string) => void,
  ) {}

  async read(key: JournalKey): Promise<Look<JournalRecord>> {
    const { current, kept } = this.filesOf(key);
    try {
      const lines = [...(await readLines(kept)), ...(await readLines(current))];
      return lines.length > 0 ? found(recordOf(lines)) : absent;
    } catch (error) {
      this.tell(error);
      return { kind: "unknown", why: `could not read the journal at ${this.folder} (${codeOf(error)})`, lasting: true };
    }
  }

  async append(key: JournalKey, line: JournalLine): Promise<void> {
    const { current, kept } = this.filesOf(key);
    try {
      await this.prepareOnce();
      const file = statsOf(kept) ? kept : current;
      const text = JSON.stringify({ ...line, ...thisWriter() });
      await appendLine(file, text);
      const isToKeep = line.event === "files" && key.endpoint === realService && file === current;
      if (isToKeep && !(await keep(current, kept))) await appendLine(kept, text);
    } catch (error) {
      this.tell(error);
    }
  }

  /** Once a process; a folder that could not be made is tried again. */
  private async prepareOnce(): Promise<void> {
    this.prepared ??= this.prepare();
    try {
      await this.prepared;
    } catch (error) {
      this.prepared = undefined;
      throw error;
    }
  }

  private async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const { mode } = await lstat(this.folder);
    if (process.platform !== "win32" && (mode & 0o022) !== 0) {
      this.warn(
        `The journal at ${this.folder} can be written by other users, who could make a picture be billed twice. Run \`chmod 700\` on it, or set tencent-aigc:journalDir to a directory of your own.`,
      );
    }
    // Nothing waits for it: an entry that is written to meanwhile stays.
    void this.forgetOld();
  }

  private async forgetOld(): Promise<void> {
    try {
      await sweep(this.folder, suffix);
    } catch (error) {
      this.warn(`Old entries of the journal at ${this.folder} could not be removed (${codeOf(error)}).`);
    }
  }

  private filesOf({ endpoint, subAppId, name }: JournalKey): { readonly current: string; readonly kept: string } {
    const hash = createHash("sha256").update(`${endpoint}\n${subAppId}\n${name}`).digest("hex").slice(0, 40);
    const file = hash + suffix;
    return { current: join(this.folder, file), kept: join(this.folder, "kept", hash.slice(0, 2), file) };
  }

  private tell(error: unknown): void {
    if (this.problemTold) return;
    this.problemTold = true;
    this.warn(
      `The journal at ${this.folder} cannot be used (${codeOf(error)}). A crash during this update is still guarded by the SessionId for 3 days. Set tencent-aigc:journalDir to a writable directory.`,
    );
  }
}

async function readLines(file: string): Promise<WrittenLine[]> {
  const text = await readText(file);
  return (text ?? "").split("\n").flatMap((line) => parseLine(line) ?? []);
}

/**
 * Moves an entry to where nothing is swept. A process that has it open goes on writing to the same file.
 * @returns false where another writer has moved it meanwhile: what that one keeps is never written over
 */
async function keep(current: string, kept: string): Promise<boolean> {
  await mkdir(dirname(kept), { recursive: true, mode: 0o700 });
  try {
    await link(current, kept);
  } catch (error) {
    if (["EEXIST", "ENOENT"].includes(codeOf(error))) return false;
    // Not every file system has links.
    await rename(current, kept);
  }
  await syncFolder(dirname(kept));
  await rm(current, { force: true });
  return true;
}
