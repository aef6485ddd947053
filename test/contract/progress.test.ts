import { expect, test } from "vitest";
import { expectLedger, openWorld, requests, tasks } from "../support/emulator";
import { startEngine } from "../support/engine";
import { registered, startHost, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const create = "CreateAigcImageTask";

test("a row tells the place in the queue, the submit, how far the task is, and in the end its images and TaskId", async () => {
  const world = await openWorld();
  world.emulator.fault({ kind: "stuck", seconds: 10_000, times: "always" });
  const [one, two, three] = ["one", "two", "three"].map((name) => new Lifecycle(world, name)) as Lifecycle[];
  const ups: Promise<unknown>[] = [];
  for (const [index, hero] of [one, two, three].entries()) {
    ups.push((hero as Lifecycle).up(picture({ timeoutSeconds: 100_000 })));
    await hero?.row([/^submitting$/, /^queued$/, /^queued, 1 in front$/][index] as RegExp);
  }
  for (const hero of [one, two, three]) {
    await hero?.row(/^PROCESSING( 0 %)?, task /);
    world.emulator.advance(5_000);
    await hero?.row(/^PROCESSING 50 %, task /);
    world.emulator.advance(5_000);
    await hero?.row(/^done, 1 image, task /);
  }
  await Promise.all(ups);
  const { engine } = await world.host();
  const steps = engine.rows(three?.urn).map((text) => text.replace(/ task .*/, "").replace(/ \d+ %,/, ","));
  expect(steps.filter((text, index) => text !== steps[index - 1])).toEqual([
    "bills up to 1 image, GG 2.5",
    "queued, 1 in front",
    "queued",
    "submitting",
    "PROCESSING,",
    "done, 1 image,",
  ]);
  expect(engine.rows(three?.urn).at(-1)).toContain(tasks(world)[2]?.taskId);
  expect(
    engine.lines.filter(({ ephemeral }) => !ephemeral),
    "nothing of it stays in the log",
  ).toEqual([]);
  expectLedger(world, { billed: 3, intended: 3 });
});

test("a long queue is told in few words: a place only when a third of the one told before is left", async () => {
  const world = await openWorld();
  const heroes = Array.from({ length: 20 }, (_, index) => new Lifecycle(world, `picture-${index}`));
  world.emulator.fault({ kind: "stuck", seconds: 1_000 });
  const first = heroes[0]?.up(picture());
  await heroes[0]?.row(/^PROCESSING/);
  const rest = Promise.all(heroes.slice(1).map((hero) => hero.up(picture())));
  const { engine } = await world.host();
  await engine.seen(({ text }) => text === "queued, 18 in front");
  world.emulator.advance(1_000);
  await first;
  await rest;
  const last = engine.lines.find(({ text }) => text === "queued, 18 in front")?.urn;
  const places = engine.rows(last).filter((text) => text.startsWith("queued"));
  expect(places).toEqual(["queued, 18 in front", "queued, 6 in front", "queued, 2 in front", "queued"]);
  expectLedger(world, { billed: 20, intended: 20 });
});

test("a task that is looked at again and again tells its row only what is new", async () => {
  const world = await openWorld();
  world.emulator.fault({ kind: "stuck", seconds: 1_000 });
  const hero = new Lifecycle(world, "hero");
  const creating = hero.up(picture({ timeoutSeconds: 100_000 }));
  const looks = () => requests(world, "DescribeTaskDetail");
  await world.emulator.waitUntil((ledger) => (ledger.requests["DescribeTaskDetail"] ?? 0) >= 8);
  const told = (await world.host()).engine.rows(hero.urn).filter((text) => text.startsWith("PROCESSING"));
  expect(looks()).toBeGreaterThanOrEqual(8);
  expect(told).toEqual([...new Set(told)]);
  world.emulator.advance(1_000);
  await creating;
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a log without a terminal stays short: few lines for a task of 8 s, and for 20 of them", async () => {
  // To the provider, whose waits are divided by 20, a task takes 8 s.
  const world = await openWorld({ speed: 20, emulator: { taskSeconds: 0.4 } });
  const heroes = Array.from({ length: 20 }, (_, index) => new Lifecycle(world, `picture-${index}`));
  await Promise.all(heroes.map((hero) => hero.up(picture())));
  const { engine } = await world.host();
  for (const { urn } of heroes) {
    const told = engine.rows(urn);
    expect(told.filter((text) => text.startsWith("PROCESSING")).length).toBeLessThanOrEqual(3);
    expect(told.at(-1)).toMatch(/^done/);
  }
  expect(engine.lines.filter(({ urn }) => urn?.includes("picture-")).length).toBeLessThanOrEqual(20 * 9);
  expectLedger(world, { billed: 20, intended: 20 });
});

test("where no engine listens, a picture is made all the same, and nothing is printed", async () => {
  const world = await openWorld();
  const engine = await startEngine();
  engine.stop();
  const host = await startHost({ ...world.settings(), engine });
  const { inputs } = await host.check({}, registered(urnOf("hero"), picture()));
  const { properties } = await host.create(inputs);
  expect(properties["status"]).toBe("FINISH");
  expect(host.output()).toBe("");
  expect(requests(world, create)).toBe(1);
  expectLedger(world, { billed: 1, intended: 1 });
});
