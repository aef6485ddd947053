import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizeReason } from "../../../provider/schema/extInfo";
import { type ModelRow, models } from "../../../provider/schema/models";
import { nearestSize } from "../../../provider/schema/nearestSize";

const table: readonly ModelRow[] = models;

const rules = table.flatMap((row) => {
  const { additionalParameters } = row;
  const size = additionalParameters?.size;
  return size ? [{ model: `${row.name} ${row.version}`, size }] : [];
});

describe.each(rules)("of $model", ({ model, size }) => {
  const [separator] = size.separators;

  test("the size that an error names is allowed", () => {
    const side = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const near = nearestSize([width, height], size);
        if (near) expect(sizeReason(near.join(separator), size, model)).toBeUndefined();
      }),
    );
  });

  test("a size of an ordinary shape has one", () => {
    for (const sides of [
      [854, 480],
      [100, 100],
      [9_000, 5_000],
      [1_001, 777],
    ] as const) {
      expect(nearestSize(sides, size), sides.join()).toBeDefined();
    }
  });
});

test("an error names a near size that is allowed, in the separator that was given", () => {
  const size = { separators: ["x", "*"], area: [655_360, 8_294_400], areaMultiple: 16 } as const;
  expect(sizeReason("854x480", size, "OG")).toMatch(/; for example 1088x608$/);
  expect(sizeReason("1001*777", size, "OG")).toMatch(/; for example 1008\*784$/);
});
