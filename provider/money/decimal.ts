/** A decimal number of 0 or more, exactly: `units` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** More digits than any price has: what is longer is a mistake. */
const mostDigits = 30;

/** Digits with a point between them at most: no sign, no exponent, no separators. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || whole.length + fraction.length > mostDigits) return undefined;
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

/** At least two digits after the point, as amounts are written, and no further zeros at the end. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = String(units).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${whole}.${fraction.padEnd(2, "0")}`;
}

export function plus(one: Decimal, other: Decimal): Decimal {
  const scale = Math.max(one.scale, other.scale);
  return { units: unitsAt(one, scale) + unitsAt(other, scale), scale };
}

export function minus(one: Decimal, other: Decimal): Decimal {
  return plus(one, { units: -other.units, scale: other.scale });
}

export function times({ units, scale }: Decimal, count: number): Decimal {
  return { units: units * BigInt(count), scale };
}

export function isMore(one: Decimal, other: Decimal): boolean {
  const scale = Math.max(one.scale, other.scale);
  return unitsAt(one, scale) > unitsAt(other, scale);
}

function unitsAt({ units, scale }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - scale);
}
