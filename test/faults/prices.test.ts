import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readBill } from "../support/billSchema";
import { expectLedger, openWorld, requests } from "../support/emulator";
import { startEngine } from "../support/engine";
import { registered, startHost, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const prices = (rows: object) => ({ "tencent-aigc:prices": JSON.stringify(rows), "tencent-aigc:currency": "USD" });
const reasonsOf = ({ failures }: { failures: readonly { reason: string }[] }) =>
  failures.map(({ reason }) => reason).join();

test("rows and the bill file tell amounts, exactly, for every image of a picture", async () => {
  const directory = mkdtempSync(join(tmpdir(), "aigc-prices-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "bill.json");
  const world = await openWorld({
    config: prices({ "GG 2.5": "0.1", "OG image2_low": "0.015" }),
    env: { TENCENT_AIGC_BILL_FILE: file },
  });
  const several = { modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 3 } };
  for (const name of ["a", "b", "c"]) await new Lifecycle(world, name).preview(picture());
  const many = new Lifecycle(world, "d");
  await many.preview(picture(several));
  await many.row("bills up to 3 images, OG image2_low, 0.045 USD");
  const unpriced = new Lifecycle(world, "e");
  await unpriced.preview(picture({ modelVersion: "3.0" }));
  await unpriced.row("bills up to 1 image, GG 3.0");
  const bill = readBill(readFileSync(file, "utf8"));
  expect(bill).toMatchObject({ images: 7, currency: "USD", amount: "0.345", unpriced: 1 });
  expect(bill.resources.map(({ amount }) => amount)).toEqual(["0.10", "0.10", "0.10", "0.045", undefined]);
  expectLedger(world, { billed: 0, intended: 5 });
});

test("two currencies, of two provider processes, are told and limited apart", async () => {
  const directory = mkdtempSync(join(tmpdir(), "aigc-prices-"));
  const engine = await startEngine();
  const file = join(directory, "bill.json");
  const world = await openWorld();
  const { config = {}, env = {} } = world.settings();
  const hostIn = (currency: string, price: string) =>
    startHost({
      engine,
      env: { ...env, TMPDIR: directory, TENCENT_AIGC_BILL_FILE: file },
      config: {
        ...config,
        "tencent-aigc:prices": JSON.stringify({ "GG 2.5": price }),
        "tencent-aigc:currency": currency,
        "tencent-aigc:maxCostPerUpdate": "1",
      },
    });
  const [usd, cny] = await Promise.all([hostIn("USD", "0.60"), hostIn("CNY", "0.70")]);
  onTestFinished(async () => {
    await Promise.all([usd.kill(), cny.kill()]);
    engine.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const inPreview = (name: string) => ({ ...registered(urnOf(name), picture()), isPreview: true });
  expect(reasonsOf(await usd.check({}, inPreview("a")))).toBe("");
  expect(reasonsOf(await cny.check({}, inPreview("b"))), "each has a limit of its own").toBe("");
  const bill = readBill(readFileSync(file, "utf8"));
  expect(bill).toMatchObject({
    images: 2,
    amounts: [
      { currency: "USD", amount: "0.60" },
      { currency: "CNY", amount: "0.70" },
    ],
    unpriced: 0,
  });
  expect([bill.currency, bill.amount]).toEqual([undefined, undefined]);
  await usd.cancel();
  await cny.cancel();
  const line = "bills up to 2 images, 0.60 USD + 0.70 CNY (GG 2.5 × 2)";
  expect((await engine.seen(({ text }) => text === line)).ephemeral).toBe(false);
  expect(reasonsOf(await cny.check({}, inPreview("c")))).toMatch(/to 1\.40 CNY.*allows 1\.00 CNY/);
  expectLedger(world, { billed: 0, intended: 3 });
});

test("maxCostPerUpdate fails the preview of the picture that is too much, and of one without a price", async () => {
  const config = { ...prices({ "GG 2.5": "0.1" }), "tencent-aigc:maxCostPerUpdate": "0.2" };
  const world = await openWorld({ config });
  const told: string[] = [];
  for (const name of ["a", "b", "c"]) told.push(reasonsOf(await new Lifecycle(world, name).preview(picture())));
  expect(told).toEqual(["", "", expect.stringMatching(/to 0\.30 USD.*allows 0\.20 USD/)]);
  const unpriced = await new Lifecycle(world, "d").preview(picture({ modelVersion: "3.0" }));
  expect(reasonsOf(unpriced)).toContain(`tencent-aigc:prices["GG 3.0"]`);
  expect(requests(world)).toBe(0);
  expectLedger(world, { billed: 0, intended: 4 });
});

test("an update within maxCostPerUpdate is made, and what is in place is not counted again", async () => {
  const config = { ...prices({ "GG 2.5": 0.1 }), "tencent-aigc:maxCostPerUpdate": "0.1" };
  const world = await openWorld({ config });
  const hero = new Lifecycle(world);
  expect(await hero.up(picture())).toMatchObject({ operation: "create", failures: [] });
  await world.restart();
  expect(reasonsOf(await new Lifecycle(world, "next").preview(picture({ prompt: "another" })))).toBe("");
  expect((await hero.up(picture())).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 2 });
});
