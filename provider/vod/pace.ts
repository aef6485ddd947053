import type { Clock } from "./clock";
import type { VodAction } from "./wire";

/**
 * Requests a second that are sent at most, by action. Submits have their own setting. The service documents 100 for
 * reads of tasks and media, which leaves room for others on the same account; where it documents nothing, its lowest
 * figure counts.
 */
export const readRates: Readonly<Record<Exclude<VodAction, "CreateAigcImageTask">, number>> = {
  DescribeTaskDetail: 80,
  DescribeTasks: 80,
  DescribeMediaInfos: 20,
  ModifyMediaInfo: 20,
  DescribeAigcQuotas: 20,
  SearchMedia: 20,
  DescribeAigcUsageData: 20,
};

/** What a refusal leaves of the rate. At the limit itself a request is refused for being milliseconds late. */
const slowedPart = 3 / 4;
/** The slowest rate that throttling leads to, as a part of the full rate. */
const slowestPart = 1 / 20;
/** What each accepted request gives back of the full rate. */
const recoveryPart = 1 / 40;
/** Refusals within this time of a slowdown are of requests that were already on their way: they slow nothing more. */
const settleMs = 1000;

/** Spaces out the requests of one action, first come first served. */
export interface Pace {
  /** Resolves when it is the caller's turn; rejects with the signal's reason when aborted before. */
  turn(signal?: AbortSignal): Promise<void>;
  /** The service said that it was too fast: takes a quarter off the rate. */
  slower(): void;
  /** A request was accepted: gives back some of a lost rate. */
  faster(): void;
  /** Requests a second at present. */
  readonly rate: number;
}

export function createPace(fullRate: number, clock: Clock): Pace {
  const waiting: (() => void)[] = [];
  let rate = fullRate;
  let nextAt = Number.NEGATIVE_INFINITY;
  let slowedAt = Number.NEGATIVE_INFINITY;
  let pumping = false;

  async function pump(): Promise<void> {
    pumping = true;
    for (let rested = true; waiting.length > 0; rested = false) {
      const interval = 1000 / rate;
      const wait = nextAt - clock.now();
      // More than an interval can only mean that the clock was set back.
      if (wait > 0) {
        await clock.sleep(Math.min(wait, interval));
      }
      const now = clock.now();
      // A timer fires late. Of that up to one interval is made good, and none of a rest: the rate is kept without bursts.
      const due = rested && wait <= 0 ? now : Math.max(nextAt, now - interval);
      nextAt = Math.min(due, now) + interval;
      waiting.shift()?.();
    }
    pumping = false;
  }

  return {
    turn(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const go = () => {
          signal?.removeEventListener("abort", leave);
          resolve();
        };
        const leave = () => {
          const place = waiting.indexOf(go);
          if (place >= 0) {
            waiting.splice(place, 1);
            reject(signal?.reason);
          }
        };
        signal?.addEventListener("abort", leave, { once: true });
        waiting.push(go);
        if (!pumping) {
          void pump();
        }
      });
    },
    slower() {
      const now = clock.now();
      if (Math.abs(now - slowedAt) >= settleMs) {
        slowedAt = now;
        rate = Math.max(rate * slowedPart, fullRate * slowestPart);
      }
    },
    faster() {
      rate = Math.min(rate + fullRate * recoveryPart, fullRate);
    },
    get rate() {
      return rate;
    },
  };
}
