import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { digestBase64 } from "../../provider/schema/request";
import { pngOf } from "../support/localFiles";
import { expectBilled, openWorld, readAll, scenarioEngines, type World } from "./world";

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };

function declare(world: World, file: string, changes: object = {}): void {
  world.declare({ name: "hero", args: { ...hero, fileInfos: [{ asset: { file } }], ...changes } });
}

/** A file in a folder of its own. */
function written(world: World, bytes: Buffer): string {
  const path = join(mkdtempSync(join(world.folder, "files-")), "style.png");
  writeFileSync(path, bytes);
  return path;
}

describe.each(scenarioEngines)("on %s", (engine) => {
  test("a local file is billed once, whatever its path and the machine", async () => {
    const world = await openWorld(engine);
    const bytes = pngOf("a style");
    const [here, there] = [written(world, bytes), written(world, bytes)];
    declare(world, relative(world.workDir, here));
    const preview = await world.preview();
    expect(preview.events + preview.text).toContain("bills up to 1 image, GG 3.0");
    const first = await world.up();
    expect(first.outputs["hero"]).toMatchObject({ status: "FINISH" });
    expect(world.emulator.ledger().tasks[0]?.base64).toEqual([digestBase64(bytes.toString("base64"))]);
    rmSync(here);
    world.replaceMachine();
    // Within an Output too.
    declare(world, there, { fileInfos: { secret: [{ asset: { file: there } }] } });
    expect((await world.up()).changes).toEqual({ same: 2 });
    await world.loseState();
    expect((await world.up()).outputs["hero"]?.url).toBe(first.outputs["hero"]?.url);
    expectBilled(world.emulator, 1);
  });

  test("its bytes are nowhere in what is kept, and what is kept needs no file", async () => {
    const world = await openWorld(engine);
    const bytes = pngOf("some bytes that nobody else has");
    const path = written(world, bytes);
    declare(world, path);
    await world.up();
    rmSync(path);
    await world.refresh();
    const [state] = await world.resources();
    expect(state?.outputs?.["fileInfos"]).toEqual([{ base64: digestBase64(bytes.toString("base64")) }]);
    const kept = JSON.stringify(await world.exportStack()) + readAll(world.folder);
    expect(kept).not.toContain(bytes.toString("base64"));
    expect(kept).not.toContain("some bytes that nobody else has");
    await world.destroy();
    expectBilled(world.emulator, 1);
  });

  test("another content in its place is a new picture, and a file that is gone fails the preview", async () => {
    const world = await openWorld(engine);
    const path = written(world, pngOf("a style"));
    declare(world, path);
    await world.up();
    writeFileSync(path, pngOf("another style"));
    expect((await world.preview()).changes).toMatchObject({ replace: 1 });
    await world.up();
    renameSync(path, `${path}.away`);
    expect(await world.failing("preview")).toMatch(/fileInfos\[0\]\.asset.*no such file/);
    mkdirSync(path);
    expect(await world.failing("preview")).toMatch(/fileInfos\[0\]\.asset.*directory/i);
    expectBilled(world.emulator, 2);
  });

  test("is kept by ignoreChanges, with the file that it was made from gone", async () => {
    const world = await openWorld(engine);
    const [path, other] = [written(world, pngOf("a style")), written(world, pngOf("another style"))];
    declare(world, path);
    await world.up();
    rmSync(path);
    world.declare({
      name: "hero",
      args: { ...hero, fileInfos: [{ asset: { file: other } }] },
      options: { ignoreChanges: ["fileInfos"] },
    });
    expect((await world.up()).changes).toEqual({ same: 2 });
    expectBilled(world.emulator, 1);
  });
});
