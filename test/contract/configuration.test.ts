import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { expectLedger, openWorld, requests, tasks } from "../support/emulator";
import { startEngine } from "../support/engine";
import { registered, startHost, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

test("two hundred creates right after the configuration all see it, and each is billed once", async () => {
  const world = await openWorld({
    // Time enough for an answer, also on a busy machine.
    speed: 5,
    config: {
      "tencent-aigc:maxConcurrentTasks": "1000",
      "tencent-aigc:requestsPerSecond": "1000",
      "tencent-aigc:maxImagesPerUpdate": "200",
      "tencent-aigc:subAppId": "1500000001",
    },
    env: { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SECRET_KEY: undefined },
  });
  const { emulator } = world;
  const { config, env } = world.settings();
  const keys = { "tencent-aigc:secretId": emulator.secretId, "tencent-aigc:secretKey": emulator.secretKey };
  await world.restart({ config: keys, env: {} });
  expect(config).not.toHaveProperty("tencent-aigc:secretId");
  expect(env).not.toHaveProperty("TENCENTCLOUD_SECRET_ID");
  const { subAppId: _, ...args } = picture();
  const host = await world.host();
  const created = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const { inputs, failures } = await host.check({}, registered(urnOf(`picture-${index}`), args));
      expect(failures).toEqual([]);
      return host.create(inputs);
    }),
  );
  expect(new Set(created.map(({ id }) => id)).size).toBe(200);
  expect(tasks(emulator).every(({ subAppId }) => subAppId === 1500000001)).toBe(true);
  expectLedger(emulator, { billed: 200, intended: 200 });
});

test("preview, unchanged resources and delete need no credentials and send nothing", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  const before = requests(world.emulator);
  await world.restart({ env: { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SECRET_KEY: undefined } });
  expect((await new Lifecycle(world, "new").preview(picture())).operation).toBe("create");
  expect((await hero.preview(picture({ prompt: "another" }))).operation).toBe("replace");
  expect((await hero.up(picture())).operation).toBe("same");
  await hero.destroy();
  expect(hero.state).toBeUndefined();
  expect(requests(world.emulator)).toBe(before);
  expectLedger(world.emulator, { billed: 1, intended: 1 });
});

test("without credentials nothing is sent, and the error names the three places for them", async () => {
  const world = await openWorld({ env: { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SECRET_KEY: undefined } });
  const hero = new Lifecycle(world);
  const { error = "" } = await hero.up(picture());
  for (const place of ["tencent-aigc:secretId", "TENCENTCLOUD_SECRET_ID", ".tencentcloud/credentials"]) {
    expect(error).toContain(place);
  }
  expect(hero.state).toBeUndefined();
  expect(requests(world.emulator)).toBe(0);
  expectLedger(world.emulator, { billed: 0, intended: 1 });
});

test("a wrong key is refused once, said so, and shown nowhere", async () => {
  const key = "not-the-key-of-this-account";
  const world = await openWorld({ env: { TENCENTCLOUD_SECRET_KEY: key } });
  const hero = new Lifecycle(world);
  const { error = "" } = await hero.up(picture());
  expect(error).toContain("AuthFailure.SignatureFailure");
  expect(error).toContain("config of the last");
  expect(hero.state).toBeUndefined();
  expect(requests(world.emulator)).toBe(1);
  const { engine, output } = await world.host();
  expect(JSON.stringify([error, engine.lines, output()])).not.toContain(key);
  expectLedger(world.emulator, { billed: 0, intended: 1 });
});

test("destroy works whatever the settings are", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  await world.restart({ config: { "tencent-aigc:maxConcurrentTasks": "none" } });
  await hero.destroy();
  expect(hero.state).toBeUndefined();
  expectLedger(world.emulator, { billed: 1, intended: 1 });
});

test("a wrong setting fails at preview and names its key, what is allowed and the command", async () => {
  const world = await openWorld({ config: { "tencent-aigc:maxConcurrentTasks": "none" } });
  const { failures } = await new Lifecycle(world).preview(picture());
  expect(failures.map(({ reason }) => reason).join()).toMatch(
    /tencent-aigc:maxConcurrentTasks must be a whole number from 1 to 1000.*pulumi config set tencent-aigc:maxConcurrentTasks/,
  );
  expect(requests(world.emulator)).toBe(0);
});

test("state written by a process at one working directory has no path of it", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  const state = JSON.stringify(hero.state);
  for (const path of [process.cwd(), world.journalDir(), require.resolve("@pulumi/pulumi")]) {
    expect(state).not.toContain(path);
  }
  expectLedger(world.emulator, { billed: 1, intended: 1 });
});

test("an engine that never answers holds nothing up", async () => {
  const world = await openWorld();
  const { config, env } = world.settings();
  const engine = await startEngine();
  engine.stop();
  const host = await startHost({ config, env, engine });
  const { inputs } = await host.check({}, registered(urnOf("quiet"), picture()));
  const { id } = await host.create(inputs);
  expect(id).toBe(tasks(world.emulator)[0]?.taskId);
  await host.kill();
  expectLedger(world.emulator, { billed: 1, intended: 1 });
});

test("the built package is what the host loads, and its map of exports has that path", async () => {
  const { exports } = JSON.parse(await readFile(require.resolve("../../package.json"), "utf8"));
  expect(exports["./handler"]).toMatchObject({ default: "./dist/provider/dynamic/handler.js" });
});
