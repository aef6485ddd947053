import { TencentAigcError } from "../vod/errors";

/**
 * The spend guard: how many images one update may bill. Counted twice, so that a preview fails before anyone agrees to
 * it, and so that nothing that a preview could not foresee is sent either.
 */
export class Budget {
  private readonly announced = new Map<string, number>();
  private sent = 0;
  private sum = 0;

  /** @param most images that one update may bill (`maxImagesPerUpdate`) */
  constructor(private readonly most: number) {}

  /** Images that this update may bill, as far as it was told. */
  get total(): number {
    return this.sum;
  }

  /**
   * Counts what a resource may bill; the same generation once, however often it is announced.
   * @returns why this is too much, if it is
   */
  announce(generation: string, images: number): string | undefined {
    this.sum += images - (this.announced.get(generation) ?? 0);
    this.announced.set(generation, images);
    return this.sum > this.most ? this.reason(this.sum) : undefined;
  }

  /** @throws where sending would bill more than allowed */
  spend(images: number): void {
    if (this.sent + images > this.most) {
      throw new TencentAigcError(`This picture ${this.reason(this.sent + images)} Nothing was sent for it.`, {
        billed: "no",
        nextStep: "Raise the limit only if that many images are meant.",
      });
    }
    this.sent += images;
  }

  /** What was refused, or never ran, has billed nothing. */
  giveBack(images: number): void {
    this.sent -= images;
  }

  private reason(images: number): string {
    return `would be image ${images} of this update, and tencent-aigc:maxImagesPerUpdate allows ${this.most}. If they are meant, allow them with \`pulumi config set tencent-aigc:maxImagesPerUpdate ${images}\`, or deploy in parts.`;
  }
}
