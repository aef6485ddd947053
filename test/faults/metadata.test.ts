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

test.each<[string, Properties]>([
  ["mediaName", { mediaName: "lighthouse" }],
  ["classId", { classId: 7 }],
  ["expireTime", { expireTime: "2040-01-31T00:00:00Z" }],
])("%s changes in place, unbilled, and is taken back by leaving it out", async (_, metadata) => {
  const hero = newHero();
  await hero.up(picture());
  expect((await hero.up(withMetadata(metadata))).operation).toBe("update");
  expect(requests(world, modify)).toBe(1);
  expect(hero.outputs["outputConfig"]).toMatchObject(metadata);
  expect((await hero.up(withMetadata(metadata))).operation).toBe("same");
  expect((await hero.up(picture())).operation).toBe("update");
  expect(requests(world, modify)).toBe(2);
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

test("every file of a task gets it", async () => {
  const several = { modelName: "OG", modelVersion: "image2_low" };
  const hero = newHero();
  await hero.up(picture({ ...several, outputConfig: { outputImageCount: 3 } }));
  await hero.up(picture({ ...several, outputConfig: { outputImageCount: 3, classId: 7 } }));
  expect(requests(world, modify)).toBe(3);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("what could not be set stays a difference, and keeps the picture", async () => {
  const hero = newHero();
  await hero.up(picture());
  world.emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: modify });
  const { reasons } = await hero.up(withMetadata({ classId: 7 }));
  expect(reasons.join()).toMatch(/The picture is there, but its metadata could not be set.*UnauthorizedOperation/);
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
  await hero.up(withMetadata({ mediaName: "lighthouse", classId: 7 }));
  expect(requests(world, modify)).toBe(0);
  expect((await hero.up(withMetadata({ mediaName: "lighthouse", classId: 7 }))).operation).toBe("same");
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
