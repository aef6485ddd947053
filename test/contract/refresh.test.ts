import { expect, test } from "vitest";
import { expectLedger, openWorld, requests } from "../support/emulator";
import { Lifecycle, picture } from "../support/lifecycle";

test("a refresh announces no retry, and the spend guard does not fail it: it bills nothing", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  world.emulator.fault({ kind: "taskFails", errCodeExt: "InternalError" });
  await hero.up(picture());
  await world.restart({ config: { "tencent-aigc:maxImagesPerUpdate": "0" } });
  const { engine } = await world.host();
  const billing = () => engine.lines.filter(({ text }) => /^bills/.test(text));

  expect(await hero.refresh()).toBe(true);
  expect(billing()).toEqual([]);
  // The preview of the update that would bill it does announce it.
  await expect(hero.preview(picture())).rejects.toThrow("maxImagesPerUpdate allows 0");

  // A task is repeated only where it has ended before the update began.
  world.emulator.advance(60);
  await world.restart({ config: { "tencent-aigc:maxImagesPerUpdate": "1" } });
  const { engine: next } = await world.host();
  await hero.refresh();
  await hero.up(picture());
  expect(next.lines.filter(({ text }) => /^bills 1 image/.test(text)).map(({ urn }) => urn)).toEqual([hero.urn]);
  expect(requests(world, "CreateAigcImageTask")).toBe(2);
  expectLedger(world, { billed: 1, intended: 2 });
});
