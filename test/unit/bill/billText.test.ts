import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BillResource } from "../../../provider/bill/billFile";
import { billText } from "../../../provider/bill/billText";
import { type Announced, noResult } from "../../../provider/generation/operationCounts";
import { costIn, Total } from "../../../provider/money/cost";

const line = (images: number, modelName: string, more: Partial<BillResource> = {}): BillResource => ({
  urn: modelName,
  name: modelName,
  images,
  modelName,
  modelVersion: "3.0",
  reason: "create",
  ...more,
});

function bill(
  operation: "preview" | "update",
  lines: readonly BillResource[],
  more: Partial<Announced> = {},
): Announced {
  const images = lines.reduce((sum, each) => sum + each.images, 0);
  const money = { total: totalOf([]), billedTotal: totalOf([]) };
  const told = { images, lines, seen: { urn: "a", operation }, refused: [], result: noResult, revision: 1 };
  return { ...told, ...money, ...more };
}

function totalOf(parts: readonly (readonly [images: number, currency?: string, amount?: string])[]): Total {
  const total = new Total();
  for (const [images, currency, amount] of parts) {
    total.add(images, currency === undefined || amount === undefined ? undefined : costIn({ currency, amount }));
  }
  return total;
}

const refusal = { urn: "a", name: "a", reason: "is wrong" };

const fromUrl: Partial<BillResource> = { reason: "replace", ifChanged: ["fileInfos"] };

const cases: readonly [string, Announced, boolean?][] = [
  [
    "bills up to 20 images (GG 3.0 × 12, Hunyuan 3.0 × 8)",
    bill("preview", [line(8, "Hunyuan"), line(4, "GG"), line(8, "GG")]),
  ],
  ["bills up to 1 image if `fileInfos` changes (GG 3.0 × 1)", bill("preview", [line(1, "GG", fromUrl)])],
  [
    "bills up to 3 images (GG 3.0 × 3), 1 of them only if `fileInfos` changes",
    bill("preview", [line(2, "GG"), line(1, "GG", fromUrl)]),
  ],
  ["bills nothing", bill("preview", [])],
  [
    "refused, bills nothing; it would bill up to 5 images (GG 3.0 × 5)",
    bill("preview", [line(5, "GG")], { refused: [refusal] }),
  ],
  [
    "bills up to 20 images, 0.90 USD (GG 3.0 × 20)",
    bill("preview", [line(20, "GG")], {
      total: totalOf([
        [12, "USD", "0.50"],
        [8, "USD", "0.40"],
      ]),
    }),
  ],
  [
    "bills up to 4 images, 0.10 USD + 0.70 CNY, 2 images without a price (GG 3.0 × 4)",
    bill("preview", [line(4, "GG")], { total: totalOf([[1, "USD", "0.1"], [1, "CNY", "0.7"], [2]]) }),
  ],
  [
    "billed 1 image, 0.04 USD, 19 reused",
    bill("update", [line(20, "GG")], {
      result: { ...noResult, billed: 1, reused: 19 },
      billedTotal: totalOf([[1, "USD", "0.04"]]),
    }),
  ],
  ["refused, bills nothing", bill("preview", [], { refused: [refusal] })],
  [
    "billed 1 image, 19 reused, 2 still running",
    bill("update", [line(20, "GG")], { result: { ...noResult, billed: 1, reused: 19, running: 2 } }),
  ],
  [
    "billed nothing, 1 failed, 1 not known: may have been billed",
    bill("update", [line(20, "GG")], { result: { ...noResult, failed: 1, unknown: 1 } }),
  ],
  [
    "cancelled: billed 1 image, 1 still running",
    bill("update", [], { result: { ...noResult, billed: 1, running: 1 } }),
    true,
  ],
];

test.each(cases)("%s", (text, told, wasCancelled = false) => {
  expect(billText(told, wasCancelled)).toBe(text);
});

test("an amount of which nothing is left in a currency is not told in it", () => {
  const total = totalOf([
    [1, "USD", "0.1"],
    [1, "CNY", "0.7"],
  ]);
  total.subtract(1, costIn({ currency: "USD", amount: "0.1" }));
  expect(total.text).toBe("0.70 CNY");
  total.add(1, costIn({ currency: "EUR", amount: "0.00" }));
  expect(total.text).toBe("0.70 CNY + 0.00 EUR");
});

test("where no picture was looked at, nothing is told", () => {
  const { seen: _, ...nothing } = bill("preview", []);
  expect(billText(nothing, false)).toBeUndefined();
});

test("the table of docs/bill.md has only lines that are told", () => {
  const rows = readFileSync(join(__dirname, "..", "..", "..", "docs", "bill.md"), "utf8").matchAll(/^\| `(.+?)` +\|/gm);
  const documented = [...rows].map(([, text]) => text);
  expect(documented.length).toBeGreaterThan(6);
  const told = cases.map(([text]) => text.replace(/\(.*\)/, "(…)").replaceAll("`", ""));
  expect(documented.filter((text) => !told.includes(String(text)))).toEqual([]);
});
