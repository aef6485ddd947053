import { describe, expect, test } from "vitest";
import { replay } from "./explore";
import { focusNames } from "./foci";
import { foundSequences } from "./foundSequences";
import { pending } from "./pending";

const broken = pending ? test.fails : test;

describe.each(focusNames)("sequences that once broke a rule, found by the focus `%s`", (focus) => {
  for (const { name, rule, sequence } of foundSequences.filter((one) => one.focus === focus)) {
    broken(name, { timeout: 60_000 }, async () => {
      const { sequences } = await replay(sequence, pending ? rule : undefined);
      expect(sequences).toBe(1);
    });
  }
});
