import type { TaskReport } from "../service/task";

/** Where no terminal redraws a row, each text is a line of a log: a place is told when this part of the last is left. */
const partLeft = 1 / 3;
/** A task is told again after this long, and then each time after twice as long. */
const firstGapMs = 5_000;

export function placesTold(report: (text: string) => void): (ahead: number) => void {
  let told = Number.POSITIVE_INFINITY;
  return (ahead) => {
    if (ahead > told * partLeft) return;
    told = ahead;
    report(ahead > 0 ? `queued, ${ahead} in front` : "queued");
  };
}

/** @param now the time (ms), of a clock that only goes forward */
export function progressTold(
  taskId: string,
  report: (text: string) => void,
  now: () => number,
): (seen: TaskReport) => void {
  let told: { readonly text: string; readonly status: string } | undefined;
  let gapMs = firstGapMs;
  let due = now();
  return (seen) => {
    if (seen.kind !== "running") return;
    const percent = seen.progress === undefined ? "" : ` ${seen.progress} %`;
    const text = `${seen.status || "under way"}${percent}, task ${taskId}`;
    const isDue = seen.status !== told?.status || now() >= due;
    if (!isDue || text === told?.text) return;
    if (told !== undefined) gapMs *= 2;
    told = { text, status: seen.status };
    due = now() + gapMs;
    report(text);
  };
}
