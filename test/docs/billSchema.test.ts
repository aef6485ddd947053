import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { billJsonSchema } from "../../provider/bill/billFile";

const path = join(__dirname, "..", "..", "bill.schema.json");

test("the published schema of the bill is that of the code; `UPDATE_DOCS=1` writes it", () => {
  const current = billJsonSchema();
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, `${JSON.stringify(current, undefined, 2)}\n`);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(current);
});
