import { expect, test } from "vitest";
import { expectLedger, openWorld } from "../support/emulator";
import { Lifecycle, picture } from "../support/lifecycle";

test("Cancel is answered however often it comes, and loses no picture", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  const host = await world.host();
  await host.cancel();
  await host.cancel();
  expect((await hero.up(picture())).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});
