import { expect, test } from "vitest";
import { expectLedger } from "../support/emulator";
import { expectBills, type GoesOn, goOn, inStateOnDayFour, inTheWindow, worldLeftBehind } from "./goesOn";
import type { Hero, Left } from "./leftBehind";

/** What 0.1.0 left in a stack's state and in the journal. */

test("what 0.1.0 left goes on with `up`, and nothing is billed again", async () => {
  const heroes = await worldLeftBehind({});
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(inTheWindow);
  expectBills(heroes, inTheWindow);
});

test("what 0.1.0 left is found by a forced replace", async () => {
  const heroes = await worldLeftBehind({});
  expect(await goOn(heroes, (hero) => hero.up(hero.args, { replace: true }))).toEqual(inTheWindow);
  expectBills(heroes, inTheWindow);
});

test("what 0.1.0 left is refreshed, and goes on", async () => {
  const heroes = await worldLeftBehind({});
  const refreshed = await goOn(heroes, async (hero) => {
    await hero.refresh();
    await hero.up(hero.args);
  });
  expect(refreshed).toEqual(inTheWindow);
  expectBills(heroes, inTheWindow);
});

test("on day 4 what 0.1.0 left goes on with `up`, and nothing is billed again", async () => {
  const expected: Record<Left, GoesOn> = {
    ...inStateOnDayFour,
    // The TaskId alone is in state, and the service has forgotten it.
    "a running task with a mediaName": ["AGED", 1],
  };
  const heroes = await worldLeftBehind({ days: 4 });
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(expected);
  expectBills(heroes, expected);
});

test("on day 4 what 0.1.0 sent under a sessionId of the user's own is found, though that was edited since", async () => {
  const heroes = await worldLeftBehind({ days: 4 });
  for (const left of ["a lost answer with a sessionId", "a running task with a sessionId"] as const) {
    const hero = heroes.get(left) as Hero;
    await hero.up({ ...hero.args, sessionId: `edited-${hero.name}` });
    expect(hero.outputs, left).toMatchObject({ status: "FINISH" });
    expectLedger(hero.account, { billed: 1, intended: 1 });
  }
});
