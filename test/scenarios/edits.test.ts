import { describe, expect, test } from "vitest";
import { expectBilled, openWorld, scenarioEngines } from "./world";

const hero = { subAppId: 251007502, modelName: "GG", modelVersion: "3.0", prompt: "a lighthouse at dawn" };
const temporary = { ...hero, outputConfig: { storageMode: "Temporary" } };
const create = "CreateAigcImageTask";
const hour = 3_600;
const day = 24 * hour;

describe.each(scenarioEngines)("on %s, an edit bills nothing twice", (engine) => {
  test("of `sessionId`, after an answer that was lost", async () => {
    const world = await openWorld(engine);
    world.emulator.behaviour({ tasksInListing: false });
    world.emulator.fault({ kind: "acceptThenReset", action: create, times: "always" });
    world.declare({ name: "hero", args: { ...temporary, sessionId: "first" } });
    await world.failing("up");
    expect((await world.resources())[0]?.outputs?.["status"]).toBe("UNKNOWN");
    world.emulator.clearFaults();
    world.emulator.behaviour({ tasksInListing: true });
    world.declare({ name: "hero", args: { ...temporary, sessionId: "second" } });
    await world.setConfig("tencent-aigc:maxImagesPerUpdate", "0");
    const refused = await world.failing("up");
    expect(refused).toContain("maxImagesPerUpdate");
    await world.setConfig("tencent-aigc:maxImagesPerUpdate", "1");
    const { outputs } = await world.up();
    expect(outputs["hero"]).toMatchObject({ status: "FINISH", taskId: world.emulator.ledger().tasks[0]?.taskId });
    expectBilled(world.emulator, 1);
  });

  test("of `mediaName`, after a destroy and four days", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    await world.up();
    await world.destroy();
    world.emulator.advance(4 * day);
    world.declare({ name: "hero", args: { ...hero, outputConfig: { mediaName: "lighthouse" } } });
    const { outputs } = await world.up();
    expect(outputs["hero"]).toMatchObject({ status: "FINISH" });
    expect((await world.up()).changes).toEqual({ same: 2 });
    expectBilled(world.emulator, 1);
  });

  test("by an `expireTime` that has passed, in five nights of refresh and up", async () => {
    const world = await openWorld(engine);
    const expireTime = new Date(Date.now() + 20 * hour * 1000).toISOString();
    world.declare({ name: "hero", args: { ...hero, outputConfig: { expireTime } } });
    await world.up();
    for (let night = 1; night <= 5; night++) {
      world.emulator.advance(day);
      world.replaceMachine();
      await world.refresh();
      const { changes } = await world.up();
      expect(changes).toEqual({ same: 2 });
    }
    expectBilled(world.emulator, 1);
  });
});
