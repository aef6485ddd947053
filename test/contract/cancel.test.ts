import { expect, test } from "vitest";
import { expectLedger, openWorld, requests } from "../support/emulator";
import { registered, urnOf } from "../support/host";
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

test("Cancel at the end of a preview changes nothing", async () => {
  const world = await openWorld();
  const hero = new Lifecycle(world);
  await hero.preview(picture());
  await world.restart();
  await hero.up(picture());
  expect(hero.outputs["status"]).toBe("FINISH");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("Cancel twice while a picture is made ends it once, and prints nothing", async () => {
  const world = await openWorld({ speed: 1 });
  world.emulator.fault({ kind: "stuck", seconds: 600 });
  const hero = new Lifecycle(world);
  const creating = hero.up(picture());
  const host = await world.host();
  await host.engine.seen(({ text }) => text.startsWith("PROCESSING"));
  await host.cancel();
  await host.cancel();
  expect((await creating).reasons).toHaveLength(1);
  expect(host.output()).toBe("");
  world.emulator.advance(601);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a call that comes just after Cancel sends nothing", async () => {
  const world = await openWorld();
  const host = await world.host();
  const { inputs } = await host.check({}, registered(urnOf("late"), picture()));
  await host.cancel();
  await expect(host.create(inputs)).rejects.toThrow("The update was cancelled. Nothing more was sent");
  expect(requests(world)).toBe(0);
  expectLedger(world, { billed: 0, intended: 1 });
});
