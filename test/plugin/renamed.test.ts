import { expect, test } from "vitest";
import { expectLedger, openWorld, requests } from "../support/emulator";
import { Lifecycle, picture } from "../support/lifecycle";

test("what was renamed while it was not in state is found by the URN of its old name as `sessionScope`", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world, "hero");
  await hero.up(picture());
  const { url } = hero.outputs;
  hero.state = undefined;
  await world.restart();

  // The engine tells a plugin no alias: of itself this would be another picture.
  const renamed = new Lifecycle(world, "renamed");
  await renamed.preview(picture());
  const { engine } = await world.host();
  expect(engine.lines.map(({ text }) => text)).toContain("bills up to 1 image, GG 2.5");

  await renamed.up(picture({ sessionScope: hero.urn }));
  expect(renamed.outputs["url"]).toBe(url);
  expect(requests(world, "CreateAigcImageTask")).toBe(1);
  expectLedger(world, { billed: 1, intended: 1 });
});
