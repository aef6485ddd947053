import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import type { TaskSimpleInfo } from "../vod/wire";
import { serviceWindowMs } from "./window";

/** DescribeTasks, parameter Limit. */
const pageSize = 100;
/** A listing that never ends is a fault; 500 pages hold 50,000 tasks. */
const mostPages = 500;
/** A task may be listed some time after it was accepted: looks are repeated after these waits. */
const lagMs = [0, 1_000, 2_000, 4_000, 8_000, 15_000];
/** Clocks of the service's own machines may differ a little. */
const marginMs = 10 * 60_000;

/**
 * Looks for the task that carries a SessionId among those of the last 3 days (DescribeTasks has no filter for it).
 * @param since earliest time (ms) the task can have been created, if known
 * @param patient look again while a fresh task may not be listed yet
 */
export async function findTask(
  client: VodClient,
  clock: Clock,
  wanted: { subAppId: number; sessionId: string; since?: number; patient: boolean },
): Promise<TaskSimpleInfo | undefined> {
  for (const wait of wanted.patient ? lagMs : [0]) {
    if (wait > 0) await clock.sleep(wait);
    const found = await look(
      client,
      wanted.subAppId,
      wanted.sessionId,
      wanted.since ?? now(client, clock) - serviceWindowMs,
    );
    if (found) return found;
  }
  return undefined;
}

function now(client: VodClient, clock: Clock): number {
  return client.serviceNow() ?? clock.now();
}

async function look(client: VodClient, subAppId: number, sessionId: string, since: number) {
  const seenTokens = new Set<string>();
  let scrollToken: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await client.call("DescribeTasks", {
      SubAppId: subAppId,
      CreateTime: { After: new Date(since - marginMs).toISOString() },
      Sort: { Field: "CreateTime", Order: "Desc" },
      Limit: pageSize,
      ...(scrollToken === undefined ? {} : { ScrollToken: scrollToken }),
    });
    const found = answer.TaskSet?.find((task) => task.SessionId === sessionId);
    if (found) return found;
    scrollToken = answer.ScrollToken || undefined;
    if (scrollToken === undefined || seenTokens.has(scrollToken)) return undefined;
    seenTokens.add(scrollToken);
  }
  return undefined;
}
