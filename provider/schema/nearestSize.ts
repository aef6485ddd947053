import type { SizeRule } from "./models";

export type Sides = readonly [width: number, height: number];

/** What is wrong with a size by a model's rule, if anything. */
export function sizeFault(sides: Sides, { side, area, areaMultiple = 1 }: SizeRule): string | undefined {
  const pixels = sides[0] * sides[1];
  if (!sides.every((one) => isWithin(one, side))) return "a side out of bounds";
  if (!isWithin(pixels, area)) return `${pixels} pixels in all`;
  return pixels % areaMultiple === 0 ? undefined : `${pixels} pixels in all, which is no multiple of ${areaMultiple}`;
}

function isWithin(value: number, bounds: readonly [number, number] | undefined): boolean {
  return bounds === undefined || (value >= bounds[0] && value <= bounds[1]);
}

/**
 * An allowed size near one that is not, of about the same shape. Where the area must be a multiple, both
 * sides are: a service that means each side takes it too.
 *
 * @returns undefined where no size of about that shape is allowed
 */
export function nearestSize([width, height]: Sides, rule: SizeRule): Sides | undefined {
  const { area, side = [0, Number.POSITIVE_INFINITY], areaMultiple: step = 1 } = rule;
  const pixels = width * height;
  const least = Math.max(Math.sqrt(area[0] / pixels), side[0] / Math.min(width, height));
  const greatest = Math.min(Math.sqrt(area[1] / pixels), side[1] / Math.max(width, height));
  const scale = Math.min(Math.max(1, least), greatest);
  const near = (side: number) => [-1, 0, 1, 2].map((more) => (Math.floor((side * scale) / step) + more) * step);
  const distance = (sides: Sides) => Math.abs(sides[0] - width * scale) + Math.abs(sides[1] - height * scale);
  return near(width)
    .flatMap((one) => near(height).map((other): Sides => [one, other]))
    .filter((sides) => sides.every((one) => one > 0) && sizeFault(sides, rule) === undefined)
    .sort((one, other) => distance(one) - distance(other))[0];
}
