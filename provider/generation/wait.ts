import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import { TencentAigcError } from "../vod/errors";
import { type TaskState, taskState } from "./task";

/** Codes with which DescribeTaskDetail says that it knows no such task. */
const notFoundCodes = ["ResourceNotFound", "InvalidParameterValue.TaskId"];
/** A task just accepted may not be known everywhere yet. */
const settleMs = 60_000;
const shortestMs = 250;
const longestMs = 10_000;
/** A picture takes seconds to minutes: asking every tenth of a task's age finds its end soon and asks seldom. */
const shareOfAge = 0.1;

export interface FollowDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  /** The service's time (ms): a task's age is judged by its clock. */
  readonly now: () => number;
}

export interface FollowedTask {
  readonly taskId: string;
  readonly subAppId: number;
  /** When it was accepted, or else found (service's time, ms). */
  readonly since: number;
}

export type Followed = TaskState | { readonly kind: "notFound" };

/** One look at a task. */
export async function lookAtTask(client: VodClient, taskId: string, subAppId: number): Promise<Followed> {
  try {
    return taskState(await client.call("DescribeTaskDetail", { TaskId: taskId, SubAppId: subAppId }));
  } catch (error) {
    if (TencentAigcError.isInstance(error) && error.code !== undefined && notFoundCodes.includes(error.code)) {
      return { kind: "notFound" };
    }
    throw error;
  }
}

/**
 * Follows a task until it has ended. Asks once more right before the deadline, so that a picture that is ready by then
 * is never left behind.
 * @param deadline our own clock's time (ms); in the past, one look is all
 * @returns the last state seen: `running` if the deadline came first
 * @throws the service's refusal to answer, such as a revoked key
 */
export async function followTask(
  { client, clock, now }: FollowDependencies,
  task: FollowedTask,
  deadline: number,
  onLook: (state: TaskState) => void,
): Promise<Followed> {
  for (;;) {
    const last = clock.now() >= deadline;
    const state = await lookAtTask(client, task.taskId, task.subAppId);
    if (state.kind === "notFound") {
      if (last || now() - task.since > settleMs) return state;
    } else {
      onLook(state);
      if (state.kind !== "running" || last) return state;
    }
    const age = now() - task.since;
    const wait = Math.min(longestMs, Math.max(shortestMs, age * shareOfAge));
    // `deadline` may be infinite for a task that only its slot still waits for.
    await clock.sleep(Math.max(0, Math.min(wait, deadline - clock.now())));
  }
}
