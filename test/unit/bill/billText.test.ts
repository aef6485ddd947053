import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BillResource } from "../../../provider/bill/billFile";
import { billText } from "../../../provider/bill/billText";
import { type Announced, noResult } from "../../../provider/generation/operationCounts";

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
  return { images, lines, seen: { urn: "a", operation }, refused: false, result: noResult, revision: 1, ...more };
}

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
    bill("preview", [line(5, "GG")], { refused: true }),
  ],
  ["refused, bills nothing", bill("preview", [], { refused: true })],
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
