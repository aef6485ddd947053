import { appendFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { engines, expectBilled, openWorld, type World } from "./world";

const hero = { subAppId: 251007502, modelName: "GG", modelVersion: "3.0", prompt: "a lighthouse at dawn" };
const temporary = { ...hero, outputConfig: { storageMode: "Temporary" } };
const create = "CreateAigcImageTask";
const hour = 3_600;
const day = 24 * hour;

/** Names the file to which each step is written, for a look at what a user sees. */
const transcript = process.env["AIGC_TRANSCRIPT"];

function tell(world: World, step: string, text = ""): void {
  if (transcript === undefined) return;
  const { billed, requests } = world.emulator.ledger();
  const rows = text.split("\n").filter((line) => /AigcImageTask|error|bills|forgotten/.test(line));
  const told = rows.map((row) => `    ${row.trim()}\n`).join("");
  appendFileSync(transcript, `${step}: ${requests[create] ?? 0} submits, ${billed} billed\n${told}`);
}

describe.each(engines)("on %s, an edit bills nothing twice", (engine) => {
  test("of `sessionId`, after an answer that was lost", async () => {
    const world = await openWorld(engine);
    world.emulator.behaviour({ tasksInListing: false });
    world.emulator.fault({ kind: "acceptThenReset", action: create, times: "always" });
    world.declare({ name: "hero", args: { ...temporary, sessionId: "first" } });
    const lost = await world.failing("up");
    tell(world, "A1 up, every answer lost", lost);
    expect((await world.resources())[0]?.outputs?.["status"]).toBe("UNKNOWN");
    world.emulator.clearFaults();
    world.emulator.behaviour({ tasksInListing: true });
    world.declare({ name: "hero", args: { ...temporary, sessionId: "second" } });
    await world.setConfig("tencent-aigc:maxImagesPerUpdate", "0");
    const refused = await world.failing("up");
    tell(world, "A1 sessionId edited, up with maxImagesPerUpdate 0", refused);
    expect(refused).toContain("maxImagesPerUpdate");
    await world.setConfig("tencent-aigc:maxImagesPerUpdate", "1");
    const { outputs, text } = await world.up();
    tell(world, "A1 up with maxImagesPerUpdate 1", text);
    expect(outputs["hero"]).toMatchObject({ status: "FINISH", taskId: world.emulator.ledger().tasks[0]?.taskId });
    expectBilled(world.emulator, 1);
  });

  test("of `mediaName`, after a destroy and four days", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    tell(world, "A3 up", (await world.up()).text);
    tell(world, "A3 destroy", (await world.destroy()).text);
    world.emulator.advance(4 * day);
    world.declare({ name: "hero", args: { ...hero, outputConfig: { mediaName: "lighthouse" } } });
    const { outputs, text } = await world.up();
    tell(world, "A3 four days later, mediaName added, up", text);
    expect(outputs["hero"]).toMatchObject({ status: "FINISH" });
    expect((await world.up()).changes).toEqual({ same: 2 });
    expectBilled(world.emulator, 1);
  });

  test("by an `expireTime` that has passed, in five nights of refresh and up", async () => {
    const world = await openWorld(engine);
    const expireTime = new Date(Date.now() + 20 * hour * 1000).toISOString();
    world.declare({ name: "hero", args: { ...hero, outputConfig: { expireTime } } });
    tell(world, "A17 up", (await world.up()).text);
    for (let night = 1; night <= 5; night++) {
      world.emulator.advance(day);
      world.replaceMachine();
      await world.refresh();
      const { changes, text } = await world.up();
      tell(world, `A17 night ${night}, refresh and up`, text);
      expect(changes).toEqual({ same: 2 });
    }
    expectBilled(world.emulator, 1);
  });
});
