import { describe, expect, test } from "vitest";
import { replay } from "./explore";
import { focusNames } from "./foci";
import { foundSequences } from "./foundSequences";

describe.each(focusNames)("sequences that once broke a rule, found by the focus `%s`", (focus) => {
  for (const { name, sequence } of foundSequences.filter((one) => one.focus === focus)) {
    test(name, { timeout: 60_000 }, async () => {
      const { sequences } = await replay(sequence);
      expect(sequences).toBe(1);
    });
  }
});
