import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { LookTime } from "../../../provider/lifecycle/lookTime";

/** Time passes only where something is waited for, or by hand. */
function openClock() {
  const clock = {
    time: 0,
    now: () => clock.time,
    async sleep(ms: number, signal?: AbortSignal) {
      await setImmediate();
      signal?.throwIfAborted();
      clock.time += ms;
    },
  };
  return clock;
}

/** Looks at so many pictures, one after the other. @returns how many were answered, and the seconds that it took */
async function lookAt(pictures: number, answerSeconds: number | undefined) {
  const clock = openClock();
  const lookTime = new LookTime(clock);
  let asked = 0;
  let answered = 0;
  for (let picture = 0; picture < pictures; picture++) {
    const look = async () => {
      asked++;
      if (answerSeconds === undefined) return new Promise<string>(() => {});
      clock.time += answerSeconds * 1000;
      return "reused";
    };
    if ((await lookTime.within(look)) !== undefined) answered++;
  }
  return { asked, answered, seconds: clock.time / 1000 };
}

test("500 pictures of a service that answers at once are all looked at", async () => {
  expect(await lookAt(500, 0.5)).toEqual({ asked: 500, answered: 500, seconds: 250 });
});

test("a service that never answers holds up a preview for a minute or so, whatever the number of pictures", async () => {
  expect(await lookAt(200, undefined)).toEqual({ asked: 7, answered: 0, seconds: 70 });
});

test("so does one that takes long for each", async () => {
  expect(await lookAt(200, 9)).toEqual({ asked: 8, answered: 8, seconds: 72 });
});

test("the next operation has its time again", async () => {
  const clock = openClock();
  const lookTime = new LookTime(clock);
  for (let picture = 0; picture < 10; picture++) await lookTime.within(() => new Promise(() => {}));
  expect(await lookTime.within(async () => "reused")).toBeUndefined();
  lookTime.reset();
  expect(await lookTime.within(async () => "reused")).toBe("reused");
});

test("what a look throws is thrown", async () => {
  const lookTime = new LookTime(openClock());
  await expect(lookTime.within(() => Promise.reject(new Error("no keys")))).rejects.toThrow("no keys");
});
