/** Wall clock and monotonic clock that part by more than this mean that one of them was set, or that the machine slept. */
const mostDriftMs = 60_000;

interface Learnt {
  /** The service's time (ms). */
  readonly service: number;
  readonly wall: number;
  readonly monotonic: number;
}

/** The service's time, as learnt from its answers. This machine's own clock may be set wrong, or be set anew meanwhile. */
export class ServiceClock {
  private learnt: Learnt | undefined;

  /**
   * @param wall milliseconds since the epoch, as this machine has them
   * @param monotonic milliseconds that only ever rise
   */
  constructor(
    private readonly wall: () => number,
    private readonly monotonic: () => number,
  ) {}

  learn(service: number): void {
    this.learnt = { service, wall: this.wall(), monotonic: this.monotonic() };
  }

  /** The service's time (ms) by the later of both clocks; undefined before the first answer. */
  now(): number | undefined {
    if (this.learnt === undefined) return undefined;
    const { service, wall, monotonic } = this.learnt;
    return service + Math.max(this.wall() - wall, this.monotonic() - monotonic);
  }

  /** Whether it can be relied on: an answer told it, and the clocks have kept together since. */
  get isReliable(): boolean {
    if (this.learnt === undefined) return false;
    const { wall, monotonic } = this.learnt;
    return Math.abs(this.wall() - wall - (this.monotonic() - monotonic)) < mostDriftMs;
  }
}
