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

  test("pauses and slows down when far too fast, once for all that were on their way", async () => {
    const clock = manualClock();
    const pace = createPace(20, clock, { random: () => 0.5 });
    pace.slower();
    pace.slower();
    expect(pace.rate).toBe(5);
    expect((await turns(3, pace, clock)).map(Math.round)).toEqual([600, 800, 1000]);
  });

  test("spaces a reduced rate unevenly: who shares a limit does not keep step", async () => {
    const clock = manualClock();
    const numbers = [0, 0, 0.5, 0.9];
    const pace = createPace(20, clock, { random: () => numbers.shift() ?? 0.5 });
    pace.slower();
    expect((await turns(4, pace, clock)).map(Math.round)).toEqual([200, 350, 550, 790]);
  });

  test("takes its turn beside other processes, and waits until then", async () => {
    const clock = manualClock();
    const asked: number[] = [];
    const nextTurn = (application: number) => {
      asked.push(application);
      return 30;
    };
    const pace = createPace(20, clock, { nextTurn });
    const start = clock.time;
    const at = await Promise.all([1, 2].map((application) => pace.turn(undefined, application).then(() => clock.time)));
    expect(at.map((time) => time - start)).toEqual([30, 110]);
    expect(asked).toEqual([1, 2]);
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
