import { expect } from "vitest";
import { tasks, type World } from "../support/emulator";
import type { Properties } from "../support/host";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

const create = "CreateAigcImageTask";
const days = 86_400;

/** What version 0.1.0 leaves behind of a resource. */
interface LeftBehind {
  readonly args: Properties;
  /** Its status in state; undefined where nothing is in state. */
  readonly status: string | undefined;
  /**
   * Runs on a process of 0.1.0.
   * @returns what is still under way when the process is killed
   */
  readonly leave: (hero: Hero) => Promise<Killed | undefined>;
}

interface Killed {
  readonly underWay: Promise<unknown>;
}

let resources = 0;

/** A resource, with what it asks for. Its SubApp is its own, so that its tasks are told from those of others. */
export class Hero extends Lifecycle {
  readonly args: Properties;
  readonly prompt: string;
  private readonly subAppId: number = subAppId + ++resources;

  constructor(world: World, name: string, args: Properties) {
    super(world, name);
    const sessionId = args["sessionId"] ? { sessionId: `own-${this.subAppId}` } : {};
    this.prompt = `a lighthouse, ${name}`;
    this.args = { ...args, ...sessionId, subAppId: this.subAppId, prompt: this.prompt };
  }

  /** The ledger of its own tasks. */
  get account(): Pick<World, "emulator"> {
    const { emulator } = this.world;
    const ledger = () => {
      const all = emulator.ledger();
      return { ...all, tasks: all.tasks.filter((task) => task.subAppId === this.subAppId) };
    };
    return { emulator: { ...emulator, ledger } };
  }
}

const permanent = picture();
const temporary = picture({ outputConfig: { storageMode: "Temporary" } });
const named = picture({ outputConfig: { mediaName: "lighthouse" } });
const ownSession = { ...permanent, sessionId: "own" };

async function finish(hero: Hero): Promise<undefined> {
  await hero.up(hero.args);
}

async function loseAnswer(hero: Hero): Promise<undefined> {
  const { emulator } = hero.world;
  emulator.behaviour({ tasksInListing: false });
  emulator.fault({ kind: "acceptThenReset", action: create, times: "always" });
  await hero.up(hero.args);
  emulator.clearFaults();
  emulator.behaviour({ tasksInListing: true });
}

async function loseRequest(hero: Hero): Promise<undefined> {
  const { emulator } = hero.world;
  emulator.fault({ kind: "refuseConnection", action: create, times: "always" });
  await hero.up(hero.args);
  emulator.clearFaults();
}

async function stopWaiting(hero: Hero): Promise<undefined> {
  hero.world.emulator.fault({ kind: "stuck", seconds: 900 });
  await hero.up({ ...hero.args, timeoutSeconds: 20 });
}

/** The first attempt fails for a passing cause, the second is paid. */
async function tryTwice(hero: Hero): Promise<undefined> {
  await failOnce(hero);
  // The service tells times in whole seconds.
  hero.world.emulator.advance(5);
  await hero.up(hero.args);
  expect(hero.outputs["attempt"]).toBe(2);
}

async function failOnce(hero: Hero): Promise<undefined> {
  hero.world.emulator.fault({ kind: "taskFails", errCodeExt: "InternalError" });
  expect(await hero.up(hero.args)).toMatchObject({ failures: [], reasons: [expect.any(String)] });
}

async function failForGood(hero: Hero): Promise<undefined> {
  hero.world.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" });
  await hero.up(hero.args);
}

async function age(hero: Hero): Promise<undefined> {
  await loseRequest(hero);
  hero.world.emulator.advance(4 * days);
  await hero.up(hero.args);
}

async function dieBeforeSending(hero: Hero): Promise<Killed> {
  const { emulator } = hero.world;
  const requests = () => emulator.ledger().requests[create] ?? 0;
  const before = requests();
  emulator.fault({ kind: "stall", action: create, times: "always" });
  const underWay = hero.up(hero.args);
  await emulator.waitUntil(() => requests() > before);
  return { underWay };
}

async function dieBeforeAnswer(hero: Hero): Promise<Killed> {
  const { emulator } = hero.world;
  emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create, prompt: hero.prompt });
  const underWay = hero.up(hero.args);
  await emulator.waitUntil(() => tasks(hero.account).length > 0);
  return { underWay };
}

async function dieWhileRunning(hero: Hero): Promise<Killed> {
  const { engine } = await hero.world.host();
  hero.world.emulator.fault({ kind: "stuck", seconds: 600, prompt: hero.prompt });
  const underWay = hero.up(hero.args);
  await engine.seen((line) => line.urn === hero.urn && line.text.startsWith("PROCESSING"));
  return { underWay };
}

/** In the order in which they happen: those to be killed last, so that none of them goes on before it is. */
export const leftBehind = {
  AGED: { args: permanent, status: "AGED", leave: age },
  "a Permanent picture": { args: permanent, status: "FINISH", leave: finish },
  "a Temporary picture": { args: temporary, status: "FINISH", leave: finish },
  "a picture of the second attempt": { args: permanent, status: "FINISH", leave: tryTwice },
  "a picture with a mediaName": { args: named, status: "FINISH", leave: finish },
  "a picture with a sessionId": { args: ownSession, status: "FINISH", leave: finish },
  "a picture of the second attempt with a sessionId": { args: ownSession, status: "FINISH", leave: tryTwice },
  "a Temporary picture with a sessionId": { args: { ...ownSession, ...temporary }, status: "FINISH", leave: finish },
  "a picture with a sessionId and a mediaName": { args: { ...ownSession, ...named }, status: "FINISH", leave: finish },
  "a lost request": { args: permanent, status: "UNKNOWN", leave: loseRequest },
  "a lost request with a sessionId": { args: ownSession, status: "UNKNOWN", leave: loseRequest },
  "a lost answer": { args: permanent, status: "UNKNOWN", leave: loseAnswer },
  "a lost answer, Temporary": { args: temporary, status: "UNKNOWN", leave: loseAnswer },
  "a lost answer with a mediaName": { args: named, status: "UNKNOWN", leave: loseAnswer },
  "a lost answer with a sessionId": { args: ownSession, status: "UNKNOWN", leave: loseAnswer },
  "a running task": { args: permanent, status: "PROCESSING", leave: stopWaiting },
  "a running task with a mediaName": { args: named, status: "PROCESSING", leave: stopWaiting },
  "a running task with a sessionId": { args: ownSession, status: "PROCESSING", leave: stopWaiting },
  "a task that failed for good": { args: permanent, status: "FAILED", leave: failForGood },
  "a task that failed for a passing cause": { args: permanent, status: "FAILED", leave: failOnce },
  "a task with a sessionId that failed for a passing cause": { args: ownSession, status: "FAILED", leave: failOnce },
  "killed while it ran": { args: permanent, status: undefined, leave: dieWhileRunning },
  "killed while it ran, with a mediaName": { args: named, status: undefined, leave: dieWhileRunning },
  "killed while it ran, with a sessionId": { args: ownSession, status: undefined, leave: dieWhileRunning },
  "killed before the answer": { args: permanent, status: undefined, leave: dieBeforeAnswer },
  "killed before the answer, Temporary": { args: temporary, status: undefined, leave: dieBeforeAnswer },
  "killed before the answer, with a mediaName": { args: named, status: undefined, leave: dieBeforeAnswer },
  "killed before the answer, with a sessionId": { args: ownSession, status: undefined, leave: dieBeforeAnswer },
  "killed before it arrived": { args: permanent, status: undefined, leave: dieBeforeSending },
} satisfies Record<string, LeftBehind>;

export type Left = keyof typeof leftBehind;

/** All of that, left behind in one world by processes of 0.1.0. */
export async function leaveAll(world: World): Promise<ReadonlyMap<Left, Hero>> {
  const heroes = new Map<Left, Hero>();
  const killed: (() => Promise<void>)[] = [];
  for (const [left, { args, status, leave }] of Object.entries(leftBehind) as [Left, LeftBehind][]) {
    const hero = new Hero(world, `hero-${heroes.size}`, args);
    heroes.set(left, hero);
    const still = await leave(hero);
    if (still) killed.push(() => hero.crash(still.underWay));
    expect(hero.outputs["status"], left).toBe(status);
  }
  await Promise.all(killed.map((kill) => kill()));
  world.emulator.clearFaults();
  // Every task has ended since.
  world.emulator.advance(901);
  return heroes;
}
