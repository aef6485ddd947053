import { expect, test } from "vitest";
import { expectLedger, openWorld, requests, type World } from "../support/emulator";
import { type Properties, registered, servedBy, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const looking = { "tencent-aigc:lookInPreview": "true" };
const inPreview = (name: string, changes: Properties = {}) => ({
  ...registered(urnOf(name), picture(changes)),
  isPreview: true,
});

/** What the rows, and the line that stays, say of a preview of what is in no state. */
async function preview(world: World, ...names: string[]) {
  await world.restart();
  const host = await world.host();
  const failures = [];
  for (const name of names) failures.push(...(await host.check({}, inPreview(name))).failures);
  await host.cancel();
  const texts = host.engine.lines.filter(({ ephemeral }) => !ephemeral).map(({ text }) => text);
  return { failures, rows: host.engine.rows(), texts };
}

async function made(world: World, ...names: string[]): Promise<void> {
  for (const name of names) await new Lifecycle(world, name).up(picture());
}

test("tells what will be reused, and bills only the rest", async () => {
  const world = await openWorld({ config: { ...looking, "tencent-aigc:maxImagesPerUpdate": "2" } });
  await made(world, "a", "b");
  world.emulator.advance(4 * 24 * 3_600);
  await world.restart({ newMachine: true });
  const before = requests(world, "CreateAigcImageTask");
  const { failures, rows, texts } = await preview(world, "a", "b", "new");
  expect(failures).toEqual([]);
  expect(rows.filter((text) => text === "is there already, bills nothing")).toHaveLength(2);
  expect(texts).toContain("bills up to 1 image (GG 2.5 × 1), 2 reused");
  expect(requests(world, "CreateAigcImageTask")).toBe(before);
  await world.restart();
  for (const name of ["a", "b"]) expect((await new Lifecycle(world, name).up(picture())).error).toBeUndefined();
  expectLedger(world, { billed: 2, intended: 3 });
});

test("the guard counts only what is not there", async () => {
  const world = await openWorld({ config: looking });
  await made(world, "a");
  await world.restart({ config: { "tencent-aigc:maxImagesPerUpdate": "0" } });
  expect((await preview(world, "a")).failures).toEqual([]);
  expect((await preview(world, "a", "new")).failures).toHaveLength(1);
  await world.restart();
  const inUpdate = { ...inPreview("a"), isPreview: false };
  expect((await (await world.host()).check({}, inUpdate)).failures).toEqual([]);
  expect((await new Lifecycle(world, "a").up(picture())).error).toBeUndefined();
  expectLedger(world, { billed: 1, intended: 2 });
});

test("a service that cannot be asked reuses nothing, and says so", async () => {
  const world = await openWorld({ config: looking });
  await made(world, "a");
  await world.restart({ newMachine: true });
  world.emulator.fault({ kind: "errorCode", action: "SearchMedia", code: "UnauthorizedOperation", times: "always" });
  const { failures, rows, texts } = await preview(world, "a");
  expect(failures).toEqual([]);
  expect(rows.join()).toContain("bills up to 1 image, GG 2.5; the service could not be asked what is there already");
  expect(texts).toContain("bills up to 1 image (GG 2.5 × 1)");
  world.emulator.clearFaults();
  expectLedger(world, { billed: 1, intended: 1 });
});

test("without the setting a preview asks nothing", async () => {
  const world = await openWorld();
  await made(world, "a");
  const before = requests(world);
  expect((await preview(world, "a")).texts).toContain("bills up to 1 image (GG 2.5 × 1)");
  expect(requests(world)).toBe(before);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a running task is reused; one that failed for a passing cause is not", async () => {
  const world = await openWorld({ config: looking });
  world.emulator.fault({ kind: "stuck", seconds: 600 });
  await new Lifecycle(world, "runs").up(picture({ waitForCompletion: false }));
  world.emulator.fault({ kind: "taskFails", errCodeExt: "InternalError" });
  await new Lifecycle(world, "failed").up(picture());
  expect((await preview(world, "runs", "failed")).texts).toContain("bills up to 1 image (GG 2.5 × 1), 1 reused");
  world.emulator.advance(601);
  expectLedger(world, { billed: 1, intended: 2 });
});

test("an update tells as reused what its create has taken, not what its check has found", async () => {
  const world = await openWorld({ config: looking });
  await made(world, "a");
  await world.restart();
  const host = await world.host();
  await host.check({}, { ...inPreview("a"), isPreview: false });
  await host.cancel();
  // A plugin learns of an update only by what it makes.
  const nothing = servedBy === "plugin" ? "bills nothing" : "billed nothing";
  expect(host.engine.lines.filter(({ ephemeral }) => !ephemeral).map(({ text }) => text)).toContain(nothing);
  expectLedger(world, { billed: 1, intended: 1 });
});
