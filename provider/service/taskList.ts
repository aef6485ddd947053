import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import type { TaskSimpleInfo } from "../vod/wire";
import { absent, asked, found, type Look } from "./look";

/** DescribeTasks, parameter Limit. */
const pageSize = 100;
/** A listing that never ends is a fault; 500 pages hold 50,000 tasks. */
const mostPages = 500;
/** A task may be listed some time after it was accepted: looks are repeated after these waits. */
const lagMs = [0, 1_000, 2_000, 4_000, 8_000, 15_000];
/** Clocks of the service's own machines may differ a little. */
const marginMs = 10 * 60_000;

/** Pages of the tasks created since a time (ms), newest first. DescribeTasks looks back 3 days. */
export async function* taskPages(
  client: VodClient,
  subAppId: number,
  since: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly TaskSimpleInfo[]> {
  const seenTokens = new Set<string>();
  let scrollToken: string | undefined;
  for (;;) {
    const { TaskSet, ScrollToken } = await client.call(
      "DescribeTasks",
      {
        SubAppId: subAppId,
        CreateTime: { After: new Date(since - marginMs).toISOString() },
        Sort: { Field: "CreateTime", Order: "Desc" },
        Limit: pageSize,
        ...(scrollToken === undefined ? {} : { ScrollToken: scrollToken }),
      },
      { signal },
    );
    yield TaskSet ?? [];
    if (!ScrollToken || seenTokens.has(ScrollToken)) return;
    seenTokens.add(ScrollToken);
    scrollToken = ScrollToken;
  }
}

export interface ListedTask {
  readonly taskId: string;
  readonly sessionId: string;
}

/**
 * Looks for the newest task whose SessionId is wanted (DescribeTasks has no filter for it).
 * @param since earliest time (ms) that it can have been created
 */
export function findTask(
  client: VodClient,
  subAppId: number,
  isWanted: (sessionId: string) => boolean,
  since: number,
): Promise<Look<ListedTask>> {
  return asked("The list of tasks", async () => {
    let pages = 0;
    for await (const page of taskPages(client, subAppId, since)) {
      const task = page.find(({ SessionId }) => SessionId && isWanted(SessionId));
      if (task?.SessionId) return found({ taskId: task.TaskId, sessionId: task.SessionId });
      if (++pages === mostPages) {
        return {
          kind: "unknown",
          why: `The list of tasks has more than ${mostPages} pages, and was not read to its end.`,
          lasting: true,
        };
      }
    }
    return absent;
  });
}

export interface WaitingDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly cancelled: AbortSignal;
}

/** The same after a while. A Cancel ends the waiting: then it is not known. */
export function findTaskAfter(
  waitMs: number,
  { client, clock, cancelled }: WaitingDependencies,
  subAppId: number,
  isWanted: (sessionId: string) => boolean,
  since: number,
): Promise<Look<ListedTask>> {
  return asked("The list of tasks", async () => {
    if (waitMs > 0) await clock.sleep(waitMs, cancelled);
    return findTask(client, subAppId, isWanted, since);
  });
}

/** The same, repeated while a task that was just sent may not be listed yet. */
export async function findFreshTask(
  dependencies: WaitingDependencies,
  subAppId: number,
  isWanted: (sessionId: string) => boolean,
  since: number,
): Promise<Look<ListedTask>> {
  let look: Look<ListedTask> = absent;
  for (const wait of lagMs) {
    look = await findTaskAfter(wait, dependencies, subAppId, isWanted, since);
    if (look.kind === "found" || (look.kind === "unknown" && look.lasting) || dependencies.cancelled.aborted) break;
  }
  return look;
}
