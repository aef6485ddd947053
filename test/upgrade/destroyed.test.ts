import { expect, test } from "vitest";
import { type Between, expectBills, type GoesOn, goOn, inTheWindow, onDayFour, worldLeftBehind } from "./goesOn";
import type { Left } from "./leftBehind";

/** Destroyed, and declared again with the journal of this machine. */

const versions: readonly Between["destroyedBy"][] = ["0.1.0", "this version"];

test.each(versions)("destroyed by %s, what 0.1.0 left is found again at once", async (destroyedBy) => {
  const heroes = await worldLeftBehind({ destroyedBy });
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(inTheWindow);
  expectBills(heroes, inTheWindow);
});

test("destroyed by 0.1.0, what it left bills nothing again on day 4", async () => {
  const heroes = await worldLeftBehind({ destroyedBy: "0.1.0", days: 4 });
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(onDayFour);
  expectBills(heroes, onDayFour);
});

test("destroyed by this version, what 0.1.0 left bills nothing again on day 4", async () => {
  const expected: Record<Left, GoesOn> = {
    ...onDayFour,
    // This version keeps the FileIds of what it destroys.
    "a picture with a mediaName": ["ready", 1],
  };
  const heroes = await worldLeftBehind({ destroyedBy: "this version", days: 4 });
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(expected);
  expectBills(heroes, expected);
});

test("after the state was lost, what 0.1.0 left is found by the journal, on day 4 too", async () => {
  const heroes = await worldLeftBehind({ stateLost: true });
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(inTheWindow);
  expectBills(heroes, inTheWindow);
  const later = await worldLeftBehind({ stateLost: true, days: 4 });
  expect(await goOn(later, (hero) => hero.up(hero.args))).toEqual(onDayFour);
  expectBills(later, onDayFour);
});
