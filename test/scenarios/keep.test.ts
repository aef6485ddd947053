import { describe, expect, test } from "vitest";
import { expectBilled, openWorld, scenarioEngines, type World } from "./world";

/** What becomes of the things that are made from a picture which failed and was kept. */

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car", onFailure: "keep" };
const heroUrl = { urlOf: "hero" };
const moderated = { kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent", prompt: "a red car" } as const;
const refused = /is made from the URL of the picture "hero", which failed and was kept/;

async function withKeptHero(world: World): Promise<void> {
  world.emulator.fault(moderated);
  world.declare({ name: "hero", args: hero });
  await world.up();
}

// What refuses each of these is in the program, the same on either engine: the one that is faster.
test.each([
  ["a prompt", { prompt: { text: ["like ", heroUrl] } }],
  ["a secret prompt", { prompt: { text: ["like ", heroUrl, " ", { secret: "hush" }] } }],
  ["a URL with a query", { fileInfos: [{ url: { text: [heroUrl, "?width=100"] } }] }],
  ["a list of references", { fileInfos: { listOf: "hero" } }],
  ["keepers", { keepers: { nested: [{ from: heroUrl }] } }],
  ["its first file", { prompt: { text: ["like", { output: ["hero", "files", 0, "url"] }] } }],
  ["its list of URLs", { prompt: { text: ["like ", { output: ["hero", "fileUrls", 0] }] } }],
  ["a task that is taken over", { adoptTaskId: "251007502-AigcImageTask-0", prompt: { text: ["like ", heroUrl] } }],
])("%s that is made from it is never sent", async (_, args) => {
  const world = await openWorld("the embedded engine");
  await withKeptHero(world);
  const side = { ...hero, prompt: "another car", ...args };
  world.declare({ name: "hero", args: hero }, { name: "side", args: side });
  const said = await world.failing("preview");
  expect(said).toMatch(refused);
  expect(said).not.toContain("hush");
  expect(await world.failing("up")).toMatch(refused);
  expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
  expectBilled(world.emulator, 0);
});

describe.each(scenarioEngines)("on %s", (engine) => {
  test("the update goes on without the picture, and each further one warns and sends nothing", async () => {
    const world = await openWorld(engine);
    world.emulator.fault(moderated);
    world.declare({ name: "hero", args: hero }, { name: "side", args: { ...hero, prompt: "a blue car" } });
    const first = await world.up();
    expect(first.events).toContain("There is no picture");
    expect(first.outputs["hero"]).toMatchObject({
      status: "FAILED",
      url: "https://no-picture.tencent-aigc.invalid/hero/failed",
    });
    expect(first.outputs["side"]?.status).toBe("FINISH");
    const stored = (await world.resources()).find(({ urn }) => urn.endsWith("::hero"))?.outputs;
    expect(stored).toMatchObject({ files: [], errCodeExt: "InvalidParameter.VoilationContent" });
    expect(stored).not.toHaveProperty("url");
    const { requests } = world.emulator.ledger();
    const second = await world.up();
    expect(second.changes).toEqual({ same: 3 });
    expect(second.events).toContain("There is no picture");
    expect(world.emulator.ledger().requests).toEqual(requests);
    expectBilled(world.emulator, 1);
  });

  test("what is made from its URL is refused at its property, by the update that learns of it and by each preview", async () => {
    const world = await openWorld(engine);
    world.emulator.fault(moderated);
    const side = { ...hero, prompt: "two cars", fileInfos: [{ url: heroUrl }] };
    world.declare({ name: "hero", args: hero }, { name: "side", args: side });
    const said = await world.failing("up");
    expect(said).toMatch(/fileInfos\[0\]\.url/);
    expect(said).toMatch(refused);
    const { requests } = world.emulator.ledger();
    for (const operation of ["preview", "up"] as const) expect(await world.failing(operation)).toMatch(refused);
    expect(world.emulator.ledger().requests).toEqual(requests);
    expect((await world.resources()).map(({ urn }) => urn.split("::").at(-1))).toEqual(["hero"]);
    expectBilled(world.emulator, 0);
  });

  test("what was made from it before stays as it is while its next picture failed", async () => {
    const world = await openWorld(engine);
    const side = { ...hero, prompt: "two cars", fileInfos: [{ url: heroUrl }] };
    world.declare({ name: "hero", args: { ...hero, prompt: "a green car" } }, { name: "side", args: side });
    const { outputs } = await world.up();
    world.emulator.fault(moderated);
    world.declare({ name: "hero", args: hero }, { name: "side", args: side });
    expect(await world.failing("up")).toMatch(refused);
    const stored = (await world.resources()).find(({ urn }) => urn.endsWith("::side"));
    expect(stored?.outputs?.["url"]).toBe(outputs["side"]?.url);
    expectBilled(world.emulator, 2);
    // The picture that was paid for comes back with its prompt, and what was made from it is as before.
    world.declare({ name: "hero", args: { ...hero, prompt: "a green car" } }, { name: "side", args: side });
    const back = await world.up();
    expect(back.outputs["side"]?.url).toBe(outputs["side"]?.url);
    expectBilled(world.emulator, 2);
  });

  test("neither is what is made from a picture that is not waited for", async () => {
    const world = await openWorld(engine, { emulator: { taskSeconds: 3600 } });
    const later = { ...hero, prompt: "a slow car", waitForCompletion: false };
    const side = { ...hero, prompt: { text: ["like ", { urlOf: "later" }] } };
    world.declare({ name: "later", args: later }, { name: "side", args: side });
    const said = await world.failing("up");
    expect(said).toMatch(/is made from the URL of the picture "later", which is not there yet/);
    expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
    expectBilled(world.emulator, 0);
  });

  test("a list of references is sent where the pictures are there", async () => {
    const world = await openWorld(engine);
    const side = { ...hero, prompt: "two cars", fileInfos: { listOf: "green" } };
    world.declare({ name: "green", args: { ...hero, prompt: "a green car" } }, { name: "side", args: side });
    const { outputs } = await world.up();
    const made = (await world.resources()).find(({ urn }) => urn.endsWith("::side"));
    expect(made?.inputs?.["fileInfos"]).toEqual([{ url: outputs["green"]?.url }]);
    expectBilled(world.emulator, 2);
  });

  test("the word itself is sent where the picture is there", async () => {
    const world = await openWorld(engine);
    const side = { ...hero, prompt: { text: ["a sign that says undefined, like ", { urlOf: "green" }] } };
    world.declare({ name: "green", args: { ...hero, prompt: "a green car" } }, { name: "side", args: side });
    const { outputs } = await world.up();
    expect(outputs["side"]?.status).toBe("FINISH");
    expectBilled(world.emulator, 2);
  });

  test("destroy goes through", async () => {
    const world = await openWorld(engine);
    await withKeptHero(world);
    await world.destroy();
    expect(await world.resources()).toEqual([]);
    expectBilled(world.emulator, 0);
  });
});
