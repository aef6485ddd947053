/**
 * How fast the requests of one action are sent, learnt from what the service refuses: it tells neither who else shares
 * the account's limit nor how much of it is left. Times are in milliseconds.
 */
export interface SendingRate {
  /** The rate that is set: never more. */
  readonly full: number;
  /** What the last refusal has left. */
  readonly left: number;
  readonly refusedAt: number;
  /** How many requests were accepted since. */
  readonly accepted: number;
  /** When requests were accepted, of the last second. */
  readonly latest: readonly number[];
}

/** After so many accepted in a row at the full rate a refusal says no more than that the limit was touched. */
const manyAccepted = 20;
const touchedPart = 0.05;
/** What any other refusal takes: more of a high rate than of a low one, so that those who share a limit become equal. */
const refusedPart = (rate: number, full: number) => Math.min(0.3, 0.03 + (0.6 * rate) / full);
/** The least that one refusal leaves, where others have most of the limit. */
const leastLeft = 1 / 4;
/** What is given back, a part of the full rate: next to nothing at first, then soon all, for others may have ended. */
const givenBack = (seconds: number, accepted: number) => 2.6e-6 * Math.expm1(seconds / 2 + accepted / 5.5);
/** The slowest rate, a part of the full one; but one request in ten seconds is always sent. */
const slowestPart = 1 / 200;
const slowest = 0.1;

export function atFullRate(full: number): SendingRate {
  return { full, left: full, refusedAt: Number.NEGATIVE_INFINITY, accepted: 0, latest: [] };
}

/** Requests a second. */
export function requestsPerSecond({ full, left, refusedAt, accepted }: SendingRate, now: number): number {
  const rate = left + full * givenBack(Math.max(0, now - refusedAt) / 1000, accepted);
  return Math.min(full, Math.max(rate, full * slowestPart, slowest));
}

export function afterAcceptance(rate: SendingRate, now: number): SendingRate {
  return { ...rate, accepted: rate.accepted + 1, latest: [...lastSecond(rate, now), now] };
}

export function afterRefusal(rate: SendingRate, now: number): SendingRate {
  return { ...rate, left: leftAfterRefusal(rate, now), refusedAt: now, accepted: 0 };
}

/** Whether less than half of the rate was accepted in the last second. */
export function isFarTooFast(rate: SendingRate, now: number): boolean {
  return lastSecond(rate, now).length < requestsPerSecond(rate, now) / 2;
}

function leftAfterRefusal(rate: SendingRate, now: number): number {
  const { full, accepted } = rate;
  const before = requestsPerSecond(rate, now);
  if (isFarTooFast(rate, now)) return Math.max(lastSecond(rate, now).length, before * leastLeft);
  if (accepted >= manyAccepted && before >= full) return before * (1 - touchedPart);
  return before * (1 - refusedPart(before, full));
}

function lastSecond({ latest }: SendingRate, now: number): readonly number[] {
  return latest.filter((at) => at > now - 1000);
}
