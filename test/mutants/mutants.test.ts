import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutants } from "./mutants.mts";

test.each(mutants)("the line that `npm run test:mutants` changes is there, once: $name", ({ file, from }) => {
  const source = readFileSync(join(__dirname, "..", "..", file), "utf8");
  expect(source.split(from)).toHaveLength(2);
});
