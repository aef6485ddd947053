/**
 * The emulator's own time. It follows the machine's clock, shifted by what was advanced; frozen, it moves by `advance`
 * only. Tasks, windows, files and delays live by it; signatures do not (see authentication.ts).
 */
export class Clock {
  private readonly alarms = new Set<{ time: number; ring: () => void }>();
  private readonly frozenAt: number | undefined;
  private shift = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(frozen = false) {
    this.frozenAt = frozen ? Date.now() : undefined;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return (this.frozenAt ?? Date.now()) + this.shift;
  }

  advance(seconds: number): void {
    if (!Number.isFinite(seconds) || seconds < 0) {
      throw new RangeError(
        "advanceSeconds must be a number of seconds, 0 or more: the emulator's time never goes back",
      );
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

/** As the service writes a time: UTC, whole seconds. */
export function isoTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
