import { expect, test } from "vitest";
import { readConfiguration } from "../../../provider/configuration";
import { MemoryCounts } from "../../../provider/generation/operationCounts";
import { SpendGuard } from "../../../provider/generation/spendGuard";
import { billOf } from "../../../provider/lifecycle/bill";
import { amountOf, costOf } from "../../../provider/money/cost";
import { formatDecimal, parseDecimal, plus, times } from "../../../provider/money/decimal";
import { priceOf } from "../../../provider/money/priceList";
import type { TaskInputs } from "../../../provider/schema/inputs";
import { UNKNOWN } from "../../../provider/schema/unknown";

const settings = (values: Record<string, string>) =>
  readConfiguration((key) => values[key], { HOME: "/home/u" }, "linux");
const listOf = (rows: object) => {
  const { prices } = settings({ prices: JSON.stringify(rows), currency: "USD" });
  if (prices === undefined) throw new Error("there are no prices");
  return prices;
};
const priced = (rows: object, modelVersion: string, resolution?: string, modelName = "GG") => {
  const price = priceOf(listOf(rows), { modelName, modelVersion, resolution });
  return price && formatDecimal(price);
};

test("sums are exact, however many digits an amount has", () => {
  const price = parseDecimal("0.1234567890123456789012345") ?? { units: 0n, scale: 0 };
  expect(formatDecimal(times(price, 3))).toBe("0.3703703670370370367037035");
  const tenth = { units: 1n, scale: 1 };
  expect(formatDecimal(plus(plus(tenth, tenth), tenth))).toBe("0.30");
});

test("a resolution's own price comes before that of its model", () => {
  const rows = { "GG 3.0": "0.04", "GG 3.0 4K": "0.08" };
  expect([priced(rows, "3.0"), priced(rows, "3.0", "2K"), priced(rows, "3.0", "4K")]).toEqual(["0.04", "0.04", "0.08"]);
});

test("a price for one resolution alone is none for others", () => {
  const rows = { "GG 3.0 4K": "0.08" };
  expect([priced(rows, "3.0"), priced(rows, "3.0", "2K"), priced(rows, "3.0", "4K")]).toEqual([
    undefined,
    undefined,
    "0.08",
  ]);
});

test("a row is found whatever the case of its letters, and is there once", () => {
  const rows = { "gg 3.0": "0.04", "GG 3.0 4k": "0.08" };
  expect([priced(rows, "3.0"), priced(rows, "3.0", "4K"), priced(rows, UNKNOWN, "4K")]).toEqual([
    "0.04",
    "0.08",
    "0.08",
  ]);
  expect(() => listOf({ "Kling 3.0 2K": "1", "Kling 3.0 2k": "2" })).toThrow(
    'tencent-aigc:prices["Kling 3.0 2k"] is there twice',
  );
});

test("an output that is not known yet as a whole counts as its dearest resolution", () => {
  const rows = { "GG 3.0": "0.04", "GG 3.0 4K": "0.08" };
  const inputs = { modelName: "GG", modelVersion: "3.0", outputConfig: UNKNOWN } as unknown as TaskInputs;
  expect(billOf(inputs, listOf(rows)).amount).toEqual(usd("0.08"));
});

test("what is not known yet counts as the highest price that it may have", () => {
  const rows = { "GG 3.0": "0.04", "GG 3.0 4K": "0.08", "OG image2_low": "0.5" };
  expect(priced(rows, "3.0", UNKNOWN)).toBe("0.08");
  expect(priced(rows, UNKNOWN, undefined)).toBe("0.04");
  expect(priced(rows, UNKNOWN, undefined, UNKNOWN)).toBe("0.50");
  expect(priced(rows, UNKNOWN, undefined, "SI")).toBeUndefined();
});

test.each([0.04, 2, 0, "0", "0.0400", 123456789012345])("%s is a price", (price) => {
  expect(listOf({ "GG 3.0": price }).rows.size).toBe(1);
});

test.each([-1, "-1", "1e-3", 1e-7, 0.12345678901234568, "1,5", ".5", "", null, true, {}, "9".repeat(31)])(
  "%s is no price, and the row is named",
  (price) => {
    expect(() => listOf({ "GG 3.0": price })).toThrow('tencent-aigc:prices["GG 3.0"]');
  },
);

test("a row must name model and version", () => {
  expect(() => listOf({ "GG3.0": "1" })).toThrow("must name a model and its version");
});

test("prices need a currency", () => {
  expect(() => settings({ prices: '{"GG 3.0":"1"}' })).toThrow("tencent-aigc:currency");
  expect(() => settings({ prices: "0.04", currency: "USD" })).toThrow("tencent-aigc:prices");
});

const line = (name: string, money: object = {}) =>
  ({ urn: name, name, images: 2, modelName: "GG", modelVersion: "3.0", reason: "create", ...money }) as const;
const usd = (amount: string) => ({ currency: "USD", amount });
const guardOf = (most: string) =>
  new SpendGuard(100, new MemoryCounts(), { currency: "USD", amount: parseDecimal(most) ?? { units: 0n, scale: 0 } });

test("maxCostPerUpdate stops the picture that goes beyond it, not the one that reaches it", () => {
  const guard = guardOf("0.3");
  expect(guard.announce("a", line("a", usd("0.10")))).toBeUndefined();
  expect(guard.announce("b", line("b", usd("0.20")))).toBeUndefined();
  expect(guard.announce("b", line("b", usd("0.20")))).toBeUndefined();
  expect(guard.announce("c", line("c", usd("0.001")))).toMatch(/to 0\.301 USD.*allows 0\.30 USD/);
  guard.spend(1, { amount: usd("0.30") });
  expect(() => guard.spend(1, { amount: usd("0.01") })).toThrow(/0\.31 USD.*Nothing was sent/);
  guard.giveBack(1, { amount: usd("0.30") });
  guard.spend(1, { amount: usd("0.01") });
});

test("with maxCostPerUpdate an image without a price is refused, and the row to add is named", () => {
  const guard = guardOf("5");
  expect(guard.announce("a", line("a"))).toContain(`tencent-aigc:prices["GG 3.0"]`);
  expect(guard.announce("b", line("b", { modelVersion: UNKNOWN }))).toMatch(/^has a model that is not known yet/);
  expect(() => guard.spend(1, { row: "GG 3.0" })).toThrow(`tencent-aigc:prices["GG 3.0"]`);
});

test("several images cost several prices, and a free one costs nothing", () => {
  const cost = costOf(9, { modelName: "GG", modelVersion: "3.0" }, listOf({ "GG 3.0": "0.015" }));
  expect(cost && amountOf(cost)).toEqual(usd("0.135"));
  expect(guardOf("0").announce("a", line("a", usd("0.00")))).toBeUndefined();
});
