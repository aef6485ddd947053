import { setTimeout as timer } from "node:timers/promises";

/** Time that is waited for. Tests set it by hand. */
export interface Clock {
  /** Milliseconds that only ever rise, whatever the machine's clock is set to. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay a timer takes; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await timer(Math.min(Math.max(ms, 0), longestTimerMs), undefined, signal ? { signal } : {});
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};

/** The system's clock, running `factor` times as fast: for waits on an emulator. */
export function acceleratedClock(factor: number): Clock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
}
