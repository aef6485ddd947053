import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, scenarioEngines } from "../scenarios/world";
import { expectLedger } from "../support/emulator";
import { openExample, repository, type Stack } from "./example";

const urlsOf = async (stack: Stack) => (await stack.up()).outputs["urls"]?.value as Record<string, string>;
const productsOf = (text: string) => text.split(/^(?=- )/m);

// The catalogue as it comes has 7 pictures: kettle 3, vase 1, lamp 2, bowl 1.
describe.each(scenarioEngines)("on %s", (engine) => {
  let example: Awaited<ReturnType<typeof openExample>>;
  let dev: Stack;
  let first: Record<string, string>;
  let close = async () => {};

  beforeAll(async () => {
    example = await openExample(engine, "catalogue", (closing) => {
      close = closing;
    });
    dev = await example.stack();
    first = await urlsOf(dev);
  });
  afterAll(() => close());

  test("each variant of each product is made once, and the picked one has its URL in the outputs", () => {
    expect(Object.keys(first).sort()).toEqual(["bowl", "kettle", "lamp", "vase"]);
    expect(new Set(Object.values(first)).size).toBe(4);
    expectLedger(example.emulator, { billed: 7, intended: 7 });
  });

  test("another order bills nothing", async () => {
    example.edit("catalogue.yaml", (text) => {
      const [head, ...products] = productsOf(text);
      return [head, ...products.toReversed()].join("");
    });
    expect(await urlsOf(dev)).toEqual(first);
    expectLedger(example.emulator, { billed: 7, intended: 7 });
  });

  test("another slug, with the former one, bills nothing", async () => {
    example.edit("catalogue.yaml", (text) => text.replace("slug: vase", "slug: tall-vase\n  renamedFrom: vase"));
    expect((await urlsOf(dev))["tall-vase"]).toBe(first["vase"]);
    expectLedger(example.emulator, { billed: 7, intended: 7 });
  });

  test("another pick bills nothing, and shows another picture", async () => {
    example.edit("catalogue.yaml", (text) => text.replace("pick: 1", "pick: 3"));
    const { kettle } = await urlsOf(dev);
    expect(kettle).toMatch(/^http/);
    expect(kettle).not.toBe(first["kettle"]);
    expectLedger(example.emulator, { billed: 7, intended: 7 });
  });

  test("products that move to a stack on another machine bill nothing there", async () => {
    const second = await example.stack("second");
    await second.setAllConfig({ shard: { value: "1" }, shards: { value: "2" } });
    const moved = await urlsOf(second);
    await dev.setAllConfig({ shard: { value: "0" }, shards: { value: "2" } });
    const left = await urlsOf(dev);
    expect(Object.keys(moved)).not.toEqual([]);
    expect([...Object.keys(moved), ...Object.keys(left)].sort()).toEqual(["bowl", "kettle", "lamp", "tall-vase"]);
    expectLedger(example.emulator, { billed: 7, intended: 7 });
  });

  test("a product that is inserted bills its own picture alone", async () => {
    await dev.setAllConfig({ shard: { value: "0" }, shards: { value: "1" } });
    example.edit("catalogue.yaml", (text) => {
      const [head, ...products] = productsOf(text);
      return [head, "- slug: chair\n  prompt: An oak chair by a window\n", ...products].join("");
    });
    expect((await urlsOf(dev))["chair"]).toMatch(/^http/);
    expectLedger(example.emulator, { billed: 8, intended: 8 });
  });
});

if (engines.includes("the Pulumi CLI")) {
  test("one command updates the catalogue as two stacks at the same time, and bills each picture once", async () => {
    const { emulator, workDir, env } = await openExample("the Pulumi CLI", "catalogue");
    const tsx = join(repository, "node_modules", "tsx", "dist", "cli.mjs");
    const { stdout } = await promisify(execFile)(process.execPath, [tsx, "shards.ts", "2", "1500000001"], {
      cwd: workDir,
      env: { ...process.env, ...env },
    });
    const ended = ["shard-0", "shard-1"].map(
      (name) => stdout.match(new RegExp(`^${name} \\| .*\\d created$`, "m"))?.[0],
    );
    expect(ended).toEqual(["shard-0 |     + 8 created", "shard-1 |     + 5 created"]);
    expectLedger(emulator, { billed: 7, intended: 7 });
  });
}
