import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../../provider/vod/clock";
import { MachineTurns } from "../../../provider/vod/machineTurns";
import { createPace } from "../../../provider/vod/pace";
import { retryDelayMs } from "../../../provider/vod/retry";

/** A clock for many who sleep: when all of them do, it is the time of the first to wake. */
function sharedClock() {
  let time = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => time,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: time + Math.max(0, ms), wake })),
  };
  const run = async () => {
    for (;;) {
      await setImmediate();
      const next = Math.min(...sleepers.map(({ at }) => at));
      if (next === Number.POSITIVE_INFINITY) return;
      time = next;
      const woken = sleepers.filter(({ at }) => at === next);
      for (const sleeper of woken) sleepers.splice(sleepers.indexOf(sleeper), 1);
      for (const { wake } of woken) wake();
    }
  };
  return { clock, run };
}

/** Numbers from 0 to 1 that are the same in every run. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface SharedLimit {
  /** How many submits each process has. */
  readonly submits: readonly number[];
  /** At most so far apart the processes begin (ms). */
  readonly spreadMs: number;
  readonly perSecond: number;
  readonly seed: number;
  /** Whether they run on one machine, on which they share turns in this folder. */
  readonly folder?: string;
}

/** What processes that share an account's limit of submits come to, in a simulation of pace and retries. */
export async function shareLimit({ submits, spreadMs, perSecond, seed, folder }: SharedLimit) {
  const { clock, run } = sharedClock();
  const random = numbers(seed);
  const counts = new Map<number, number>();
  let sent = 0;
  let longest = 0;
  const accepts = () => {
    const second = Math.floor(clock.now() / 1000);
    const count = counts.get(second) ?? 0;
    sent++;
    if (count >= perSecond) return false;
    counts.set(second, count + 1);
    return true;
  };
  const endings = submits.map(async (count) => {
    await clock.sleep(random() * spreadMs);
    const turns = folder === undefined ? undefined : new MachineTurns("account", perSecond, folder, clock.now);
    const nextTurn = turns && (() => turns.next());
    const pace = createPace(perSecond, clock, { random, nextTurn });
    let next = 0;
    const caller = async () => {
      while (next++ < count) {
        for (let retries = 0; ; retries++) {
          await pace.turn(undefined, 1);
          await clock.sleep(10 + random() * 40);
          if (accepts()) break;
          pace.slower();
          longest = Math.max(longest, retries + 1);
          const trouble = { action: "CreateAigcImageTask", trouble: "throttled", retries, elapsedMs: 0 } as const;
          await clock.sleep(retryDelayMs({ ...trouble, random: random() }) ?? 16_000);
        }
        pace.faster();
      }
    };
    await Promise.all(Array.from({ length: Math.min(100, count) }, caller));
    return clock.now();
  });
  const ended = Promise.all(endings);
  await run();
  const all = submits.reduce((sum, count) => sum + count, 0);
  const last = Math.max(...(await ended));
  return { seconds: last / 1000, limitSeconds: all / perSecond, submitsATask: sent / all, longest };
}
