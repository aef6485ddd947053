import { hasEnded, type Task } from "../task";

export const states = ["all", "running", "made", "failed"] as const;
export type State = (typeof states)[number];

/** Which tasks the page shows. */
export interface Filter {
  readonly state: State;
  /** In prompt, model, TaskId or SessionId; all where it is empty. */
  readonly search: string;
}

export function filterOf(query: Readonly<Record<string, string>>): Filter {
  return { state: states.find((state) => state === query["state"]) ?? "all", search: query["search"] ?? "" };
}

export function stateOf(task: Task, now: number): Exclude<State, "all"> {
  if (!hasEnded(task, now)) return "running";
  return task.files.length > 0 ? "made" : "failed";
}

export function isShown(task: Task, { state, search }: Filter, now: number): boolean {
  if (state !== "all" && state !== stateOf(task, now)) return false;
  const { Prompt = "", ModelName, ModelVersion } = task.request;
  const text = `${Prompt} ${ModelName} ${ModelVersion} ${task.taskId} ${task.sessionId}`;
  return text.toLowerCase().includes(search.trim().toLowerCase());
}
