import { isOrUnder } from "./nextSteps";
import type { VodAction } from "./wire";

/** What can go wrong that may go right the next time. */
export type Trouble =
  /** Not a byte of the request was written. */
  | "notConnected"
  /** Refused before it was executed, since too much is asked at once. */
  | "throttled"
  /** An error of the service that passes, or may: what was asked may have been done. */
  | "passing"
  /** Sent, and no usable answer came: what was asked may have been done. */
  | "answerLost";

/** How long to keep trying. */
export interface Patience {
  /** Tries after the first. */
  retries: number;
  /** Longest wait before the first retry; it doubles with each. */
  firstMs: number;
  /** Where doubling ends. */
  maxMs: number;
}

export interface RetryPolicy {
  /** No try begins later than this after the first. */
  withinMs: number;
  patience: Partial<Record<Trouble, Patience>>;
}

/**
 * A submit is repeated only where it is certain that the one before was not accepted. What may have been accepted is
 * for the caller to settle, by SessionId.
 */
const submit: RetryPolicy = {
  withinMs: 120_000,
  patience: {
    notConnected: { retries: 4, firstMs: 500, maxMs: 8_000 },
    throttled: { retries: 6, firstMs: 1_000, maxMs: 16_000 },
  },
};

/** Repeating a read changes nothing; nor does setting the same metadata again. */
const idempotent: RetryPolicy = {
  withinMs: 120_000,
  patience: {
    notConnected: { retries: 5, firstMs: 500, maxMs: 8_000 },
    throttled: { retries: 8, firstMs: 1_000, maxMs: 16_000 },
    passing: { retries: 5, firstMs: 500, maxMs: 8_000 },
    answerLost: { retries: 5, firstMs: 500, maxMs: 8_000 },
  },
};

export const retryPolicies: Readonly<Record<VodAction, RetryPolicy>> = {
  CreateAigcImageTask: submit,
  DescribeTaskDetail: idempotent,
  DescribeTasks: idempotent,
  DescribeMediaInfos: idempotent,
  ModifyMediaInfo: idempotent,
  DescribeAigcQuotas: idempotent,
  SearchMedia: idempotent,
  DescribeAigcUsageData: idempotent,
};

/** Families of error codes that mean a trouble. All other codes are final. */
const troubleCodes: readonly (readonly [family: string, trouble: Trouble])[] = [
  ["RequestLimitExceeded", "throttled"],
  ["InternalError", "passing"],
  ["ServiceUnavailable", "passing"],
  ["ResourceBusy", "passing"],
  ["ResourceInUse", "passing"],
  ["ResourceUnavailable", "passing"],
  ["FailedOperation.DBError", "passing"],
  ["FailedOperation.NetWorkError", "passing"],
];

/** Reasons for which no connection will open the next time either. */
const lastingReasons =
  /^(CERT_|ERR_TLS_|UND_ERR_INVALID_ARG|UND_ERR_PRX_TLS|(DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_|HOSTNAME_MISMATCH|HTTP 407 )/;

export function troubleOfCode(code: string): Trouble | undefined {
  return troubleCodes.find(([family]) => isOrUnder(code, family))?.[1];
}

export function isLastingReason(reason: string): boolean {
  return lastingReasons.test(reason);
}

export interface Try {
  action: VodAction;
  trouble: Trouble;
  /** Retries so far. */
  retries: number;
  /** Milliseconds since the first try began. */
  elapsedMs: number;
  /** The answer's Retry-After in milliseconds, if it had one that can be read. */
  retryAfterMs?: number | undefined;
  /** From 0 to 1, exclusive. */
  random: number;
}

/** How long to wait before the next try, or `undefined` when there is to be none. */
export function retryDelayMs({ action, trouble, retries, elapsedMs, retryAfterMs, random }: Try): number | undefined {
  const { withinMs, patience } = retryPolicies[action];
  const rule = patience[trouble];
  if (!rule || retries >= rule.retries) {
    return undefined;
  }
  const longest = Math.min(rule.firstMs * 2 ** retries, rule.maxMs);
  // Half of it at random, so that those refused together do not return together.
  const backoff = longest / 2 + (longest / 2) * random;
  // The service's wish counts as far as it is reasonable.
  const delay = retryAfterMs === undefined ? backoff : Math.min(Math.max(retryAfterMs, backoff), longest + 5_000);
  return elapsedMs + delay > withinMs ? undefined : delay;
}

/** Reads a Retry-After header: seconds, or a date. `undefined` where it is neither. */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}(\.\d+)?$/.test(text)) {
    return Number(text) * 1000;
  }
  const date = text.endsWith("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(date - nowMs, 0);
}
