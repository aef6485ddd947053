import { describe, expect, test } from "vitest";
import { expectLedger, openWorld, requests, tasks } from "../support/emulator";
import { registered, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const create = "CreateAigcImageTask";
const temporary = picture({ outputConfig: { storageMode: "Temporary" } });
const several = picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 3 } });

describe("the spend guard", () => {
  test("fails a preview that would bill more images than allowed, and names the setting", async () => {
    const world = await openWorld({ config: { "tencent-aigc:maxImagesPerUpdate": "4" } });
    expect((await new Lifecycle(world, "one").preview(several)).failures).toEqual([]);
    const { failures } = await new Lifecycle(world, "two").preview(several);
    expect(failures.map(({ reason }) => reason).join()).toMatch(
      /image 6 of this update.*maxImagesPerUpdate allows 4.*pulumi config set tencent-aigc:maxImagesPerUpdate 6/,
    );
    expect(requests(world)).toBe(0);
  });

  test("counts a resource once, however often it is checked", async () => {
    const world = await openWorld({ config: { "tencent-aigc:maxImagesPerUpdate": "3" } });
    const hero = new Lifecycle(world);
    await hero.preview(several);
    await hero.preview(several);
    expect((await hero.up(several)).failures).toEqual([]);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("counts what is replaced, and not what stays", async () => {
    const world = await openWorld({ config: { "tencent-aigc:maxImagesPerUpdate": "3" } });
    const hero = new Lifecycle(world);
    await hero.up(several);
    await world.restart({ config: { "tencent-aigc:maxImagesPerUpdate": "2" } });
    expect((await hero.preview(several)).operation).toBe("same");
    const { failures } = await hero.preview({ ...several, prompt: "a harbour" });
    expect(failures.map(({ reason }) => reason).join()).toContain("image 3 of this update");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("stops what no preview could foresee, at the submit, unbilled", async () => {
    const world = await openWorld({ config: { "tencent-aigc:maxImagesPerUpdate": "4" } });
    const host = await world.host();
    const checked = await Promise.all(
      ["one", "two"].map((name) => host.check({}, registered(urnOf(name), temporary)).then(({ inputs }) => inputs)),
    );
    // What only becomes known in the update itself was counted as one image.
    const [one, two] = checked.map((inputs) => ({ ...inputs, ...several, outputConfig: several["outputConfig"] }));
    await host.create({ ...one });
    await expect(host.create({ ...two })).rejects.toThrow(/maxImagesPerUpdate allows 4.*Nothing was sent/);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("counts the retries of what failed", async () => {
    const world = await openWorld({ config: { "tencent-aigc:maxImagesPerUpdate": "1" } });
    const [one, two] = [new Lifecycle(world, "one"), new Lifecycle(world, "two")];
    world.emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed", times: 2 });
    await one.up(picture());
    await world.restart();
    await two.up(picture());
    await world.restart();
    expect((await one.preview(picture())).operation).toBe("update");
    await expect(two.preview(picture())).rejects.toThrow("image 2 of this update");
    expectLedger(world, { billed: 0, intended: 2 });
  });

  test("0 allows nothing but what is found or taken over", async () => {
    const world = await openWorld();
    const hero = new Lifecycle(world);
    await hero.up(picture());
    const { taskId } = hero.outputs;
    await world.restart({ config: { "tencent-aigc:maxImagesPerUpdate": "0" } });
    expect((await new Lifecycle(world, "new").preview(picture())).failures).toHaveLength(1);
    const heir = new Lifecycle(world, "heir");
    expect((await heir.up(picture({ adoptTaskId: taskId }))).failures).toEqual([]);
    expect(heir.outputs["taskId"]).toBe(taskId);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("tasks at once", () => {
  test("five resources with a concurrency of 1: never two at the service, and none fails", async () => {
    const world = await openWorld({ emulator: { concurrency: 1 } });
    // Were there ever a second one, the service would let it fail.
    world.emulator.behaviour({ overConcurrency: "failed" });
    const heroes = ["a", "b", "c", "d", "e"].map((name) => new Lifecycle(world, name));
    const results = await Promise.all(heroes.map((hero) => hero.up(picture())));
    expect(results.flatMap(({ reasons }) => reasons)).toEqual([]);
    expect(tasks(world)).toHaveLength(5);
    expectLedger(world, { billed: 5, intended: 5 });
  });

  test("a queue longer than the deadline loses nobody", async () => {
    // Each task takes 20 s and each resource waits 100 s for its own; the last one is served after 160 s.
    const world = await openWorld({ speed: 50, emulator: { concurrency: 1, taskSeconds: 0.4 } });
    const heroes = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => new Lifecycle(world, name));
    const results = await Promise.all(heroes.map((hero) => hero.up(picture({ timeoutSeconds: 100 }))));
    expect(results.flatMap(({ reasons, error }) => [...reasons, error]).filter(Boolean)).toEqual([]);
    expectLedger(world, { billed: 8, intended: 8 });
  });

  test.each(["failed", "refused"] as const)(
    "a quota smaller than what is configured (%s): fewer are sent at a time, until the service runs them all",
    async (overConcurrency) => {
      const config = { "tencent-aigc:maxConcurrentTasks": "30", "tencent-aigc:maxImagesPerUpdate": "30" };
      const world = await openWorld({ speed: 50, config, emulator: { concurrency: 3, taskSeconds: 0.2 } });
      world.emulator.behaviour({ overConcurrency });
      const heroes = Array.from({ length: 30 }, (_, index) => new Lifecycle(world, `picture-${index}`));
      const results = await Promise.all(heroes.map((hero) => hero.up(picture())));
      expect(results.flatMap(({ reasons, error }) => [...reasons, error]).filter(Boolean)).toEqual([]);
      // Were as many sent again each time, each picture would take a dozen requests. The spend guard counts pictures.
      expect(requests(world, create)).toBeLessThan(30 * 5);
      expectLedger(world, { billed: 30, intended: 30 });
    },
  );

  test("a task that never ends holds its slot past the deadline; who waits behind it gives up, unbilled", async () => {
    const world = await openWorld();
    world.emulator.fault({ kind: "stuck", seconds: 9_000 });
    const args = picture({ timeoutSeconds: 20 });
    const [one, two] = [new Lifecycle(world, "one"), new Lifecycle(world, "two")];
    const first = one.up(args);
    await world.emulator.waitUntil((ledger) => ledger.tasks.length === 1);
    const { error = "" } = await two.up(args);
    expect((await first).reasons).toHaveLength(1);
    expect(error).toContain(String(one.state?.id));
    expect(error).toMatch(/nothing is billed/);
    expect(two.state).toBeUndefined();
    expect(requests(world, create)).toBe(1);
    world.emulator.advance(10_000);
    await one.up(args);
    await two.up(args);
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("a slot is free again once its task has ended, however late", async () => {
    const world = await openWorld();
    world.emulator.fault({ kind: "stuck", seconds: 9_000 });
    const [one, two] = [new Lifecycle(world, "one"), new Lifecycle(world, "two")];
    await one.up(picture({ timeoutSeconds: 20 }));
    const waiting = two.up(picture({ timeoutSeconds: 3_600 }));
    await (await world.host()).engine.seen((line) => line.urn === two.urn && line.text.startsWith("queued"));
    expect(requests(world, create)).toBe(1);
    world.emulator.advance(10_000);
    expect((await waiting).error).toBeUndefined();
    await one.up(picture({ timeoutSeconds: 20 }));
    expectLedger(world, { billed: 2, intended: 2 });
  });
});

describe("a dead CLI", () => {
  test("stops spending: nothing is sent once the engine is gone, and the process ends by itself", async () => {
    const world = await openWorld();
    const host = await world.host();
    const hero = new Lifecycle(world);
    await hero.up(picture());
    const { inputs } = await host.check({}, registered(urnOf("orphaned"), picture()));
    host.engine.stop();
    await expect(host.create(inputs)).rejects.toThrow(/engine that asked for this picture is gone.*Nothing was sent/);
    expect(requests(world, create)).toBe(1);
    await host.exited;
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("does not stop a task that was accepted: it is in the journal for the next `up`", async () => {
    const world = await openWorld();
    const hero = new Lifecycle(world);
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    const host = await world.host();
    const creating = hero.up(temporary);
    await host.engine.seen((line) => line.text.startsWith("PROCESSING"));
    host.engine.stop();
    world.emulator.advance(1000);
    // Its answer reaches nobody's state.
    await creating;
    hero.state = undefined;
    await world.restart();
    await hero.up(temporary);
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});
