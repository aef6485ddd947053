import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../provider/journal/files";
import type { BillLine } from "./stage";

/** Memory instead of a disk, where there is some: every intent is flushed before it is sent. */
const fast = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Where provider processes keep their files, and what its clock shows. */
export class Machine {
  private readonly folder = mkdtempSync(join(fast, "aigc-model-"));
  private number = 0;
  private readonly dated = new Map<string, number>();
  /** How much its clock is ahead of the service's (ms). */
  clockAheadMs = 0;

  /** Another machine, with nothing on it. */
  replace(): void {
    rmSync(this.home, { recursive: true, force: true });
    this.number++;
    mkdirSync(this.home, { recursive: true });
    this.dated.clear();
    this.clockAheadMs = 0;
  }

  get name(): string {
    return `${this.folder.slice(-6)}-${this.number}`;
  }

  env(): Record<string, string> {
    return { HOME: this.home, XDG_STATE_HOME: this.home };
  }

  billFile(stack: number): string {
    return join(this.folder, `bill-${stack}.json`);
  }

  takeBill(stack: number): BillLine[] {
    return billIn(this.billFile(stack));
  }

  /** All that its journals say. */
  journalText(): string {
    return textIn(this.journalDir);
  }

  /** Files written since are of the machine's time, which the disk does not know. */
  date(shift: number): void {
    for (const file of filesIn(this.journalDir)) {
      try {
        const { mtimeMs } = statSync(file);
        if (this.dated.get(file) === mtimeMs) continue;
        const time = (Date.now() + shift) / 1000;
        utimesSync(file, time, time);
        this.dated.set(file, statSync(file).mtimeMs);
      } catch (error) {
        // The journal may forget an old entry at any time.
        if (codeOf(error) !== "ENOENT") throw error;
      }
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get home(): string {
    return join(this.folder, `machine-${this.number}`);
  }

  private get journalDir(): string {
    return join(this.home, "pulumi-tencent-aigc");
  }
}

/** The lines of a bill, which is forgotten. */
export function billIn(file: string): BillLine[] {
  if (!existsSync(file)) return [];
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as { resources: BillLine[] };
  rmSync(file);
  return resources;
}

/** What the files of a folder hold, with their names. */
export function textIn(directory: string): string {
  return filesIn(directory)
    .map((file) => `${file}\n${readFileSync(file, "utf8")}`)
    .join("\n");
}

function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
