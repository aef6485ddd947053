import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutants } from "../mutants/mutants.mts";

test.each(mutants)(
  "the line that the mutant '$name' changes is in its file once, and its tests are there",
  (mutant) => {
    const textOf = (file: string) => readFileSync(join(__dirname, "..", "..", file), "utf8");
    expect(textOf(mutant.file).split(mutant.from)).toHaveLength(2);
    for (const file of mutant.tests) expect(textOf(file)).toContain("test");
  },
);
