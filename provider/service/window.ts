const hour = 3_600_000;

/** How long the service refuses a repeated SessionId and answers for a task (SessionId; DescribeTaskDetail): 3 days. */
export const serviceWindowMs = 72 * hour;

/** How long a Temporary picture is served (StorageMode): 7 days. */
export const temporaryLifeMs = 7 * 24 * hour;

/** Repeats of a submit stop this long before the window ends, so that none is taken for a new request. */
const marginMs = hour;

/** Times of our own and of the service may differ by this much without meaning anything. */
const toleranceMs = 10 * 60_000;

/**
 * Whether a submit first sent at `sentAt` can be repeated under its SessionId without starting a second generation.
 * A time in the future proves nothing, and neither does one that cannot be read.
 */
export function insideWindow(sentAt: number, now: number): boolean {
  return sentAt <= now + toleranceMs && now < sentAt + serviceWindowMs - marginMs;
}
