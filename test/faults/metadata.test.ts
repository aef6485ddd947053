import { expect, test } from "vitest";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import type { Properties } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const world = sharedWorld();
const modify = "ModifyMediaInfo";
let resources = 0;

function newHero(): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`);
}

const withMetadata = (metadata: Properties) => picture({ outputConfig: metadata });

test.each<[string, Properties, number]>([
  // The file gets its tags first, and its name once it is found by them.
  ["mediaName", { mediaName: "lighthouse" }, 2],
  ["classId", { classId: 7 }, 1],
  ["expireTime", { expireTime: "2040-01-31T00:00:00Z" }, 1],
])("%s changes in place, unbilled, and is taken back by leaving it out", async (_, metadata, changes) => {
  await world.restart();
  const hero = newHero();
  await hero.up(picture());
  expect((await hero.up(withMetadata(metadata))).operation).toBe("update");
  expect(requests(world, modify)).toBe(changes);
  expect(hero.outputs["outputConfig"]).toMatchObject(metadata);
  expect((await hero.up(withMetadata(metadata))).operation).toBe("same");
  expect((await hero.up(picture())).operation).toBe("update");
  expect(requests(world, modify)).toBe(changes + 1);
  expect((await hero.up(picture())).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a picture is still found by its SessionId after its own name was taken back", async () => {
  const hero = newHero();
  await hero.up(withMetadata({ mediaName: "lighthouse" }));
  await hero.up(picture());
  const { files } = hero.outputs;
  hero.state = undefined;
  world.emulator.advance(30 * 86_400);
  await world.restart({ newMachine: true });
  await hero.up(picture());
  expect(hero.outputs["files"]).toEqual(files);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("every file of a task gets it, and tags that tell its place", async () => {
  const several = { modelName: "OG", modelVersion: "image2_low" };
  const hero = newHero();
  await hero.up(picture({ ...several, outputConfig: { outputImageCount: 3 } }));
  expect(requests(world, modify)).toBe(3);
  await hero.up(picture({ ...several, outputConfig: { outputImageCount: 3, classId: 7 } }));
  expect(requests(world, modify)).toBe(6);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("what could not be set is said and stays a difference: the picture is ready all the same", async () => {
  const hero = newHero();
  await hero.up(picture());
  world.emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: modify });
  expect((await hero.up(withMetadata({ classId: 7 }))).reasons).toEqual([]);
  const { engine } = await world.host();
  const { text } = await engine.seen(({ severity }) => severity === "warning");
  expect(text).toMatch(/The picture is there, but its metadata could not be set.*UnauthorizedOperation/);
  expect(hero.outputs["status"]).toBe("FINISH");
  expect((await hero.up(withMetadata({ classId: 7 }))).reasons).toEqual([]);
  expect(hero.outputs["outputConfig"]).toMatchObject({ classId: 7 });
  expect((await hero.up(withMetadata({ classId: 7 }))).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("what changes while there is no file is set once there is one", async () => {
  const hero = newHero();
  world.emulator.fault({ kind: "stuck", seconds: 900 });
  await hero.up(picture({ timeoutSeconds: 20 }));
  const named = picture({ timeoutSeconds: 20, outputConfig: { classId: 7 } });
  await hero.up(named);
  expect(requests(world, modify)).toBe(0);
  world.emulator.advance(1000);
  await hero.up(named);
  expect(requests(world, modify)).toBe(1);
  expect((await hero.up(named)).operation).toBe("same");
  expect(tasks(world)).toHaveLength(1);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("what a task was sent with is not set again", async () => {
  const hero = newHero();
  const metadata = { classId: 7, expireTime: "2040-01-31T00:00:00Z" };
  await hero.up(withMetadata(metadata));
  expect(requests(world, modify)).toBe(0);
  expect((await hero.up(withMetadata(metadata))).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a picture that is reused gets the metadata that is asked for now", async () => {
  const hero = newHero();
  await hero.up(picture());
  hero.state = undefined;
  await world.restart({ newMachine: true });
  await hero.up(withMetadata({ classId: 7 }));
  expect(requests(world, modify)).toBe(1);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a Temporary picture has none to change", async () => {
  const hero = newHero();
  await hero.up(picture({ outputConfig: { storageMode: "Temporary" } }));
  expect((await hero.up(picture({ outputConfig: { storageMode: "Temporary" }, timeoutSeconds: 7 }))).operation).toBe(
    "same",
  );
  expect(requests(world, modify)).toBe(0);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a picture with a name of its own is found by its tag, on another machine on day 30", async () => {
  const hero = newHero();
  await hero.up(withMetadata({ mediaName: "lighthouse" }));
  const { files } = hero.outputs;
  hero.state = undefined;
  world.emulator.advance(30 * 86_400);
  await world.restart({ newMachine: true });
  await hero.up(withMetadata({ mediaName: "lighthouse" }));
  expect(hero.outputs["files"]).toEqual(files);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a picture keeps the name it was born with until it is found by its tag, and is ready all the same", async () => {
  await world.restart();
  world.emulator.behaviour({ tagLagSeconds: 3600 });
  const hero = newHero();
  expect((await hero.up(withMetadata({ mediaName: "lighthouse" }))).reasons).toEqual([]);
  expect(hero.outputs["outputConfig"]).not.toHaveProperty("mediaName");
  await world.restart();
  world.emulator.advance(3600);
  expect((await hero.up(withMetadata({ mediaName: "lighthouse" }))).operation).toBe("update");
  expect(hero.outputs["outputConfig"]).toHaveProperty("mediaName", "lighthouse");
  expect((await hero.up(withMetadata({ mediaName: "lighthouse" }))).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("where tags are refused, a picture keeps the name it was born with, and is found by that", async () => {
  await world.restart();
  world.emulator.behaviour({ addTags: "refused" });
  const hero = newHero();
  expect((await hero.up(withMetadata({ mediaName: "lighthouse" }))).reasons).toEqual([]);
  hero.state = undefined;
  world.emulator.advance(30 * 86_400);
  await world.restart({ newMachine: true });
  await hero.up(withMetadata({ mediaName: "lighthouse" }));
  expectLedger(world, { billed: 1, intended: 1 });
});

test("several images found again by their tags come in their own order", async () => {
  const several = picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 4 } });
  const hero = newHero();
  await hero.up(several);
  const { files, url } = hero.outputs;
  hero.state = undefined;
  world.emulator.advance(30 * 86_400);
  await world.restart({ newMachine: true });
  await hero.up(several);
  expect(hero.outputs).toMatchObject({ files, url });
  expectLedger(world, { billed: 1, intended: 1 });
});

test("sixty pictures with names of their own take one request more each", async () => {
  const own = Array.from({ length: 60 }, () => newHero());
  await world.restart({ newMachine: true });
  await world.host();
  await Promise.all(own.map((hero, index) => hero.up(withMetadata({ mediaName: `picture ${index}` }))));
  // The first file is tagged alone, and looked for.
  expect(requests(world, modify)).toBe(own.length + 1);
  expect(requests(world, "SearchMedia")).toBeLessThanOrEqual(12);
  for (const hero of own) expect(hero.outputs["outputConfig"]).toHaveProperty("mediaName");
  expectLedger(world, { billed: 60, intended: 60 });
});

test("a picture that is reused, and is no longer to end, never ends and is billed once", async () => {
  await world.restart();
  const hero = newHero();
  const expireTime = new Date(Date.now() + 400 * 86_400_000).toISOString();
  await hero.up(withMetadata({ expireTime }));
  await hero.destroy();
  await hero.up(picture());
  world.emulator.advance(500 * 86_400);
  expect(await hero.refresh()).toBe(true);
  await world.restart();
  expect((await hero.up(picture())).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});
