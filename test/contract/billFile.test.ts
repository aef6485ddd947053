import { execFileSync, spawn } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { readBill } from "../support/billSchema";
import { expectLedger, openWorld, type World } from "../support/emulator";
import { registered, servedBy, urnOf } from "../support/host";
import { Lifecycle, picture, type Result } from "../support/lifecycle";

/** A world whose bill goes to a file in a directory of its own. */
async function openBilledWorld(): Promise<{ world: World; directory: string; path: string }> {
  const directory = mkdtempSync(join(tmpdir(), "aigc-bill-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "bill.json");
  return { world: await openWorld({ env: { TENCENT_AIGC_BILL_FILE: path } }), directory, path };
}

const bill = (path: string) => readBill(readFileSync(path, "utf8"));
const inPreview = (name: string) => ({ ...registered(urnOf(name), picture()), isPreview: true });
const inUpdate = (name: string) => ({ ...registered(urnOf(name), picture()), isPreview: false });

test("the preview of an unchanged program writes that it bills nothing", async () => {
  const { world, path } = await openBilledWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  await world.restart();
  rmSync(path);
  expect((await hero.preview(picture())).operation).toBe("same");
  expect(bill(path)).toEqual({ version: 1, images: 0, resources: [] });
  expectLedger(world, { billed: 1, intended: 1 });
});

const of = (name: string) => ({ urn: urnOf(name), name });

describe("a refused preview writes why", () => {
  test("settings that cannot be used", async () => {
    const { world, path } = await openBilledWorld();
    await world.restart({ config: { "tencent-aigc:maxImagesPerUpdate": "many" } });
    const { failures } = await (await world.host()).check({}, inPreview("hero"));
    expect(bill(path)).toEqual({
      version: 1,
      images: 0,
      resources: [],
      refused: [{ ...of("hero"), reason: failures[0]?.reason }],
    });
    expect(failures[0]?.reason).toContain("maxImagesPerUpdate");
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("an input, by its path, without what it holds", async () => {
    const { world, path } = await openBilledWorld();
    const inputs = { ...inPreview("hero"), prompt: "a secret harbour", outputConfig: { outputImageCount: 99 } };
    await (await world.host()).check({}, inputs);
    expect(bill(path)).toMatchObject({
      images: 0,
      refused: [
        {
          ...of("hero"),
          property: "outputConfig.outputImageCount",
          reason: expect.stringContaining("one image a task"),
        },
      ],
    });
    expect(readFileSync(path, "utf8")).not.toContain("harbour");
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test.each([
    ["images", { "tencent-aigc:maxImagesPerUpdate": "1" }, /would be image 2 .* allows 1/],
    [
      "cost",
      {
        "tencent-aigc:prices": '{"GG 2.5":"0.10"}',
        "tencent-aigc:currency": "USD",
        "tencent-aigc:maxCostPerUpdate": "0.15",
      },
      /to 0\.20 USD.*allows 0\.15 USD/,
    ],
  ])("more %s than one update may bill, with what it would bill otherwise", async (_, config, reason) => {
    const { world, path } = await openBilledWorld();
    await world.restart({ config });
    for (const name of ["b", "a"]) await (await world.host()).check({}, inPreview(name));
    expect(bill(path)).toMatchObject({
      images: 2,
      resources: [of("a"), of("b")],
      refused: [{ ...of("a"), reason: expect.stringMatching(reason) }],
    });
    expectLedger(world, { billed: 0, intended: 2 });
  });

  test("another attempt, of a picture in state, that is too much", async () => {
    const { world, path } = await openBilledWorld();
    const hero = new Lifecycle(world);
    world.emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed" });
    await hero.up(picture());
    await world.restart({ config: { "tencent-aigc:maxImagesPerUpdate": "0" } });
    await expect(hero.preview(picture())).rejects.toThrow("image 1 of this update");
    expect(bill(path)).toMatchObject({
      images: 1,
      refused: [{ ...of("hero"), reason: expect.stringContaining("image 1 of this update") }],
    });
    expectLedger(world, { billed: 0, intended: 1 });
  });
});

test("a resource that is checked twice is refused once", async () => {
  const { world, path } = await openBilledWorld();
  const host = await world.host();
  await host.check({}, { ...inPreview("hero"), seed: "many" });
  await host.check({}, { ...inPreview("hero"), seed: "more" });
  expect(bill(path).refused).toHaveLength(1);
  expectLedger(world, { billed: 0, intended: 1 });
});

test("each line says why it bills: created, replaced, tried again, repeated", async () => {
  const { world, path, directory } = await openBilledWorld();
  const names = ["created", "edited", "forced", "retried", "unknown"] as const;
  const [created, edited, forced, retried, unknown] = names.map((name) => new Lifecycle(world, name)) as [
    Lifecycle,
    Lifecycle,
    Lifecycle,
    Lifecycle,
    Lifecycle,
  ];
  await edited.up(picture());
  await forced.up(picture());
  world.emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed" });
  await retried.up(picture());
  world.emulator.fault({ kind: "refuseConnection", action: "CreateAigcImageTask", times: "always" });
  await unknown.up(picture({ timeoutSeconds: 30 }));
  world.emulator.clearFaults();
  await world.restart();
  const size = { outputConfig: { resolution: "2K" } };
  const ups: Promise<Result>[] = [
    created.preview(picture({ modelVersion: "3.0", ...size })),
    edited.preview(picture({ prompt: "a harbour" })),
    retried.preview(picture()),
    unknown.preview(picture()),
  ];
  await Promise.all(ups);
  await forced.up(picture(), { replace: true });
  const { images, resources } = bill(path);
  expect(images).toBe(5);
  const line = (name: string, more: object) => ({
    urn: urnOf(name),
    name,
    images: 1,
    modelName: "GG",
    modelVersion: "2.5",
    ...more,
  });
  expect(resources).toEqual([
    line("created", { modelVersion: "3.0", resolution: "2K", reason: "create" }),
    line("edited", { reason: "replace" }),
    // The engine asks for it as it asks for a new one.
    line("forced", { reason: "create" }),
    line("retried", { reason: "retry", attempt: 2 }),
    line("unknown", { reason: "repeat", attempt: 1 }),
  ]);
  expect(readdirSync(directory)).toEqual(["bill.json"]);
  expectLedger(world, { billed: 2, intended: 6 });
});

test("a name that has `::` in it is told whole", async () => {
  const { world, path } = await openBilledWorld();
  await (await world.host()).check({}, inPreview("shop::hero"));
  expect(bill(path).resources).toMatchObject([{ name: "shop::hero", urn: urnOf("shop::hero") }]);
  expectLedger(world, { billed: 0, intended: 1 });
});

test("after an update it says what it came to", async () => {
  const { world, path } = await openBilledWorld();
  const host = await world.host();
  const { inputs } = await host.check({}, inUpdate("hero"));
  // A plugin learns of an update only by what it makes.
  const soFar = servedBy === "plugin" ? {} : { result: { billed: 0, running: 0 } };
  expect(bill(path)).toMatchObject({ images: 1, ...soFar });
  await host.create(inputs);
  expect(bill(path)).toMatchObject({
    images: 1,
    resources: [{ name: "hero", reason: "create" }],
    result: { billed: 1, reused: 0, running: 0, failed: 0, unknown: 0 },
  });
  expectLedger(world, { billed: 1, intended: 1 });
});

test.skipIf(process.platform === "win32")("who reads from a FIFO gets one bill, at the end", async () => {
  const { world, path, directory } = await openBilledWorld();
  execFileSync("mkfifo", [path]);
  const reader = spawn("cat", [path]);
  const read = text(reader.stdout);
  const host = await world.host();
  await host.check({}, inPreview("a"));
  await host.check({}, inPreview("b"));
  await host.cancel();
  expect(readBill(await read)).toMatchObject({ images: 2, resources: [{ name: "a" }, { name: "b" }] });
  expect(readdirSync(directory)).toEqual(["bill.json"]);
  expectLedger(world, { billed: 0, intended: 2 });
});

test("a file that cannot be written is warned of once, and hinders nothing", async () => {
  const { world, path } = await openBilledWorld();
  mkdirSync(path);
  const host = await world.host();
  for (const name of ["a", "b"]) expect((await host.check({}, inPreview(name))).failures).toEqual([]);
  await host.cancel();
  expect(host.engine.lines.filter(({ severity }) => severity === "warning").map((line) => line.text)).toEqual([
    "The bill could not be written to TENCENT_AIGC_BILL_FILE: it names a directory.",
  ]);
  expectLedger(world, { billed: 0, intended: 2 });
});

const warningsOf = async (world: World) =>
  (await world.host()).engine.lines.filter(({ severity }) => severity === "warning").map((line) => line.text);

describe("a file that is not a bill", () => {
  test.each([
    ["a setting of Pulumi", "config:\n  tencent-aigc:subAppId: 1\n"],
    ["another JSON file", '{ "version": 1, "name": "shop" }\n'],
    ["what a destroy has left", '{"time":"2026-01-01T00:00:00.000Z","adoptFileIds":["387"]}\n'],
    ["bytes", "\0\u00ff"],
  ])("stays as it is, and is warned of: %s", async (_, content) => {
    const { world, path, directory } = await openBilledWorld();
    writeFileSync(path, content);
    const host = await world.host();
    for (const name of ["a", "b"]) expect((await host.check({}, inPreview(name))).failures).toEqual([]);
    await host.cancel();
    expect(readFileSync(path, "utf8")).toBe(content);
    expect(await warningsOf(world)).toEqual([
      "The bill could not be written to TENCENT_AIGC_BILL_FILE: the file holds something else than a bill. Name another file, or remove that one.",
    ]);
    expect(readdirSync(directory)).toEqual(["bill.json"]);
    expectLedger(world, { billed: 0, intended: 2 });
  });

  test.each([
    ["an empty file", ""],
    ["an earlier bill", '{"version":1,"images":0,"resources":[]}'],
    ["an earlier bill that was cut off", '{\n  "version": 1,\n  "images": 3,\n  "reso'],
  ])("is not what has %s: it gets the bill", async (_, content) => {
    const { world, path } = await openBilledWorld();
    writeFileSync(path, content);
    await (await world.host()).check({}, inPreview("a"));
    expect(bill(path)).toMatchObject({ images: 1 });
    expect(await warningsOf(world)).toEqual([]);
    expectLedger(world, { billed: 0, intended: 1 });
  });
});

describe("one file for the bill and for what a destroy leaves", () => {
  test.each([
    ["by one path", (path: string) => path],
    ["by another path", (path: string) => join(path, "..", ".", "bill.json")],
    [
      "by a link",
      (path: string) => {
        symlinkSync("bill.json", `${path}.link`);
        return `${path}.link`;
      },
    ],
    [
      "by a second name",
      (path: string) => {
        writeFileSync(path, "");
        linkSync(path, `${path}.second`);
        return `${path}.second`;
      },
    ],
  ])("keeps what is left (%s)", async (_, other) => {
    const { world, path } = await openBilledWorld();
    await world.restart({ env: { TENCENT_AIGC_BILL_FILE: path, TENCENT_AIGC_LEFT_FILE: other(path) } });
    const hero = new Lifecycle(world);
    await hero.up(picture());
    await hero.destroy();
    await new Lifecycle(world, "next").preview(picture({ prompt: "a bus" }));
    const [line, ...more] = readFileSync(path, "utf8").trim().split("\n");
    expect(more).toEqual([]);
    expect(JSON.parse(line ?? "")).toMatchObject({ name: "hero", status: "FINISH" });
    expect(await warningsOf(world)).toEqual([
      "The bill could not be written to TENCENT_AIGC_BILL_FILE: TENCENT_AIGC_LEFT_FILE names the same file. Give each a file of its own.",
    ]);
    expectLedger(world, { billed: 1, intended: 2 });
  });
});
