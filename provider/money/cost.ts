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
  private readonly amounts = new Map<string, Decimal>();
  private unpricedImages = 0;

  add(images: number, cost: Cost | undefined): void {
    if (cost === undefined) this.unpricedImages += images;
    else this.amounts.set(cost.currency, plus(this.in(cost.currency), cost.amount));
  }

  subtract(images: number, cost: Cost | undefined): void {
    if (cost === undefined) this.unpricedImages -= images;
    else this.amounts.set(cost.currency, minus(this.in(cost.currency), cost.amount));
  }

  /** The sum in one currency. */
  in(currency: string): Decimal {
    return this.amounts.get(currency) ?? { units: 0n, scale: 0 };
  }

  get costs(): readonly Cost[] {
    return [...this.amounts].map(([currency, amount]) => ({ currency, amount }));
  }

  get unpriced(): number {
    return this.unpricedImages;
  }

  /** Such as `0.80 USD`, or `0.80 USD, 2 images without a price`; undefined where there is no price at all. */
  get text(): string | undefined {
    if (this.amounts.size === 0) return undefined;
    const sums = this.costs.map(costText).join(" + ");
    const { unpriced } = this;
    return unpriced === 0 ? sums : `${sums}, ${unpriced} ${unpriced === 1 ? "image" : "images"} without a price`;
  }

  clear(): void {
    this.amounts.clear();
    this.unpricedImages = 0;
  }
}
