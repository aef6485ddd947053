import { ApiError } from "./apiError";

/** Requests a second, one count for each action, by real time in whole seconds as the service documents them. */
export class RateLimit {
  private second = 0;
  private readonly counts = new Map<string, number>();

  /** Throws `RequestLimitExceeded` when this second already had `limit` requests of the action. */
  count(action: string, limit: number, now = Date.now()): void {
    const second = Math.floor(now / 1000);
    if (second !== this.second) {
      this.second = second;
      this.counts.clear();
    }
    const count = this.counts.get(action) ?? 0;
    if (count >= limit) {
      throw new ApiError(
        "RequestLimitExceeded",
        `The number of requests exceeds the frequency limit: at most ${limit} a second of ${action}.`,
      );
    }
    this.counts.set(action, count + 1);
  }
}
