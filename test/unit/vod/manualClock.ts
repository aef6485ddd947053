import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../../provider/vod/clock";

/** A clock that stands still until something sleeps: then it is later at once. It keeps what was slept. */
export interface ManualClock extends Clock {
  time: number;
  readonly slept: number[];
}

export function manualClock(time = Date.UTC(2026, 10, 22, 12)): ManualClock {
  const slept: number[] = [];
  return {
    time,
    slept,
    now() {
      return this.time;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      // Those who wake up at this time run before it moves on.
      await setImmediate();
      this.time += ms;
    },
  };
}
