import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rows } from "../../provider/generation/decide";
import { repository } from "./markdown";

const path = join(repository, "docs", "guarantees.md");
const begin =
  "<!-- decisions: printed from provider/generation/decide.ts by `UPDATE_DOCS=1 npx vitest run test/docs/decisions.test.ts` -->";
const end = "<!-- /decisions -->";

function table(): string {
  const cells = [["what is found", "what happens"], ...rows.map(({ found, does }) => [found, does])];
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

test("the table of decisions in the documentation is the one that the code goes by", () => {
  const text = readFileSync(path, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  const current = `${before}${begin}\n\n${table()}\n\n${end}${after}`;
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, current);
  else expect(text).toBe(current);
});
