import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly started: string;
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
    // A number may belong to somebody else by now.
    const now = new Set(running().map(({ pid, started }) => `${pid} ${started}`));
    for (const { pid, started } of this.started) if (now.has(`${pid} ${started}`)) send(pid, "SIGKILL");
    await this.ended;
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
        return [{ pid: Number(pid), parent: Number(fields[1]), started: String(fields[19]) }];
      } catch {
        // Ended while the folder was read.
        return [];
      }
    });
}

function runningBy(command: string): readonly Running[] {
  const rows = execFileSync(command, ["-A", "-o", "pid=,ppid=,lstart="], { encoding: "utf8" }).trim().split("\n");
  return rows.map((row) => {
    const [pid, parent, ...started] = row.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), started: started.join(" ") };
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
