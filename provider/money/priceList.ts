import { isObject } from "../schema/json";
import { isUnknown } from "../schema/unknown";
import { type Decimal, isMore, parseDecimal } from "./decimal";

/** What one image costs, by row: `GG 3.0`, or `GG 3.0 4K` where a resolution has a price of its own. */
export interface PriceList {
  readonly currency: string;
  /** In lower case: a row that the case of a letter keeps from being found would be a wrong price. */
  readonly rows: ReadonlyMap<string, Decimal>;
}

/** What the price of an image depends on. Each may be Pulumi's placeholder for what is not known yet. */
export interface Priced {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly resolution?: string | undefined;
}

/** A row that cannot be used, and why. */
export interface PriceProblem {
  /** Absent where the list itself is none. */
  readonly row?: string;
  readonly rule: string;
}

export const priceRule = 'must be a decimal number of 0 or more, such as "0.04"';
const inexact = 'must be written in quotes, such as "0.04": without them it may not be what was written';
const rowName = 'must name a model and its version, as "GG 3.0", or a resolution too, as "GG 3.0 4K"';

/** More digits than this a number without quotes may have lost on its way here. */
const mostExactDigits = 15;

/** Reads the rows of a list, from the JSON that a structured setting arrives as. */
export function readPriceRows(text: string): Map<string, Decimal> | readonly PriceProblem[] {
  const given = parsed(text);
  if (!isObject(given)) return [{ rule: `must be a list of prices by model and version; each ${priceRule}` }];
  const rows = new Map<string, Decimal>();
  const problems: PriceProblem[] = [];
  for (const [key, value] of Object.entries(given)) {
    const row = key.trim().replace(/\s+/g, " ").toLowerCase();
    const price = /\S \S/.test(row) ? priceIn(value) : rowName;
    if (typeof price === "string") problems.push({ row: key, rule: price });
    else if (rows.has(row)) problems.push({ row: key, rule: "is there twice" });
    else rows.set(row, price);
  }
  return problems.length > 0 ? problems : rows;
}

function priceIn(value: unknown): Decimal | string {
  if (typeof value === "number") {
    // What is written without quotes has been a float: its shortest text is what was written, up to so many digits.
    const written = String(value);
    const digits = written.replace(".", "").replace(/^0+/, "").length;
    if (value < 0) return priceRule;
    return (digits <= mostExactDigits ? parseDecimal(written) : undefined) ?? inexact;
  }
  return (typeof value === "string" ? parseDecimal(value.trim()) : undefined) ?? priceRule;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text of another form is a list of none.
    return undefined;
  }
}

/**
 * What one image costs: by the row of its resolution, else by that of its model and version. Where something is not
 * known yet, the highest price of the rows that may be meant.
 */
export function priceOf({ rows }: PriceList, priced: Priced): Decimal | undefined {
  const { modelName, modelVersion, resolution } = priced;
  if (![modelName, modelVersion, resolution].some(isUnknown)) {
    const row = rowOf(priced).toLowerCase();
    const general = rows.get(row);
    return resolution ? (rows.get(`${row} ${resolution.toLowerCase()}`) ?? general) : general;
  }
  const prices = [...rows].filter(([row]) => mayBeMeant(row, priced)).map(([, price]) => price);
  return prices.reduce<Decimal | undefined>((high, price) => (high && !isMore(price, high) ? high : price), undefined);
}

/** The row that gives a price for every resolution. */
export function rowOf({ modelName, modelVersion }: Priced): string {
  return `${modelName} ${modelVersion}`;
}

function mayBeMeant(row: string, { modelName, modelVersion, resolution }: Priced): boolean {
  const [name, version, ...rest] = row.split(" ");
  const fits = (part: string | undefined, wanted: string | undefined) =>
    isUnknown(wanted) || part === wanted?.toLowerCase();
  return (
    fits(name, modelName) && fits(version, modelVersion) && (rest.length === 0 || fits(rest.join(" "), resolution))
  );
}
