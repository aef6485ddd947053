import { afterEach, beforeEach, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { openStack } from "../openStack";

let opened: Awaited<ReturnType<typeof openStack>>;
beforeEach(async () => {
  opened = await openStack();
});
afterEach(() => opened.close());

test("every banner is wide", async () => {
  const ratios: string[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => {
      ratios.push(inputs.outputConfig?.aspectRatio);
      return { id: name, state: { ...inputs, files: [{ url: `https://example.com/${name}.png` }] } };
    },
    call: () => ({}),
  });
  // Only now: what is declared before the mocks are set goes nowhere.
  const { urls } = require("../index") as typeof import("../index");
  const [spring] = await new Promise<string[]>((resolve) => urls.apply(resolve));
  expect(spring).toBe("https://example.com/banner-spring.png");
  expect(ratios).toEqual(["16:9", "16:9", "16:9", "16:9"]);
});

test("the banners are billed once, however often they are deployed", async () => {
  const { emulator, stack } = opened;
  await stack.up();
  await stack.up();
  expect(emulator.ledger().billedImages).toBe(4);
});

test("a banner that moderation refuses costs nothing, and none of the others is lost", async () => {
  const { emulator, stack } = opened;
  emulator.fault({ kind: "taskFails", errCode: 70000, errCodeExt: "InvalidParameter.VoilationContent" }); // one of the four
  await expect(stack.up()).rejects.toThrow("content moderation");
  expect(emulator.ledger().billedImages).toBe(3);
});
