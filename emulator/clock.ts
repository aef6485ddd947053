/**
 * The emulator's own time. It follows the machine's clock, shifted by what was advanced; frozen, it moves by `advance`
 * only. Tasks, windows, files, delays and the Date of answers go by it; signatures are judged by it too, and by what it
 * would be had it not been moved (see authentication.ts).
 */
export class Clock {
  private readonly alarms = new Set<{ time: number; ring: () => void }>();
  private readonly frozenAt: number | undefined;
  private shift = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `offsetSeconds` is what the service's clock is ahead of the machine's. */
  constructor(
    frozen = false,
    private readonly offsetSeconds = 0,
  ) {
    this.frozenAt = frozen ? Date.now() : undefined;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return (this.frozenAt ?? Date.now()) + this.offsetSeconds * 1000 + this.shift;
  }

  /** By how many milliseconds it was moved on. */
  moved(): number {
    return this.shift;
  }

  /** Goes on where another clock was, which had been moved so far and read `time` last. */
  resume(moved: number, time: number): void {
    this.shift = moved;
    this.shift += Math.max(0, time - this.now());
  }

  /** The service's time had nothing been advanced and nothing been frozen. */
  unmoved(): number {
    return Date.now() + this.offsetSeconds * 1000;
  }

  advance(seconds: number): void {
    if (!Number.isFinite(seconds) || seconds < 0) {
      throw new RangeError(
        "advanceSeconds must be a number of seconds, 0 or more: the emulator's time never goes back",
      );
    }
    if (this.now() + seconds * 1000 > latestTime) {
      throw new RangeError(`advanceSeconds must not lead beyond ${isoTime(latestTime)}: later times cannot be written`);
    }
    this.shift += seconds * 1000;
    this.ring();
  }

  /** Calls back once, when `time` is reached, by itself or by `advance`. Returns how to take that back. */
  at(time: number, callback: () => void): () => void {
    const alarm = { time, ring: callback };
    this.alarms.add(alarm);
    this.arm();
    return () => this.alarms.delete(alarm);
  }

  /** Settles when `seconds` have passed. */
  wait(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.now() + seconds * 1000, resolve);
    });
  }

  /** Forgets every alarm, so that nothing keeps the process alive. */
  stop(): void {
    clearTimeout(this.timer);
    this.alarms.clear();
  }

  private ring(): void {
    const now = this.now();
    for (const alarm of [...this.alarms]) {
      if (alarm.time <= now && this.alarms.delete(alarm)) alarm.ring();
    }
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (this.frozenAt !== undefined || this.alarms.size === 0) return;
    const next = Math.min(...[...this.alarms].map((alarm) => alarm.time));
    // A longer delay than a timer can hold is simply looked at again when the longest possible one has passed.
    this.timer = setTimeout(() => this.ring(), Math.min(Math.max(next - this.now(), 0) + 1, 2 ** 31 - 1));
  }
}

/** Dates are written with four digits of the year, and what is made now may end years later. */
const latestTime = Date.UTC(9000, 0, 1);

/** As the service writes a time: UTC, whole seconds. */
export function isoTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
