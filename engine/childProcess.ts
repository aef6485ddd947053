import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";

/** How long a process has to end after an interrupt, in milliseconds. */
const gracePeriod = 5_000;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Calls `line` with every line of a stream, also with a last one that has no line end. */
export function eachLine(stream: Readable, line: (text: string) => void): Promise<void> {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    for (const text of lines) line(text);
  });
  return new Promise((resolve) => {
    stream.on("close", () => {
      if (rest !== "") line(rest);
      resolve();
    });
  });
}

const alive = new Set<ChildProcess>();
let watching = false;

/** Resolves when the process has ended. One that still runs when this process exits is interrupted. */
export function exitOf(child: ChildProcess): Promise<Exit> {
  if (!watching) {
    process.on("exit", () => {
      for (const orphan of alive) signalGroup(orphan, "SIGINT");
    });
    watching = true;
  }
  alive.add(child);
  child.on("close", () => alive.delete(child));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
}

/** Interrupts a process together with its children, and kills it when it does not end in time. */
export async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child, "SIGINT");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), gracePeriod);
  await exited.catch(() => {});
  clearTimeout(timer);
}

/** Kills a process together with its children. Settles when it is gone. */
export async function kill(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) signalGroup(child, "SIGKILL");
  await exited.catch(() => {});
}

/** The child leads a process group of its own, as a plugin of Pulumi does: a Ctrl-C is for the engine alone. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
