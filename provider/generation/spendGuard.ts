import type { BillResource } from "../bill/billFile";
import { type Amount, amountOf, type Cost, costIn, costText } from "../money/cost";
import { isMore, plus } from "../money/decimal";
import { rowOf } from "../money/priceList";
import { UNKNOWN } from "../schema/unknown";
import { TencentAigcError } from "../vod/errors";
import type { CountsKeeper } from "./operationCounts";

/** What images cost that are about to be sent for, and the row of the price list that says so. */
export interface Spending {
  readonly amount?: Amount | undefined;
  readonly row?: string;
}

/** Pictures are counted one after the other: how many come after this one is not known yet. */
const all = "The last line of the preview counts all pictures.";

/**
 * The spend guard: how many images one update may bill. Counted twice, so that a preview fails before anyone agrees to
 * it, and so that nothing that a preview could not foresee is sent either. All provider processes of an operation count
 * together. The same for what they cost, where `maxCostPerUpdate` is set.
 */
export class SpendGuard {
  /**
   * @param most images that one update may bill (`maxImagesPerUpdate`)
   * @param counts of the operation
   */
  constructor(
    private readonly most: number,
    private readonly counts: CountsKeeper,
    private readonly mostCost?: Cost,
  ) {}

  /**
   * Counts what a resource may bill: the same generation once, however often it is announced.
   *
   * @param line what the bill says of it
   * @returns why this is too much, if it is
   */
  announce(generation: string, line: BillResource): string | undefined {
    const { images } = line;
    const { announced, announcedAmount } = this.counts.add({ kind: "announce", generation, images, line });
    if (announced > this.most) return this.reason(announced);
    const { mostCost } = this;
    if (mostCost === undefined || images === 0) return undefined;
    if (line.amount === undefined) return this.unpriced(rowOf(line));
    return isMore(announcedAmount, mostCost.amount)
      ? this.costReason({ ...mostCost, amount: announcedAmount })
      : undefined;
  }

  /** @throws where sending would bill more than allowed */
  spend(images: number, { amount, row = "" }: Spending = {}): void {
    const mostAmount = this.mostCost && amountOf(this.mostCost);
    const counted = this.counts.add({ kind: "spend", images, most: this.most, amount, mostAmount });
    if (!counted.refused) return;
    const { spent, spentAmount } = counted;
    const cost = costIn(amount);
    const why = () => {
      if (spent + images > this.most) return this.reason(spent + images);
      return cost ? this.costReason({ ...cost, amount: plus(spentAmount, cost.amount) }) : this.unpriced(row);
    };
    throw new TencentAigcError(`This picture ${why()} Nothing was sent for it.`, {
      billed: "no",
      nextStep: "Raise the limit only if that many images are meant.",
    });
  }

  /** What was refused, or never ran, has billed nothing. */
  giveBack(images: number, { amount }: Spending = {}): void {
    this.counts.add({ kind: "giveBack", images, amount });
  }

  private costReason(cost: Cost): string {
    return `would bring this update to ${costText(cost)}, and tencent-aigc:maxCostPerUpdate allows ${costText(this.mostCost ?? cost)}. If that is meant, allow at least so much with \`pulumi config set tencent-aigc:maxCostPerUpdate ${amountOf(cost).amount}\`, or deploy in parts. ${all}`;
  }

  private unpriced(row: string): string {
    if (row.includes(UNKNOWN)) {
      return "has a model that is not known yet and no row of tencent-aigc:prices fits, and tencent-aigc:maxCostPerUpdate is set. Add the row of its model, such as `GG 3.0`.";
    }
    return `has no price, and tencent-aigc:maxCostPerUpdate is set. Add what one image of it costs with \`pulumi config set --path 'tencent-aigc:prices["${row}"]' <price>\`.`;
  }

  private reason(images: number): string {
    return `would be image ${images} of this update, and tencent-aigc:maxImagesPerUpdate allows ${this.most}. If they are meant, allow at least so many with \`pulumi config set tencent-aigc:maxImagesPerUpdate ${images}\`, or deploy in parts. ${all}`;
  }
}
