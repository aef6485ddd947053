import type { BillResource } from "../bill/billFile";
import { TencentAigcError } from "../vod/errors";
import type { CountsKeeper } from "./operationCounts";

/**
 * The spend guard: how many images one update may bill. Counted twice, so that a preview fails before anyone agrees to
 * it, and so that nothing that a preview could not foresee is sent either. All provider processes of an operation count
 * together.
 */
export class SpendGuard {
  /**
   * @param most images that one update may bill (`maxImagesPerUpdate`)
   * @param counts of the operation
   */
  constructor(
    private readonly most: number,
    private readonly counts: CountsKeeper,
  ) {}

  /**
   * Counts what a resource may bill: the same generation once, however often it is announced.
   *
   * @param line what the bill says of it
   * @returns why this is too much, if it is
   */
  announce(generation: string, line: BillResource): string | undefined {
    const { images } = line;
    const { announced } = this.counts.add({ kind: "announce", generation, images, line });
    return announced > this.most ? this.reason(announced) : undefined;
  }

  /** @throws where sending would bill more than allowed */
  spend(images: number): void {
    const { refused, spent } = this.counts.add({ kind: "spend", images, most: this.most });
    if (!refused) return;
    throw new TencentAigcError(`This picture ${this.reason(spent + images)} Nothing was sent for it.`, {
      billed: "no",
      nextStep: "Raise the limit only if that many images are meant.",
    });
  }

  /** What was refused, or never ran, has billed nothing. */
  giveBack(images: number): void {
    this.counts.add({ kind: "giveBack", images });
  }

  private reason(images: number): string {
    return `would be image ${images} of this update, and tencent-aigc:maxImagesPerUpdate allows ${this.most}. If they are meant, allow them with \`pulumi config set tencent-aigc:maxImagesPerUpdate ${images}\`, or deploy in parts.`;
  }
}
