import { expect, test } from "vitest";
import { exceptions, expectBills, type GoesOn, goOn, inTheWindow, onDayFour, worldLeftBehind } from "./goesOn";
import type { Left } from "./leftBehind";

/** Without the journal of 0.1.0, as on a runner that is made anew for each run. */

test("on another machine what 0.1.0 left goes on with `up`", async () => {
  const heroes = await worldLeftBehind({ journalLost: true });
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(inTheWindow);
  expectBills(heroes, inTheWindow);
});

test("on another machine what 0.1.0 left is found by a forced replace", async () => {
  const heroes = await worldLeftBehind({ journalLost: true });
  // A forced replace is told nothing of state, and nothing ever came of it: it is sent.
  const expected: Record<Left, GoesOn> = { ...inTheWindow, AGED: ["ready", 1] };
  expect(await goOn(heroes, (hero) => hero.up(hero.args, { replace: true }))).toEqual(expected);
  expectBills(heroes, expected);
});

test("on another machine, with its state lost, what 0.1.0 left is found at the service", async () => {
  const heroes = await worldLeftBehind({ journalLost: true, stateLost: true });
  // Nothing ever came of it: it is sent.
  const expected: Record<Left, GoesOn> = { ...inTheWindow, AGED: ["ready", 1] };
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(expected);
  expectBills(heroes, expected);
});

test("on another machine, with its state lost, on day 4, only the named exceptions are billed again", async () => {
  const heroes = await worldLeftBehind({ journalLost: true, stateLost: true, days: 4 });
  const expected: Record<Left, GoesOn> = {
    ...onDayFour,
    // Named like the user's own SessionId, and nothing shows whose they are.
    "a picture with a sessionId": ["refused", 1],
    "a picture of the second attempt with a sessionId": ["refused", 1],
    "a running task with a sessionId": ["refused", 1],
    "killed while it ran, with a sessionId": ["refused", 1],
    // Nothing ever came of them: they are sent.
    AGED: ["ready", 1],
    "a lost request": ["ready", 1],
    "a lost request with a sessionId": ["ready", 1],
    "a task that failed for good": ["ready", 1],
    "a task that failed for a passing cause": ["ready", 1],
    "a task with a sessionId that failed for a passing cause": ["ready", 1],
    "killed before it arrived": ["ready", 1],
    ...Object.fromEntries(exceptions.map((left): [Left, GoesOn] => [left, ["ready", 2]])),
  };
  expect(await goOn(heroes, (hero) => hero.up(hero.args))).toEqual(expected);
  expectBills(heroes, expected, exceptions);
});
