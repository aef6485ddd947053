import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { expectLedger, openWorld, type World } from "../support/emulator";
import { type EngineServer, startEngine } from "../support/engine";
import { type Host, type Properties, registered, startHost, testDynamic, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";
import { startPausableEngine } from "../support/pausableEngine";

const stack = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
const hunyuan = { modelName: "Hunyuan", modelVersion: "3.0" };

/** Lines that stay of the stack. */
const told = (engine: EngineServer) =>
  engine.lines.filter(({ ephemeral, urn }) => !ephemeral && urn === stack).map(({ text }) => text);

const named = (name: string, changes: Properties = {}) => registered(urnOf(name), picture(changes));
const inPreview = (name: string, changes: Properties = {}) => ({ ...named(name, changes), isPreview: true });
const inUpdate = (name: string, changes: Properties = {}) => ({ ...named(name, changes), isPreview: false });

/** Provider processes of one operation: an explicit provider starts a further one. */
async function twoHosts(world: World): Promise<[Host, Host]> {
  const directory = mkdtempSync(join(tmpdir(), "aigc-bill-"));
  const engine = await startEngine();
  const { config, env } = world.settings();
  const start = () => startHost({ config, engine, env: { ...env, TMPDIR: directory } });
  const hosts: [Host, Host] = [await start(), await start()];
  onTestFinished(async () => {
    await Promise.all(hosts.map((host) => host.kill()));
    engine.stop();
    rmSync(directory, { recursive: true });
  });
  return hosts;
}

test("the end of a preview tells once how many images it bills, by model", async () => {
  const world = await openWorld({ config: { "tencent-aigc:maxImagesPerUpdate": "20" } });
  const host = await world.host();
  for (const name of ["a", "b", "c"]) await host.check({}, inPreview(name));
  await host.check({}, inPreview("d", hunyuan));
  expect(told(host.engine)).toEqual([]);
  await host.cancel();
  expect(told(host.engine)).toEqual(["bills up to 4 images (GG 2.5 × 3, Hunyuan 3.0 × 1)"]);
  await host.cancel();
  expect(told(host.engine)).toHaveLength(1);
  expectLedger(world, { billed: 0, intended: 4 });
});

test("nothing to bill is told too", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  await world.restart();
  const host = await world.host();
  await hero.preview(picture());
  await host.cancel();
  expect(told(host.engine)).toEqual(["bills nothing"]);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a refused preview tells that it bills nothing, and what it would bill", async () => {
  const world = await openWorld({ config: { "tencent-aigc:maxImagesPerUpdate": "1" } });
  const host = await world.host();
  await host.check({}, inPreview("a"));
  expect((await host.check({}, inPreview("b"))).failures).toHaveLength(1);
  await host.cancel();
  expect(told(host.engine)).toEqual(["refused, bills nothing; it would bill up to 2 images (GG 2.5 × 2)"]);
  expectLedger(world, { billed: 0, intended: 2 });
});

test("a refresh and a destroy tell nothing", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  for (const verb of ["refresh", "destroy"] as const) {
    await world.restart();
    await hero[verb]();
    const host = await world.host();
    await host.cancel();
    expect(told(host.engine)).toEqual([]);
  }
  expectLedger(world, { billed: 1, intended: 1 });
});

test("the end of an update tells what was billed, reused, and is still running", async () => {
  const world = await openWorld({ config: { "tencent-aigc:maxConcurrentTasks": "10" } });
  const before = await world.host();
  const { inputs: first } = await before.check({}, inUpdate("reused"));
  await before.create(first);
  await world.restart();
  const host = await world.host();
  await host.create((await host.check({}, inUpdate("reused"))).inputs);
  await host.create((await host.check({}, inUpdate("new"))).inputs);
  world.emulator.fault({ kind: "stuck", seconds: 1_000, times: 2 });
  for (const name of ["slow", "slower"]) {
    await host.create((await host.check({}, inUpdate(name, { waitForCompletion: false }))).inputs);
  }
  await host.cancel();
  expect(told(host.engine)).toEqual(["billed 1 image, 1 reused, 2 still running"]);
  world.emulator.advance(1_001);
  expectLedger(world, { billed: 4, intended: 4 });
});

// A plugin learns of an update only by what it makes.
testDynamic("an update that could send nothing has billed nothing, whatever was announced", async () => {
  const world = await openWorld();
  const host = await world.host();
  await host.check({}, inUpdate("a"));
  await host.cancel();
  expect(told(host.engine)).toEqual(["billed nothing"]);
  expectLedger(world, { billed: 0, intended: 1 });
});

test("a picture that was running is told as billed by the update that sees it end", async () => {
  const world = await openWorld();
  world.emulator.fault({ kind: "stuck", seconds: 1_000 });
  const hero = new Lifecycle(world);
  await hero.up(picture({ timeoutSeconds: 20 }));
  let host = await world.host();
  await host.cancel();
  expect(told(host.engine)).toEqual(["billed nothing, 1 still running"]);
  await world.restart();
  world.emulator.advance(1_001);
  await hero.up(picture({ timeoutSeconds: 20 }));
  host = await world.host();
  await host.cancel();
  expect(told(host.engine)).toEqual(["billed 1 image"]);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a picture that failed, and one whose outcome is not known, are told as what they are", async () => {
  const world = await openWorld();
  const [failed, unknown] = [new Lifecycle(world, "failed"), new Lifecycle(world, "unknown")];
  world.emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed" });
  await failed.up(picture());
  world.emulator.fault({ kind: "refuseConnection", action: "CreateAigcImageTask", times: "always" });
  await unknown.up(picture({ timeoutSeconds: 30 }));
  const host = await world.host();
  await host.cancel();
  expect(told(host.engine)).toEqual(["billed nothing, 1 failed, 1 not known: may have been billed"]);
  expectLedger(world, { billed: 0, intended: 2 });
});

test("^C tells what was billed until then, and the end of the update nothing again", async () => {
  const world = await openWorld({ speed: 1 });
  const hero = new Lifecycle(world, "made");
  await hero.up(picture());
  world.emulator.fault({ kind: "stuck", seconds: 600 });
  const under = new Lifecycle(world, "slow").up(picture());
  const host = await world.host();
  await host.engine.seen(({ text }) => text.startsWith("PROCESSING"));
  await host.cancel();
  expect(told(host.engine)).toEqual(["cancelled: billed 1 image, 1 still running"]);
  await under;
  await host.cancel();
  expect(told(host.engine)).toHaveLength(1);
  world.emulator.advance(601);
  expectLedger(world, { billed: 2, intended: 2 });
});

test.each([
  [
    "one after the other",
    async (hosts: readonly Host[]) => {
      for (const host of hosts) await host.cancel();
    },
  ],
  [
    "at once",
    async (hosts: readonly Host[]) => {
      await Promise.all(hosts.map((host) => host.cancel()));
    },
  ],
] as const)("two provider processes that hear the end %s tell one bill, with the pictures of both", async (_, end) => {
  const world = await openWorld();
  const [one, two] = await twoHosts(world);
  await one.check({}, inPreview("a"));
  await two.check({}, inPreview("b", hunyuan));
  await end([one, two]);
  expect(told(one.engine)).toEqual(["bills up to 2 images (GG 2.5 × 1, Hunyuan 3.0 × 1)"]);
  await end([two, one]);
  expect(told(one.engine)).toHaveLength(1);
  expectLedger(world, { billed: 0, intended: 2 });
});

test("a provider process that was killed is not waited for", async () => {
  const world = await openWorld();
  const [one, two] = await twoHosts(world);
  await one.check({}, inPreview("a"));
  await two.check({}, inPreview("b"));
  await one.kill();
  await two.cancel();
  expect(told(two.engine)).toEqual(["bills up to 2 images (GG 2.5 × 2)"]);
  expectLedger(world, { billed: 0, intended: 2 });
});

test("^C with one process at work and one idle tells the whole bill at the end", async () => {
  const world = await openWorld({ speed: 1 });
  const [busy, idle] = await twoHosts(world);
  await idle.check({}, inUpdate("refused"));
  world.emulator.fault({ kind: "stuck", seconds: 600 });
  const creating = busy.create((await busy.check({}, inUpdate("slow"))).inputs).catch(() => {});
  await busy.engine.seen(({ text }) => text.startsWith("PROCESSING"));
  await Promise.all([idle.cancel(), busy.cancel()]);
  await creating;
  await Promise.all([idle.cancel(), busy.cancel()]);
  expect(told(busy.engine).at(-1)).toContain("billed nothing, 1 still running");
  world.emulator.advance(601);
  expectLedger(world, { billed: 1, intended: 2 });
});

test("an engine that takes no line holds the answer to a Cancel for a second at most", async () => {
  const world = await openWorld();
  const engine = await startPausableEngine();
  const host = await startHost({ ...world.settings(), engine });
  await host.check({}, inPreview("a"));
  engine.pause();
  const began = performance.now();
  await host.cancel();
  const took = performance.now() - began;
  expect(took).toBeGreaterThan(900);
  expect(took).toBeLessThan(3_000);
  await host.kill();
  engine.stop();
  expectLedger(world, { billed: 0, intended: 1 });
});

testDynamic(
  "a Node that tells of no Cancel: each picture's line stays, with the sum until then, and what became of it",
  async () => {
    const world = await openWorld();
    const { config, env } = world.settings();
    const deaf = join(__dirname, "..", "support", "deafNode.cjs");
    const host = await startHost({ config, env: { ...env, NODE_OPTIONS: `--require ${deaf}` } });
    await host.check({}, inUpdate("a"));
    const { inputs } = await host.check({}, inUpdate("b"));
    await host.create(inputs);
    await host.cancel();
    expect(host.engine.lines.filter(({ ephemeral }) => !ephemeral).map(({ urn, text }) => [urn, text])).toEqual([
      [urnOf("a"), "bills up to 1 image, GG 2.5; all pictures until now: up to 1 image"],
      [urnOf("b"), "bills up to 1 image, GG 2.5; all pictures until now: up to 2 images"],
      [urnOf("b"), "billed 1 image"],
    ]);
    await host.kill();
    expectLedger(world, { billed: 1, intended: 2 });
  },
);
