import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly started: string;
  readonly command: string;
}

/** An update in a process group of its own. The provider's host is in another one, and outlives what started it. */
export class SpawnedUpdate {
  readonly ended: Promise<void>;
  private started: readonly Running[] = [];

  constructor(readonly child: ChildProcess) {
    this.ended = once(child, "exit").then(() => {});
  }

  /** As a terminal does: sends it to program and engine. Settles when the program's process has ended. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.remember();
    if (this.child.pid !== undefined) send(-this.child.pid, signal);
    await this.ended;
  }

  /** As when the machine is lost: nothing that it has ever started runs on. */
  async killEverything(): Promise<void> {
    this.remember();
    for (const { pid } of this.stillRunning()) send(pid, "SIGKILL");
    await this.ended;
  }

  /** Settles once none of what it has started runs any more that has this in its command line. */
  async hasEnded(command: string): Promise<void> {
    while (this.stillRunning().some((started) => started.command.includes(command))) await sleep(100);
  }

  private stillRunning(): readonly Running[] {
    // A number may belong to somebody else by now.
    const now = new Set(running().map(({ pid, started }) => `${pid} ${started}`));
    return this.started.filter(({ pid, started }) => now.has(`${pid} ${started}`));
  }

  private remember(): void {
    const all = running();
    const within = (ancestors: ReadonlySet<number>): readonly Running[] => {
      const found = all.filter(({ pid, parent }) => ancestors.has(parent) || ancestors.has(pid));
      return found.length === ancestors.size ? found : within(new Set(found.map(({ pid }) => pid)));
    };
    const itself = all.filter(({ pid }) => pid === this.child.pid && this.child.exitCode === null);
    this.started = [...this.started, ...within(new Set(itself.map(({ pid }) => pid)))];
  }
}

function running(): readonly Running[] {
  return process.platform === "linux" ? runningOnLinux() : runningBy("ps");
}

/** A machine with little on it has no `ps`. */
function runningOnLinux(): readonly Running[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // After its name, which may hold anything: state, parent, and as the twentieth when it was started.
        const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return [{ pid: Number(pid), parent: Number(fields[1]), started: String(fields[19]), command }];
      } catch {
        // Ended while the folder was read.
        return [];
      }
    });
}

function runningBy(command: string): readonly Running[] {
  const rows = execFileSync(command, ["-A", "-o", "pid=,ppid=,lstart=,args="], { encoding: "utf8" }).trim().split("\n");
  return rows.map((row) => {
    const [pid, parent, ...rest] = row.trim().split(/\s+/);
    // Five words tell when it was started.
    const [started, command] = [rest.slice(0, 5), rest.slice(5)].map((words) => words.join(" "));
    return { pid: Number(pid), parent: Number(parent), started: started ?? "", command: command ?? "" };
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
