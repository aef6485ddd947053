import { isoTime } from "./clock";
import type { ArmedFault, FaultKind } from "./faultKinds";
import { hasEnded, statusOf, type Task } from "./task";

/** What a read shows of a task, apart from its type's own fields. */
export interface TaskView {
  readonly status: string;
  readonly ended: boolean;
  readonly times: { readonly CreateTime: string; readonly BeginProcessTime: string; readonly FinishTime: string };
}

/** The service's way to write that there is no time. */
export const zeroTime = "0000-00-00T00:00:00Z";

/** A task as a read shows it at `now`, under a fault that changes what is shown. */
export function viewTask(task: Task, now: number, fault: ArmedFault<FaultKind> | undefined): TaskView {
  const { status, ended } = readStatus(task, now, fault);
  const written = (time: number): string => (fault?.kind === "zeroTimes" ? zeroTime : isoTime(time));
  return {
    status,
    ended,
    times: {
      CreateTime: written(task.createTime),
      BeginProcessTime: task.beginTime === undefined ? "" : written(task.beginTime),
      FinishTime: ended && task.finishTime !== undefined ? written(task.finishTime) : "",
    },
  };
}

function readStatus(
  task: Task,
  now: number,
  fault: ArmedFault<FaultKind> | undefined,
): Pick<TaskView, "status" | "ended"> {
  const ended = hasEnded(task, now);
  if (fault?.kind === "unknownStatus") return { status: fault.status, ended: false };
  if (fault?.kind === "progressBackwards" && ended) return { status: "PROCESSING", ended: false };
  return { status: statusOf(task, now), ended };
}
