import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectLedger, openWorld, requests, type WorldOptions } from "../support/emulator";
import { startHost } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const create = "CreateAigcImageTask";
const usage = "DescribeAigcUsageData";
const limited = (most: number, options: WorldOptions = {}) =>
  openWorld({ ...options, config: { ...options.config, "tencent-aigc:maxImagesPerDay": String(most) } });
const another = (keeper: number) => picture({ keepers: { keeper } });

test("a loop of updates stops at maxImagesPerDay, and goes on a day later", async () => {
  const world = await limited(2);
  const hero = new Lifecycle(world);
  for (const keeper of [1, 2]) expect((await hero.up(another(keeper))).error).toBeUndefined();
  const { error } = await hero.up(another(3));
  expect(error).toContain("would be image 3 of the last 24 hours, and tencent-aigc:maxImagesPerDay allows 2");
  expect(error).toContain("Nothing was sent");
  expect(requests(world, create)).toBe(2);
  world.emulator.advance(24 * 3_600 + 60);
  await world.restart();
  expect((await hero.up(another(3))).error).toBeUndefined();
  expectLedger(world, { billed: 3, intended: 3 });
});

test("every image of a task counts", async () => {
  const world = await limited(3);
  const several = picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 2 } });
  expect((await new Lifecycle(world, "a").up(several)).error).toBeUndefined();
  expect((await new Lifecycle(world, "b").up(several)).error).toContain("would be image 4");
  expect((await new Lifecycle(world, "c").up(picture())).error).toBeUndefined();
  expectLedger(world, { billed: 2, intended: 3 });
});

describe("on a machine without a record", () => {
  test("the service's usage counts", async () => {
    const world = await limited(2);
    for (const keeper of [1, 2]) await new Lifecycle(world).up(another(keeper));
    await world.restart({ newMachine: true });
    const { error } = await new Lifecycle(world, "next").up(picture());
    expect(error).toContain("would be image 3 of the last 24 hours");
    expect(requests(world, usage)).toBe(2);
    expectLedger(world, { billed: 2, intended: 3 });
  });

  test("nothing is sent where the usage cannot be asked", async () => {
    const world = await limited(2);
    world.emulator.fault({ kind: "errorCode", action: usage, code: "UnauthorizedOperation", times: "always" });
    const { error } = await new Lifecycle(world).up(picture());
    expect(error).toContain(
      "So the images of the last 24 hours cannot be counted, and tencent-aigc:maxImagesPerDay is set",
    );
    expect(error).toContain("vod:DescribeAigcUsageData");
    expect(requests(world, create)).toBe(0);
    expectLedger(world, { billed: 0, intended: 1 });
  });
});

test("a repeat of a request without an answer is counted once", async () => {
  const world = await limited(1);
  const hero = new Lifecycle(world);
  world.emulator.fault({ kind: "gatewayError", action: create, times: "always" });
  await hero.up(picture());
  expect(hero.outputs["status"]).toBe("UNKNOWN");
  world.emulator.clearFaults();
  await world.restart();
  expect((await hero.up(picture())).error).toBeUndefined();
  expect(hero.outputs["status"]).toBe("FINISH");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("what the service refused, and what is found again, is not counted", async () => {
  const world = await limited(1);
  world.emulator.fault({ kind: "errorCode", action: create, code: "InvalidParameterValue.SubAppId" });
  expect((await new Lifecycle(world, "refused").up(picture({ prompt: "refused" }))).error).toBeDefined();
  const hero = new Lifecycle(world);
  expect((await hero.up(picture())).error).toBeUndefined();
  hero.state = undefined;
  await world.restart();
  expect((await hero.up(picture())).error).toBeUndefined();
  expectLedger(world, { billed: 1, intended: 2 });
});

test("two processes that begin at once do not pass it together", async () => {
  const world = await limited(3);
  const second = await startHost(world.settings());
  onTestFinished(() => second.kill());
  const worlds = [world, { ...world, host: async () => second }];
  const heroes = worlds.flatMap((each) => ["a", "b", "c", "d"].map((name) => new Lifecycle(each, name)));
  const results = await Promise.all(heroes.map((hero, index) => hero.up(another(index))));
  const refused = results.filter(
    ({ error }) => error?.includes("maxImagesPerDay") || error?.includes("for the same reason"),
  );
  expect(refused).toHaveLength(5);
  expectLedger(world, { billed: 3, intended: 8 });
});

test("a record that cannot be written sends nothing", async () => {
  const world = await limited(1);
  mkdirSync(world.journalDir(), { recursive: true });
  writeFileSync(join(world.journalDir(), "sent"), "in the way");
  const { error } = await new Lifecycle(world).up(picture());
  expect(error).toContain("The journal's directory cannot be used");
  expect(requests(world, create)).toBe(0);
  expectLedger(world, { billed: 0, intended: 1 });
});

test("what another process of this machine has sent counts beside the usage", async () => {
  const world = await limited(4, { config: { "tencent-aigc:maxConcurrentTasks": "10" } });
  for (const keeper of [1, 2]) await new Lifecycle(world).up(another(keeper));
  await world.restart({ newMachine: true });
  const second = await startHost(world.settings());
  onTestFinished(() => second.kill());
  // The usage lacks what is still running.
  world.emulator.fault({ kind: "stuck", seconds: 600, times: "always" });
  const running = (name: string) => picture({ prompt: name, waitForCompletion: false });
  const beside = { ...world, host: async () => second };
  expect((await new Lifecycle(world, "first").up(running("first"))).error).toBeUndefined();
  expect((await new Lifecycle(beside, "second").up(running("second"))).error).toBeUndefined();
  expect((await new Lifecycle(world, "third").up(running("third"))).error).toContain("would be image 5");
  world.emulator.advance(601);
  expectLedger(world, { billed: 4, intended: 5 });
});
