import type { BillRefusal, BillResource, BillResult } from "../bill/billFile";
import { type Amount, costIn, Total } from "../money/cost";
import { type Decimal, isMore, plus } from "../money/decimal";

/** What became of a picture in an update. */
export type Became = keyof BillResult;

export const noResult: BillResult = { billed: 0, reused: 0, running: 0, failed: 0, unknown: 0 };

/** What is counted of one operation. */
export type CountEntry =
  /** What a resource may bill. */
  | { readonly kind: "announce"; readonly generation: string; readonly images: number; readonly line: BillResource }
  /** What is about to be sent, unless it would be more than `most` in all. */
  | {
      readonly kind: "spend";
      readonly images: number;
      readonly most: number;
      readonly amount?: Amount | undefined;
      /** What the images of one update may cost, in the currency of `amount`. */
      readonly mostAmount?: Amount | undefined;
    }
  | { readonly kind: "giveBack"; readonly images: number; readonly amount?: Amount | undefined }
  /** A resource of the program was looked at: there is something to tell at the end. */
  | { readonly kind: "seen"; readonly urn: string; readonly operation: "preview" | "update" | undefined }
  /** The operation does not go on as it was asked for. */
  | ({ readonly kind: "refused" } & BillRefusal)
  | {
      readonly kind: "result";
      readonly resource: string;
      /** Resources that share a picture share its bill. */
      readonly picture: string;
      readonly became: Became;
      readonly images: number;
      readonly amount?: Amount | undefined;
    }
  /** What is about to be told at the end, unless it was the last that was told. */
  | { readonly kind: "tell"; readonly text: string };

export interface Counted {
  /** Images that the operation may bill, as far as it was told. */
  readonly announced: number;
  /** Images that were sent for. */
  readonly spent: number;
  /** The same in money, in the currency of the entry. */
  readonly announcedAmount: Decimal;
  readonly spentAmount: Decimal;
  /** It would have been too much, or told twice, and is not counted. */
  readonly refused: boolean;
}

/** What was counted until now. */
export interface Announced {
  readonly images: number;
  /** What the bill says, one line a generation. */
  readonly lines: readonly BillResource[];
  /** Absent where none of the program's resources was looked at. */
  readonly seen?: { readonly urn: string; readonly operation: "preview" | "update" };
  readonly refused: readonly BillRefusal[];
  readonly result: BillResult;
  /** What is announced, and what was billed, in money. */
  readonly total: Total;
  readonly billedTotal: Total;
  /** Grows with all that is counted. */
  readonly revision: number;
}

/** Keeps the counts of an operation, in one order for all who count. */
export interface CountsKeeper {
  /** Counts, and returns the counts right after it. */
  add(entry: CountEntry): Counted;
  /** What was counted until now. */
  announced(): Announced;
  /** This process has heard that the operation ends. @returns whether all the others have heard it before */
  hearEnd(): boolean;
  /** This process counts no more. */
  leave(): void;
}

/** Counts of one process, or what one process knows of the counts of all. */
export class MemoryCounts implements CountsKeeper {
  private readonly generations = new Map<string, { images: number; line: BillResource }>();
  private readonly results = new Map<string, Extract<CountEntry, { kind: "result" }>>();
  private images = 0;
  private spent = 0;
  private readonly total = new Total();
  private readonly spentTotal = new Total();
  private urn: string | undefined;
  private operation: "preview" | "update" | undefined;
  private readonly refusals = new Map<string, BillRefusal>();
  private told: string | undefined;
  private revision = 0;

  add(entry: CountEntry): Counted {
    const refused = this.isTooMuch(entry);
    if (!refused) this.count(entry);
    const currency = currencyOf(entry) ?? "";
    return {
      announced: this.images,
      spent: this.spent,
      announcedAmount: this.total.in(currency),
      spentAmount: this.spentTotal.in(currency),
      refused,
    };
  }

  announced(): Announced {
    const { images, urn, revision, generations, results } = this;
    // A program of another version does not say which it is: what is made or changed is so in an update.
    const operation = this.operation ?? (this.results.size > 0 ? "update" : "preview");
    // The total is told with each picture, and needs none of what takes longer the more of them there are.
    return {
      images,
      get lines() {
        return [...generations.values()].map(({ line }) => line);
      },
      ...(urn === undefined ? {} : { seen: { urn, operation } }),
      refused: [...this.refusals.values()],
      get result() {
        return sumOf(counted([...results.values()]));
      },
      total: this.total,
      get billedTotal() {
        return billedIn(counted([...results.values()]));
      },
      revision,
    };
  }

  hearEnd(): boolean {
    return true;
  }

  leave(): void {}

  clear(): void {
    this.generations.clear();
    this.results.clear();
    this.images = 0;
    this.spent = 0;
    this.total.clear();
    this.spentTotal.clear();
    this.urn = undefined;
    this.operation = undefined;
    this.refusals.clear();
    this.told = undefined;
  }

  private isTooMuch(entry: CountEntry): boolean {
    if (entry.kind === "spend") return this.spent + entry.images > entry.most || this.isTooDear(entry);
    return entry.kind === "tell" && entry.text === this.told;
  }

  private isTooDear({ amount, mostAmount }: Extract<CountEntry, { kind: "spend" }>): boolean {
    const cost = costIn(amount);
    const most = costIn(mostAmount);
    if (most === undefined) return false;
    return cost === undefined || isMore(plus(this.spentTotal.in(cost.currency), cost.amount), most.amount);
  }

  private count(entry: CountEntry): void {
    this.revision++;
    switch (entry.kind) {
      case "announce": {
        const { generation, images, line } = entry;
        const before = this.generations.get(generation);
        this.images += images - (before?.images ?? 0);
        if (before) this.total.subtract(before.images, costOfLine(before.line));
        this.total.add(images, costOfLine(line));
        this.generations.set(generation, { images, line });
        break;
      }
      case "spend":
        this.spent += entry.images;
        this.spentTotal.add(entry.images, costIn(entry.amount));
        break;
      case "giveBack":
        this.spent -= entry.images;
        this.spentTotal.subtract(entry.images, costIn(entry.amount));
        break;
      case "seen":
        this.urn ??= entry.urn;
        this.operation ??= entry.operation;
        break;
      case "refused": {
        const { kind: _, ...refusal } = entry;
        this.refusals.set(`${entry.urn} ${entry.property}`, refusal);
        break;
      }
      case "result":
        this.results.set(entry.resource, entry);
        break;
      case "tell":
        this.told = entry.text;
        break;
    }
  }
}

function currencyOf(entry: CountEntry): string | undefined {
  if (entry.kind === "announce") return entry.line.currency;
  return entry.kind === "spend" || entry.kind === "giveBack" ? entry.amount?.currency : undefined;
}

function costOfLine({ currency, amount }: BillResource) {
  return currency === undefined || amount === undefined ? undefined : costIn({ currency, amount });
}

type Result = Extract<CountEntry, { kind: "result" }>;

/** Resources that share a picture share its bill. */
function counted(results: readonly Result[]): Result[] {
  const seen = new Set<string>();
  return results.filter(({ became, picture }) => {
    const key = `${became} ${picture}`;
    if (became !== "reused" && seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function sumOf(results: readonly Result[]): BillResult {
  const sum = { ...noResult };
  for (const { became, images } of results) sum[became] += images;
  return sum;
}

function billedIn(results: readonly Result[]): Total {
  const total = new Total();
  for (const { became, images, amount } of results) if (became === "billed") total.add(images, costIn(amount));
  return total;
}
