import { describe, expect, test } from "vitest";
import { type Slot, Slots } from "../../../provider/generation/slots";
import type { Clock } from "../../../provider/vod/clock";

/** A clock that only moves by hand, and wakes whoever slept until then. */
function handClock() {
  let time = 0;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const clock: Clock = {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: time + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
  };
  const advance = async (ms: number) => {
    time += ms;
    for (const sleeper of sleepers) {
      if (sleeper.at <= time) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    }
    await new Promise(setImmediate);
  };
  return { clock, advance };
}

const isSlot = (value: Slot | { blockedBy: string }): value is Slot => !("blockedBy" in value);

const settled = () => new Promise(setImmediate);

describe("task slots", () => {
  test("never lets more tasks run at once than the quota, and serves in order of arrival", async () => {
    const { clock } = handClock();
    const slots = new Slots(2, clock);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 9 }, async (_, index) => {
        const slot = await slots.acquire(1000);
        if (!isSlot(slot)) throw new Error("blocked");
        order.push(index);
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
        slot.free();
      }),
    );
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("counts a task that is already running, above the quota if need be", async () => {
    const { clock } = handClock();
    const slots = new Slots(1, clock);
    const running = [slots.hold("a", 10), slots.hold("b", 10)];
    let granted = false;
    const waiting = slots.acquire(1000).then((slot) => {
      granted = true;
      return slot;
    });
    running[0]?.free();
    await new Promise(setImmediate);
    expect(granted).toBe(false);
    running[1]?.free();
    expect(isSlot(await waiting)).toBe(true);
  });

  test("gives up, naming the task in the way, only after its own patience past the last holder's deadline", async () => {
    const { clock, advance } = handClock();
    const slots = new Slots(1, clock);
    slots.hold("task-1", 600);
    let answer: unknown;
    void slots.acquire(300).then((value) => {
      answer = value;
    });
    await advance(600);
    await advance(299);
    expect(answer).toBeUndefined();
    await advance(1);
    expect(answer).toEqual({ blockedBy: "task-1" });
  });

  test("serves the next in line when one before it has given up", async () => {
    const { clock, advance } = handClock();
    const slots = new Slots(1, clock);
    const first = slots.hold("task-1", 0);
    const impatient = slots.acquire(10);
    const patient = slots.acquire(1000);
    await advance(10);
    expect(await impatient).toEqual({ blockedBy: "task-1" });
    first.free();
    expect(isSlot(await patient)).toBe(true);
  });

  test("frees a slot once, however often it is told to", async () => {
    const { clock } = handClock();
    const slots = new Slots(1, clock);
    const held = slots.hold("a", 10);
    const places: number[] = [];
    const waiting = [slots.acquire(1000), slots.acquire(1000, (ahead) => places.push(ahead))];
    held.free();
    held.free();
    await waiting[0];
    expect(places).toEqual([1, 0]);
  });

  test("tells each its place in the queue, and again whenever one in front gets its turn or gives up", async () => {
    const { clock, advance } = handClock();
    const slots = new Slots(1, clock);
    const held = slots.hold("task-1", 0);
    const places: Record<string, number[]> = { impatient: [], second: [], third: [] };
    const waitFor = (name: string, patience: number) => slots.acquire(patience, (ahead) => places[name]?.push(ahead));
    const impatient = waitFor("impatient", 10);
    void waitFor("second", 1000);
    void waitFor("third", 1000);
    await advance(10);
    await impatient;
    held.free();
    expect(places).toEqual({ impatient: [0], second: [1, 0], third: [2, 1, 0] });
  });

  test("tells no place where a slot is free at once", async () => {
    const { clock } = handClock();
    const places: number[] = [];
    await new Slots(1, clock).acquire(1000, (ahead) => places.push(ahead));
    expect(places).toEqual([]);
  });

  /** Asks for many slots, and collects those that are granted; each runs a task. */
  function asking(slots: Slots, count: number): Slot[] {
    const granted: Slot[] = [];
    for (let index = 0; index < count; index++) {
      void slots.acquire(1000).then((slot) => {
        if (!isSlot(slot)) throw new Error("blocked");
        slot.taken(`task-${index}`, 1000);
        granted.push(slot);
      });
    }
    return granted;
  }

  test("halves the number where the service takes fewer, once for all that were sent together", async () => {
    const slots = new Slots(8, handClock().clock);
    const granted = asking(slots, 20);
    await settled();
    expect(granted).toHaveLength(8);
    for (const slot of granted.slice(0, 5)) slot.overran();
    await settled();
    expect(granted, "beside the three that run, one").toHaveLength(9);
    granted[8]?.overran();
    await settled();
    expect(granted, "three run, and two may").toHaveLength(9);
  });

  test("gives back one with each round of tasks that end, up to the quota", async () => {
    const slots = new Slots(4, handClock().clock);
    const granted = asking(slots, 40);
    const atOnce: number[] = [];
    await settled();
    granted[0]?.overran();
    for (let begin = 1; atOnce.length < 4; ) {
      const round = granted.slice(begin);
      begin = granted.length;
      for (const slot of round) slot.free();
      await settled();
      atOnce.push(slots.running);
    }
    expect(atOnce).toEqual([3, 4, 4, 4]);
  });

  test("never lets fewer than one run", async () => {
    const slots = new Slots(1, handClock().clock);
    const granted = asking(slots, 3);
    await settled();
    granted[0]?.overran();
    await settled();
    granted[1]?.overran();
    await settled();
    expect(granted).toHaveLength(3);
  });
});
