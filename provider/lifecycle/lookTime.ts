import { type Clock, systemClock } from "../vod/clock";

/** How long a check waits for what the service knows of one picture. */
const longestLookMs = 10_000;
/** What a look may take without being counted as slow. */
const promptMs = 1_000;
/** How long the checks of one operation wait for slow answers altogether. */
const longestSlowMs = 60_000;

/**
 * How long the checks of an operation wait for the service. The engine checks one resource after the other, so that a
 * service that is paused would hold up a preview for as long as there are pictures.
 */
export class LookTime {
  private slowMs = 0;

  constructor(private readonly clock: Clock = systemClock) {}

  /** @returns undefined where there was no answer in time, or no time was left to ask */
  async within<T>(look: () => Promise<T>): Promise<T | undefined> {
    if (this.slowMs >= longestSlowMs) return undefined;
    const begun = this.clock.now();
    const answered = new AbortController();
    const late = this.clock.sleep(longestLookMs, answered.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([look(), late]);
    } finally {
      answered.abort();
      this.slowMs += Math.max(0, this.clock.now() - begun - promptMs);
    }
  }

  /** Another operation begins. */
  reset(): void {
    this.slowMs = 0;
  }
}
