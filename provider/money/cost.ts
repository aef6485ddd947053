import { type Decimal, formatDecimal, minus, parseDecimal, plus, times } from "./decimal";
import { type Priced, type PriceList, priceOf } from "./priceList";

/** An amount as it is told, stored and shared between processes. */
export interface Amount {
  readonly currency: string;
  /** Decimal text. */
  readonly amount: string;
}

/** What a number of images costs. */
export interface Cost {
  readonly currency: string;
  readonly amount: Decimal;
}

/** @returns undefined where the price is not known */
export function costOf(images: number, priced: Priced, prices: PriceList | undefined): Cost | undefined {
  const price = prices && priceOf(prices, priced);
  return price && { currency: prices.currency, amount: times(price, images) };
}

/** Reads an amount as it was told; one that is none counts as not known. */
export function costIn(amount: Amount | undefined): Cost | undefined {
  const number = amount && parseDecimal(amount.amount);
  return number && { currency: amount.currency, amount: number };
}

export function amountOf({ currency, amount }: Cost): Amount {
  return { currency, amount: formatDecimal(amount) };
}

export function costText({ currency, amount }: Cost): string {
  return `${formatDecimal(amount)} ${currency}`;
}

/** Sums by currency, exactly, and how many images are in none of them. */
export class Total {
  private readonly sums = new Map<string, { readonly images: number; readonly amount: Decimal }>();
  private unpricedImages = 0;

  add(images: number, cost: Cost | undefined): void {
    this.count(images, cost, plus);
  }

  subtract(images: number, cost: Cost | undefined): void {
    this.count(-images, cost, minus);
  }

  /** The sum in one currency. */
  in(currency: string): Decimal {
    return this.sums.get(currency)?.amount ?? { units: 0n, scale: 0 };
  }

  /** A currency of which nothing is left is none. */
  get costs(): readonly Cost[] {
    return [...this.sums]
      .filter(([, { images }]) => images > 0)
      .map(([currency, { amount }]) => ({ currency, amount }));
  }

  get unpriced(): number {
    return this.unpricedImages;
  }

  /** Such as `0.80 USD`, or `0.80 USD, 2 images without a price`; undefined where there is no price at all. */
  get text(): string | undefined {
    const sums = this.costs.map(costText).join(" + ");
    if (sums === "") return undefined;
    const { unpriced } = this;
    return unpriced === 0 ? sums : `${sums}, ${unpriced} ${unpriced === 1 ? "image" : "images"} without a price`;
  }

  clear(): void {
    this.sums.clear();
    this.unpricedImages = 0;
  }

  private count(images: number, cost: Cost | undefined, sum: (one: Decimal, other: Decimal) => Decimal): void {
    if (cost === undefined) {
      this.unpricedImages += images;
      return;
    }
    const before = this.sums.get(cost.currency)?.images ?? 0;
    this.sums.set(cost.currency, { images: before + images, amount: sum(this.in(cost.currency), cost.amount) });
  }
}
