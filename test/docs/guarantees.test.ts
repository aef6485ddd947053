import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(__dirname, "..", "..");
const guarantees = readFileSync(join(root, "docs", "guarantees.md"), "utf8");
const suite = globSync("test/**/*.test.ts", { cwd: root }).map((file) => readFileSync(join(root, file), "utf8"));

const named = guarantees
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .flatMap((line) => [...(line.split("|").at(-2) ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name as string));

test("names tests", () => {
  expect(named.length).toBeGreaterThan(30);
});

test.each(named)("is proved by a test that exists: %s", (name) => {
  // Names in template literals escape the back-ticks of their code.
  const spelt = [name, name.replaceAll("`", "\\`")];
  expect(suite.some((text) => spelt.some((one) => text.includes(one)))).toBe(true);
});
