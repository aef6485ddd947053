import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { readBill } from "../support/billSchema";
import { type Done, expectBilled, openWorld, scenarioEngines } from "./world";

const picture = { subAppId: 251007502, modelName: "GG", modelVersion: "3.0", prompt: "a car" };
const bus = { ...picture, modelName: "Hunyuan", prompt: "a bus" };

/** How often each is done: `npm run test:faults` does it 50 times. */
const times = Number(process.env["AIGC_BILL_TIMES"] ?? 2);

/** Lines that stay, and say what is billed: an ephemeral one is never more than a row. */
function told({ events }: Pick<Done, "events">): string[] {
  const isTold = /^(refused, |cancelled: )?(bills|billed) /;
  return events
    .split("\n")
    .map((event) => JSON.parse(event).diagnosticEvent)
    .filter((line) => line !== undefined && !line.ephemeral && line.urn?.includes("pulumi:pulumi:Stack"))
    .map(({ message }) => stripVTControlCharacters(message.replace(/<\{%.*?%\}>/g, "")).trim())
    .filter((text) => isTold.test(text));
}

async function failed(run: Promise<unknown>): Promise<Done> {
  return run.then(
    () => Promise.reject(new Error("succeeded, and should not have")),
    (error: Done) => error,
  );
}

describe.each(scenarioEngines)("on %s", (engine) => {
  test("each preview and each `up` leaves one line: what it bills, and what it has billed", async () => {
    const world = await openWorld(engine);
    const tellings: string[][] = [];
    const expected: string[][] = [];
    for (let time = 1; time <= times; time++) {
      world.declare(
        { name: "hero", args: { ...picture, keepers: { time } } },
        { name: "bus", args: { ...bus, keepers: { time: Math.ceil(time / 2) } } },
      );
      tellings.push(told(await world.preview()), told(await world.up()));
      const isBoth = time % 2 === 1;
      expected.push(
        [isBoth ? "bills up to 2 images (GG 3.0 × 1, Hunyuan 3.0 × 1)" : "bills up to 1 image (GG 3.0 × 1)"],
        [isBoth ? "billed 2 images" : "billed 1 image"],
      );
    }
    expect(tellings).toEqual(expected);
    expectBilled(world.emulator, times + Math.ceil(times / 2));
  }, 1_200_000);

  test("an unchanged program bills nothing, before and after; a refresh and a destroy say nothing", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: picture });
    await world.up();
    expect(told(await world.preview())).toEqual(["bills nothing"]);
    expect(told(await world.up())).toEqual(["billed nothing"]);
    expect(told(await world.refresh())).toEqual([]);
    expect(told(await world.destroy())).toEqual([]);
    expectBilled(world.emulator, 1);
  });

  test("with every change ignored, an `up` says what it has billed, not what it bills", async () => {
    const directory = mkdtempSync(join(tmpdir(), "aigc-bill-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const bill = join(directory, "bill.json");
    const world = await openWorld(engine, { env: { TENCENT_AIGC_BILL_FILE: bill } });
    const declare = (args: object) =>
      world.declare({ name: "hero", args: { ...picture, ...args }, options: { ignoreChanges: ["*"] } });
    declare({});
    await world.up();
    declare({ prompt: "a bus", modelVersion: "2.5", keepers: { take: 2 }, outputConfig: { resolution: "2K" } });
    expect(told(await world.preview())).toEqual(["bills nothing"]);
    expect(readBill(readFileSync(bill, "utf8"))).not.toHaveProperty("result");
    const { events, changes } = await world.up();
    expect(told({ events })).toEqual(["billed nothing"]);
    expect(changes).toMatchObject({ same: 2 });
    expect(readBill(readFileSync(bill, "utf8")).result).toMatchObject({ billed: 0 });
    expectBilled(world.emulator, 1);
  });

  test("a replacement that `protect` stops is counted, fails preview and `up`, and bills nothing", async () => {
    const world = await openWorld(engine);
    const declare = (args: object) =>
      world.declare({ name: "hero", args: { ...picture, ...args }, options: { protect: true } });
    declare({});
    await world.up();
    declare({ prompt: "a bus" });
    const stopped = await failed(world.preview());
    expect(stopped.text).toContain("protect");
    expect(told(stopped)).toEqual(["bills up to 1 image (GG 3.0 × 1)"]);
    expect(await world.failing("up")).toContain("protect");
    expectBilled(world.emulator, 1);
  });

  test("a refused preview says that it bills nothing, and what it would bill", async () => {
    const world = await openWorld(engine);
    await world.setConfig("tencent-aigc:maxImagesPerUpdate", "1");
    world.declare({ name: "hero", args: picture }, { name: "bus", args: bus });
    const [line, ...more] = told(await failed(world.preview()));
    expect(more).toEqual([]);
    expect(line).toMatch(/^refused, bills nothing; it would bill up to \d images? \(/);
    expectBilled(world.emulator, 0);
  });

  test("a picture made from another's `url`, of which only the name changes, bills only if the `url` changes", async () => {
    const directory = mkdtempSync(join(tmpdir(), "aigc-bill-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const bill = join(directory, "bill.json");
    const world = await openWorld(engine, { env: { TENCENT_AIGC_BILL_FILE: bill } });
    const fromFirst = { ...picture, prompt: "in the rain", fileInfos: [{ type: "Url", url: { urlOf: "first" } }] };
    const declare = (mediaName: string, options: object = {}) =>
      world.declare(
        { name: "first", args: { ...picture, outputConfig: { mediaName } } },
        { name: "second", args: fromFirst, options },
      );
    declare("one");
    await world.up();
    declare("two");
    expect(told(await world.preview())).toEqual(["bills up to 1 image if `fileInfos` changes (GG 3.0 × 1)"]);
    expect(readBill(readFileSync(bill, "utf8")).resources).toMatchObject([
      { name: "second", reason: "replace", ifChanged: ["fileInfos"] },
    ]);
    // Ways out of a preview that `protect` or the spend guard fails.
    declare("two", { ignoreChanges: ["fileInfos"], protect: true });
    expect(told(await world.preview())).toEqual(["bills nothing"]);
    declare("two");
    if (engine === "the Pulumi CLI") {
      const [first] = (await world.resources()).filter(({ urn }) => urn.endsWith("::first"));
      await world.up({ target: [first?.urn] });
      expect(told(await world.preview())).toEqual(["bills nothing"]);
      declare("three");
    }
    expect(told(await world.up())).toEqual(["billed nothing"]);
    expect(readBill(readFileSync(bill, "utf8")).result).toMatchObject({ billed: 0 });
    expectBilled(world.emulator, 2);
  });
});
