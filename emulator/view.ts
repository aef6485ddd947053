import type { Fault } from "./faults";
import type { TaskStatus } from "./task";

/** A task's outer status as a read shows it, and whether it shows the task as ended, under a `view` fault. */
export function readStatus(
  status: TaskStatus,
  ended: boolean,
  fault: Fault | undefined,
): { status: string; ended: boolean } {
  if (fault?.kind === "unknownStatus") return { status: String(fault.status ?? "REVIEWING"), ended: false };
  if (fault?.kind === "progressBackwards" && ended) return { status: "PROCESSING", ended: false };
  return { status, ended };
}
