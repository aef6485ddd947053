import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020";
import { expect } from "vitest";
import { z } from "zod";
import { type BillFile, billFileSchema } from "../../provider/bill/billFile";

const published = JSON.parse(readFileSync(require.resolve("pulumi-tencent-aigc/bill.schema.json"), "utf8"));
const ajv = new Ajv2020();
const isBill = ajv.compile<BillFile>(published);
// The published one lets later versions add fields. This version writes none but those that it names.
const isBillOfThisVersion = ajv.compile<BillFile>(z.toJSONSchema(billFileSchema));

/** A bill as it was written, once it has shown to be one by the published schema. */
export function readBill(text: string): BillFile {
  const bill: unknown = JSON.parse(text);
  expect(isBill(bill), JSON.stringify(isBill.errors)).toBe(true);
  if (!isBillOfThisVersion(bill)) throw new Error(JSON.stringify(isBillOfThisVersion.errors));
  return bill;
}
