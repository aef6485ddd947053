import type { TaskReport } from "../service/task";

/** Far from the front, a place is told only when it has halved, so that a long queue does not flood the log. */
const nearPlaces = 5;

export function placesTold(report: (text: string) => void): (ahead: number) => void {
  let told = Number.POSITIVE_INFINITY;
  return (ahead) => {
    if (ahead > nearPlaces && ahead > told / 2) return;
    told = ahead;
    report(ahead > 0 ? `queued, ${ahead} in front` : "queued");
  };
}

export function progressTold(taskId: string, report: (text: string) => void): (seen: TaskReport) => void {
  let told = "";
  return (seen) => {
    if (seen.kind !== "running") return;
    const percent = seen.progress === undefined ? "" : ` ${seen.progress} %`;
    const text = `${seen.status || "under way"}${percent}, task ${taskId}`;
    if (text !== told) report(text);
    told = text;
  };
}
