import type { Clock } from "./clock";
import { afterAcceptance, afterRefusal, atFullRate, isFarTooFast, requestsPerSecond } from "./sendingRate";
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

/** Refusals within this time of a slowdown are of requests that were already on their way: they slow nothing more. */
const settleMs = 1000;
/** The service counts whole seconds: what was far too fast waits for about the next one, each process for another moment. */
const shortestPauseMs = 200;
const longestPauseMs = 1000;

/** How late a request is sent in its turn, and how many turns are let pass. */
const latestMs = 100;
const mostTurns = 3;

/** Spaces out the requests of one action, first come first served. */
export interface Pace {
  /**
   * Resolves when it is the caller's turn; rejects with the signal's reason when aborted before.
   * @param application whose limit it falls under, where other processes share it
   */
  turn(signal?: AbortSignal, application?: number): Promise<void>;
  /** The service said that it was too fast. */
  slower(): void;
  /** A request was accepted. */
  faster(): void;
  /** Requests a second at present. */
  readonly rate: number;
}

export interface PaceOptions {
  /** From 0 to 1, exclusive. @default Math.random */
  readonly random?: () => number;
  /** Takes a turn beside the other processes of this machine. @returns how long it is until then (ms) */
  readonly nextTurn?: ((application: number) => number) | undefined;
}

interface Waiting {
  readonly application: number | undefined;
  readonly go: () => void;
}

export function createPace(fullRate: number, clock: Clock, options: PaceOptions = {}): Pace {
  const { random = Math.random, nextTurn = () => 0 } = options;
  const waiting: Waiting[] = [];
  let state = atFullRate(fullRate);
  let interval = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let slowedAt = Number.NEGATIVE_INFINITY;
  let pumping = false;

  /** Those who share a limit do not keep step: each would be refused at the same place in every second. */
  function intervalMs(): number {
    const rate = requestsPerSecond(state, clock.now());
    return (1000 / rate) * (rate < fullRate ? 0.75 + random() / 2 : 1);
  }

  /** A turn that a busy machine has let pass is not used: it would be one too many in the second that it comes in. */
  async function takeTurn(): Promise<void> {
    for (let turns = 0; turns < mostTurns; turns++) {
      const application = waiting[0]?.application;
      const untilTurn = application === undefined ? 0 : nextTurn(application);
      if (untilTurn <= 0) return;
      const turn = clock.now() + untilTurn;
      await clock.sleep(untilTurn);
      if (clock.now() <= turn + latestMs) return;
    }
  }

  async function pump(): Promise<void> {
    pumping = true;
    for (let rested = true; waiting.length > 0; rested = false) {
      // More than an interval can only mean that the clock was set back.
      const wait = Math.min(nextAt - clock.now(), interval);
      if (wait > 0) {
        await clock.sleep(wait);
      }
      const pause = pausedUntil - clock.now();
      if (pause > 0) {
        await clock.sleep(Math.min(pause, longestPauseMs));
      }
      await takeTurn();
      const now = clock.now();
      // A timer fires late. Of that up to one interval is made good, and none of a rest: the rate is kept without bursts.
      const due = (rested && wait <= 0) || pause > 0 ? now : Math.max(nextAt, now - interval);
      interval = intervalMs();
      nextAt = Math.min(due, now) + interval;
      waiting.shift()?.go();
    }
    pumping = false;
  }

  return {
    turn(signal, application) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const go = () => {
          signal?.removeEventListener("abort", leave);
          resolve();
        };
        const caller: Waiting = { application, go };
        const leave = () => {
          const place = waiting.indexOf(caller);
          if (place >= 0) {
            waiting.splice(place, 1);
            reject(signal?.reason);
          }
        };
        signal?.addEventListener("abort", leave, { once: true });
        waiting.push(caller);
        if (!pumping) {
          void pump();
        }
      });
    },
    slower() {
      const now = clock.now();
      if (Math.abs(now - slowedAt) < settleMs) return;
      slowedAt = now;
      if (isFarTooFast(state, now)) {
        pausedUntil = now + shortestPauseMs + random() * (longestPauseMs - shortestPauseMs);
      }
      state = afterRefusal(state, now);
    },
    faster() {
      state = afterAcceptance(state, clock.now());
    },
    get rate() {
      return requestsPerSecond(state, clock.now());
    },
  };
}
