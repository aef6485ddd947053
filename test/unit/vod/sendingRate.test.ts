import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  afterAcceptance,
  afterRefusal,
  atFullRate,
  requestsPerSecond,
  type SendingRate,
} from "../../../provider/vod/sendingRate";
import { shareLimit } from "./sharedLimit";

/** So many are accepted, one each 50 ms up to `now`. */
function accepted(count: number, rate: SendingRate, now: number): SendingRate {
  const times = Array.from({ length: count }, (_, index) => now - 50 * (count - 1 - index));
  return times.reduce((before, at) => afterAcceptance(before, at), rate);
}

describe("a refusal", () => {
  test("takes next to nothing of the full rate that was kept for a while", () => {
    expect(afterRefusal(accepted(40, atFullRate(20), 2000), 2000).left).toBe(19);
  });

  test("takes more of a high rate than of a low one", () => {
    const left = [16, 4].map((rate) => {
      const kept = accepted(10, { ...atFullRate(20), left: rate, refusedAt: 0 }, 1000);
      return afterRefusal(kept, 1000).left;
    });
    expect(left.map((each) => Math.round(each * 100) / 100)).toEqual([11.2, 3.4]);
  });

  test("leaves what was accepted of the last second, where most is refused", () => {
    expect(afterRefusal(accepted(6, atFullRate(20), 1000), 1000).left).toBe(6);
  });

  test("leaves less each time where nothing is accepted, and still one request in ten seconds", () => {
    let rate = atFullRate(20);
    const rates = Array.from({ length: 6 }, (_, second) => {
      rate = afterRefusal(rate, second * 1000);
      return requestsPerSecond(rate, second * 1000);
    });
    expect(rates.map((each) => Math.round(each * 100) / 100)).toEqual([5, 1.25, 0.31, 0.1, 0.1, 0.1]);
  });
});

test("what was taken comes back slowly at first, then soon, and is never more than the full rate", () => {
  const rate: SendingRate = { ...atFullRate(20), left: 5, refusedAt: 0 };
  const after = [5, 10, 30].map((seconds) => requestsPerSecond({ ...rate, accepted: 5 * seconds }, seconds * 1000));
  expect(after.map((each) => Math.round(each * 10) / 10)).toEqual([5.1, 20, 20]);
});

const together: readonly (readonly [string, readonly number[]])[] = [
  ["two", [150, 150]],
  ["four", [150, 150, 150, 150]],
  ["eight", [150, 150, 150, 150, 150, 150, 150, 150]],
  ["a large one beside small ones", [400, 50, 50, 50]],
];

describe("processes that share a limit of 20 submits a second", () => {
  test.each([["one", [500]], ...together] as const)(
    "%s, each on a machine of its own: hardly any submit in vain, and none refused for long",
    async (_, submits) => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const shared = await shareLimit({ submits, spreadMs: 1000, perSecond: 20, seed });
        expect(shared.submitsATask, "submits").toBeLessThan(1.2);
        expect(shared.seconds / shared.limitSeconds, "seconds").toBeLessThan(1.6);
        expect(shared.longest, "refusals of one submit").toBeLessThan(7);
      }
    },
  );

  test.each(together)("%s, on one machine: as fast as the limit", async (_, submits) => {
    const folder = mkdtempSync(join(tmpdir(), "aigc-turns-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const shared = await shareLimit({ submits, spreadMs: 1000, perSecond: 20, seed: 1, folder });
    expect(shared.seconds / shared.limitSeconds, "seconds").toBeLessThan(1.1);
    expect(shared.submitsATask, "submits").toBeLessThan(1.05);
  });
});
