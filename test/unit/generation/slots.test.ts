import { describe, expect, it } from "vitest";
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

describe("task slots", () => {
  it("never lets more tasks run at once than the quota, and serves in order of arrival", async () => {
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

  it("counts a task that is already running, above the quota if need be", async () => {
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

  it("gives up, naming the task in the way, only after its own patience past the last holder's deadline", async () => {
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

  it("serves the next in line when one before it has given up", async () => {
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

  it("frees a slot once, however often it is told to", async () => {
    const { clock } = handClock();
    const slots = new Slots(1, clock);
    const held = slots.hold("a", 10);
    const waiting = [slots.acquire(1000), slots.acquire(1000)];
    held.free();
    held.free();
    await waiting[0];
    expect(slots.waiting).toBe(1);
  });
});
