import { expect, test, vi } from "vitest";
import { expectLedger, sharedWorld } from "../support/emulator";
import { Lifecycle, picture } from "../support/lifecycle";

const world = sharedWorld();
const verbs = ["check", "diff", "create", "update", "delete"] as const;

test("a forced replace calls `check` without old inputs, `create`, then `delete`, and no `diff`", async () => {
  const hero = new Lifecycle(world, "forced");
  await hero.up(picture());
  const { provider } = await world.host();
  const check = vi.spyOn(provider, "check");
  const spies = verbs.map((verb) => ({ verb, spy: verb === "check" ? check : vi.spyOn(provider, verb) }));
  expect((await hero.up(picture(), { replace: true })).operation).toBe("replace");
  const calls = spies.flatMap(({ verb, spy }) => spy.mock.invocationCallOrder.map((order) => ({ verb, order })));
  const ordered = calls.sort((one, other) => one.order - other.order);
  expect(ordered.map(({ verb }) => verb)).toEqual(["check", "create", "delete"]);
  expect(check.mock.calls.map(([{ olds }]) => olds)).toEqual([{}]);
  expectLedger(world, { billed: 1, intended: 1 });
});
