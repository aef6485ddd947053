import { readFileSync } from "node:fs";
import { codeOf } from "./journal/files";

/** A process of this machine. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, as the system says it: tells it from a later process with the same number. Absent where it does not. */
  readonly since?: string | undefined;
}

export function thisProcess(): ProcessId {
  const since = statusOf(process.pid)?.since;
  return { pid: process.pid, ...(since === undefined ? {} : { since }) };
}

/** Whether a process still runs. Where nothing tells when it started, any process with its number counts as it. */
export function isRunning({ pid, since }: ProcessId): boolean {
  const status = statusOf(pid);
  if (status !== undefined) return !status.hasEnded && (since === undefined || since === status.since);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Linux only: undefined elsewhere, and where there is no such process. */
function statusOf(pid: number): { readonly since: string | undefined; readonly hasEnded: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The program's name is in brackets, and may hold anything. State and start are the fields 3 and 22 (proc(5)).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { since: fields[19], hasEnded: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return undefined;
  }
}
