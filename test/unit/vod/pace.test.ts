import { describe, expect, test } from "vitest";
import { createPace } from "../../../provider/vod/pace";
import { manualClock } from "./manualClock";

async function turns(count: number, pace: ReturnType<typeof createPace>, clock: { time: number }): Promise<number[]> {
  const start = clock.time;
  return Promise.all(Array.from({ length: count }, () => pace.turn().then(() => clock.time - start)));
}

describe("the pace", () => {
  test("sends the first at once and the others evenly spaced", async () => {
    const clock = manualClock();
    expect(await turns(5, createPace(20, clock), clock)).toEqual([0, 50, 100, 150, 200]);
  });

  test("is first come, first served", async () => {
    const pace = createPace(20, manualClock());
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3, 4].map((n) => pace.turn().then(() => order.push(n))));
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  test("never sends more than the rate in any second, even after a pause", async () => {
    const clock = manualClock();
    const pace = createPace(20, clock);
    const sent: number[] = [];
    const send = (count: number) =>
      Promise.all(Array.from({ length: count }, () => pace.turn().then(() => sent.push(clock.time))));
    await send(30);
    clock.time += 10_000;
    await send(60);
    expect(sent).toHaveLength(90);
    for (const time of sent) {
      expect(sent.filter((other) => other >= time && other < time + 1000).length).toBeLessThanOrEqual(21);
    }
  });

  test("makes good a timer that fires late", async () => {
    const clock = manualClock();
    const exact = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      await exact(ms);
      clock.time += 3;
    };
    const at = await turns(101, createPace(20, clock), clock);
    expect(at.at(-1)).toBeLessThanOrEqual(5_010);
  });

  test("does not stall when the clock is set back", async () => {
    const clock = manualClock();
    const pace = createPace(20, clock);
    await pace.turn();
    clock.time -= 3_600_000;
    await pace.turn();
    expect(clock.slept).toEqual([50]);
  });

  test("slows by a quarter when throttled, once for all that were on their way, and not below a twentieth", async () => {
    const clock = manualClock();
    const pace = createPace(20, clock);
    pace.slower();
    pace.slower();
    expect(pace.rate).toBe(15);
    expect((await turns(3, pace, clock)).map(Math.round)).toEqual([0, 67, 133]);
    for (let n = 0; n < 12; n++) {
      clock.time += 1000;
      pace.slower();
    }
    expect(pace.rate).toBe(1);
  });

  test("recovers step by step to the full rate and no further", () => {
    const clock = manualClock();
    const pace = createPace(20, clock);
    pace.slower();
    const rates = Array.from({ length: 22 }, () => {
      pace.faster();
      return pace.rate;
    });
    expect(rates.slice(0, 2)).toEqual([15.5, 16]);
    expect(rates.at(-1)).toBe(20);
  });

  test("lets a waiting caller leave, and its turn go to the next", async () => {
    const clock = manualClock();
    const pace = createPace(20, clock);
    const leaving = new AbortController();
    const first = pace.turn();
    const second = pace.turn(leaving.signal);
    const third = pace.turn().then(() => clock.time);
    const start = clock.time;
    leaving.abort(new Error("left"));
    await expect(second).rejects.toThrow("left");
    await first;
    expect((await third) - start).toBe(50);
    await expect(pace.turn(leaving.signal)).rejects.toThrow("left");
  });
});
