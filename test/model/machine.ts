import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BillLine, Journaled } from "./stage";

/** Memory instead of a disk, where there is some: every intent is flushed before it is sent. */
const fast = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Where provider processes keep their files. */
export class Machine {
  private readonly folder = mkdtempSync(join(fast, "aigc-model-"));
  private number = 0;
  private readonly dated = new Map<string, number>();

  /** Another machine, with nothing on it. */
  replace(): void {
    rmSync(this.home, { recursive: true, force: true });
    this.number++;
    mkdirSync(this.home, { recursive: true });
    this.dated.clear();
  }

  env(): Record<string, string> {
    return { HOME: this.home, XDG_STATE_HOME: this.home, TENCENT_AIGC_BILL_FILE: this.billFile };
  }

  takeBill(): BillLine[] {
    return billIn(this.billFile);
  }

  journal(): Journaled[] {
    return journalIn(this.journalDir);
  }

  /** Files written since are of the machine's time, which the disk does not know. */
  date(shift: number): void {
    for (const file of filesIn(this.journalDir)) {
      const { mtimeMs } = statSync(file);
      if (this.dated.get(file) === mtimeMs) continue;
      const time = (Date.now() + shift) / 1000;
      utimesSync(file, time, time);
      this.dated.set(file, statSync(file).mtimeMs);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get home(): string {
    return join(this.folder, `machine-${this.number}`);
  }

  private get billFile(): string {
    return join(this.folder, "bill.json");
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

/** Every submission that a journal knows. Read here by other code than that which wrote it. */
export function journalIn(directory: string): Journaled[] {
  return filesIn(directory).flatMap((file) => {
    const found = new Map<number, Journaled>();
    for (const line of readFileSync(file, "utf8").split("\n")) {
      const entry = parsed(line);
      if (entry === undefined) continue;
      const known = found.get(entry.submission) ?? { sessionId: entry.sessionId ?? "", intentAt: entry.at ?? 0 };
      if (entry.event === "intent") found.set(entry.submission, known);
      if (entry.event === "task" && entry.taskId) known.taskId = entry.taskId;
      if (entry.event === "settled") known.settled = true;
      if (entry.event === "refused") known.refused = true;
    }
    return [...found.values()];
  });
}

function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => join(directory, name));
}

interface Line {
  readonly event: string;
  readonly submission: number;
  readonly sessionId?: string;
  readonly at?: number;
  readonly taskId?: string;
}

function parsed(line: string): Line | undefined {
  try {
    return line === "" ? undefined : (JSON.parse(line) as Line);
  } catch {
    return undefined;
  }
}
