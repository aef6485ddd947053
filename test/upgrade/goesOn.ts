import { expect } from "vitest";
import { expectLedger, openWorld, type World } from "../support/emulator";
import { firstVersion } from "./firstVersion";
import { type Hero, type Left, leaveAll } from "./leftBehind";

const days = 86_400;

/** What happens between what 0.1.0 left behind and the next `up`. */
export interface Between {
  /** The stack is destroyed by one of the versions. */
  readonly destroyedBy?: "0.1.0" | "this version" | undefined;
  /** The stack's state is lost. */
  readonly stateLost?: true;
  /** The journal is lost: another machine goes on. */
  readonly journalLost?: true;
  readonly days?: number;
}

/** Beyond the defaults, since all resources are one update. */
const config = { "tencent-aigc:maxConcurrentTasks": "1000", "tencent-aigc:maxImagesPerUpdate": "100000" };

/** A world in which 0.1.0 has left everything behind, and in which this version goes on. */
export async function worldLeftBehind(between: Between): Promise<ReadonlyMap<Left, Hero>> {
  const world = await openWorld({ config, packageDirectory: firstVersion() });
  const heroes = await leaveAll(world);
  if (between.destroyedBy === "0.1.0") await destroyAll(world, heroes, firstVersion());
  if (between.destroyedBy === "this version") await destroyAll(world, heroes, undefined);
  await world.restart({ packageDirectory: undefined, newMachine: between.journalLost === true });
  if (between.stateLost) for (const hero of heroes.values()) hero.state = undefined;
  world.emulator.advance((between.days ?? 0) * days);
  return heroes;
}

async function destroyAll(world: World, heroes: ReadonlyMap<Left, Hero>, packageDirectory: string | undefined) {
  await world.restart({ packageDirectory });
  for (const hero of heroes.values()) await hero.destroy();
}

/** What has become of a resource. */
export type Became =
  /** There is a picture, and another `up` changes nothing. */
  | "ready"
  /** In state without a picture. */
  | "FAILED"
  | "AGED"
  /** Nothing was sent and nothing is in state: the user is told the ways out. */
  | "refused";

/** How a resource goes on, and what it has been billed by then. Both are written by hand. */
export type GoesOn = readonly [became: Became, billed: number];

/** Goes on with each resource, twice. */
export async function goOn(
  heroes: ReadonlyMap<Left, Hero>,
  go: (hero: Hero) => Promise<unknown>,
): Promise<Partial<Record<Left, GoesOn>>> {
  const all: Partial<Record<Left, GoesOn>> = {};
  for (const [left, hero] of heroes) {
    await go(hero);
    const once = accountOf(hero);
    const { operation, error } = await hero.up(hero.args);
    expect(accountOf(hero), `${left}: the next \`up\` changes nothing`).toEqual(once);
    const status = hero.state?.outputs["status"];
    if (status === "FINISH") expect([operation, error], left).toEqual(["same", undefined]);
    all[left] = [becameOf(status, error), once.billed];
  }
  return all;
}

function accountOf(hero: Hero) {
  const { tasks } = hero.account.emulator.ledger();
  return { status: hero.outputs["status"], billed: tasks.filter(({ billed }) => billed).length, sent: tasks.length };
}

function becameOf(status: unknown, error: string | undefined): Became {
  if (status === "FINISH") return "ready";
  if (status === "FAILED" || status === "AGED") return status;
  if (status === undefined && error?.includes("adoptFileIds")) return "refused";
  throw new Error(`it became ${status}: ${error}`);
}

/** As long as the service answers for what was sent, every picture is found, and only what has none is sent. */
export const inTheWindow: Readonly<Record<Left, GoesOn>> = {
  AGED: ["AGED", 0],
  "a Permanent picture": ["ready", 1],
  "a Temporary picture": ["ready", 1],
  "a picture of the second attempt": ["ready", 1],
  "a picture with a mediaName": ["ready", 1],
  "a picture with a sessionId": ["ready", 1],
  "a picture of the second attempt with a sessionId": ["ready", 1],
  "a Temporary picture with a sessionId": ["ready", 1],
  "a picture with a sessionId and a mediaName": ["ready", 1],
  "a lost request": ["ready", 1],
  "a lost request with a sessionId": ["ready", 1],
  "a lost answer": ["ready", 1],
  "a lost answer, Temporary": ["ready", 1],
  "a lost answer with a mediaName": ["ready", 1],
  "a lost answer with a sessionId": ["ready", 1],
  "a running task": ["ready", 1],
  "a running task with a mediaName": ["ready", 1],
  "a running task with a sessionId": ["ready", 1],
  "a task that failed for good": ["FAILED", 0],
  "a task that failed for a passing cause": ["ready", 1],
  "a task with a sessionId that failed for a passing cause": ["ready", 1],
  "killed before it arrived": ["ready", 1],
  "killed before the answer": ["ready", 1],
  "killed before the answer, Temporary": ["ready", 1],
  "killed before the answer, with a mediaName": ["ready", 1],
  "killed before the answer, with a sessionId": ["ready", 1],
  "killed while it ran": ["ready", 1],
  "killed while it ran, with a mediaName": ["ready", 1],
  "killed while it ran, with a sessionId": ["ready", 1],
};

/**
 * Later, with the journal of this machine: what has no file to be seen is told as too old, and nothing is sent. A picture
 * under a `mediaName` has no tag, and 0.1.0 kept no FileIds.
 */
export const onDayFour: Readonly<Record<Left, GoesOn>> = {
  AGED: ["AGED", 0],
  "a Permanent picture": ["ready", 1],
  "a Temporary picture": ["AGED", 1],
  "a picture of the second attempt": ["ready", 1],
  "a picture with a mediaName": ["AGED", 1],
  "a picture with a sessionId": ["ready", 1],
  "a picture of the second attempt with a sessionId": ["ready", 1],
  "a Temporary picture with a sessionId": ["AGED", 1],
  "a picture with a sessionId and a mediaName": ["AGED", 1],
  "a lost request": ["AGED", 0],
  "a lost request with a sessionId": ["AGED", 0],
  "a lost answer": ["ready", 1],
  "a lost answer, Temporary": ["AGED", 1],
  "a lost answer with a mediaName": ["AGED", 1],
  // 0.1.0 never learnt its TaskId, so nothing shows whose it is.
  "a lost answer with a sessionId": ["refused", 1],
  "a running task": ["ready", 1],
  "a running task with a mediaName": ["AGED", 1],
  "a running task with a sessionId": ["ready", 1],
  "a task that failed for good": ["AGED", 0],
  "a task that failed for a passing cause": ["AGED", 0],
  "a task with a sessionId that failed for a passing cause": ["AGED", 0],
  "killed before it arrived": ["AGED", 0],
  "killed before the answer": ["ready", 1],
  "killed before the answer, Temporary": ["AGED", 1],
  "killed before the answer, with a mediaName": ["AGED", 1],
  "killed before the answer, with a sessionId": ["refused", 1],
  "killed while it ran": ["ready", 1],
  "killed while it ran, with a mediaName": ["AGED", 1],
  "killed while it ran, with a sessionId": ["ready", 1],
};

/** What state holds goes on by itself, whatever the journal knows. */
export const inStateOnDayFour = {
  ...onDayFour,
  "a Temporary picture": ["ready", 1],
  "a picture with a mediaName": ["ready", 1],
  "a Temporary picture with a sessionId": ["ready", 1],
  "a picture with a sessionId and a mediaName": ["ready", 1],
  "a lost answer with a sessionId": ["ready", 1],
  "a task that failed for good": ["FAILED", 0],
  "a task that failed for a passing cause": ["ready", 1],
  "a task with a sessionId that failed for a passing cause": ["ready", 1],
} satisfies Record<Left, GoesOn>;

/**
 * Named exceptions: without state, without a journal and after the service has forgotten the task, nothing tells of a
 * Temporary picture, or of one under a name of the user's own. Each is generated, and billed, again.
 */
export const exceptions: readonly Left[] = [
  "a Temporary picture",
  "a picture with a mediaName",
  "a Temporary picture with a sessionId",
  "a picture with a sessionId and a mediaName",
  "a lost answer, Temporary",
  "a lost answer with a mediaName",
  "a running task with a mediaName",
  "killed before the answer, Temporary",
  "killed before the answer, with a mediaName",
  "killed while it ran, with a mediaName",
];

/** The bill of each resource: of one picture, except where one is billed again by name. */
export function expectBills(
  heroes: ReadonlyMap<Left, Hero>,
  expected: Readonly<Record<Left, GoesOn>>,
  billedAgain: readonly Left[] = [],
): void {
  for (const [left, hero] of heroes) {
    const [, billed] = expected[left];
    // After its window the service takes the same SessionId again.
    if (billedAgain.includes(left)) expect(accountOf(hero).billed, left).toBe(2);
    else expectLedger(hero.account, { billed, intended: 1 });
  }
}
