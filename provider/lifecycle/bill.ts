import { rename, writeFile } from "node:fs/promises";
import type { SpendGuard } from "../generation/spendGuard";
import { sequentialImages } from "../schema/extInfo";
import type { TaskInputs } from "../schema/inputs";
import type { JsonObject } from "../schema/json";
import { isUnknown } from "../schema/unknown";
import type { Progress } from "./progress";

export interface Bill {
  /** Most images that the request is known to bill; 0 for what is taken over. */
  readonly images: number;
  /** Such as `2 images, OG image2_low`. */
  readonly text: string;
}

/** What generating for these inputs bills. */
export function billOf(inputs: TaskInputs): Bill {
  const adopts = inputs.adoptTaskId !== undefined || inputs.adoptFileIds !== undefined;
  const images = adopts ? 0 : Math.max(imagesAsked(inputs), sequentialImages(inputs as JsonObject));
  return { images, text: `${imageCount(images)}, ${inputs.modelName} ${inputs.modelVersion}` };
}

/** How many images the request names. */
export function imagesAsked({ outputConfig }: TaskInputs): number {
  const asked = outputConfig?.outputImageCount;
  return typeof asked === "number" ? asked : 1;
}

export function imageCount(images: number): string {
  return `${images} ${images === 1 ? "image" : "images"}`;
}

/** Resources that share an intention share its bill; where it is not known yet, each counts for itself. */
function nameOf({ inputs: { generationId }, urn }: BillLine): string {
  return generationId === undefined || isUnknown(generationId) ? String(urn) : generationId;
}

/** One line of the bill: a resource, and what it may bill in this update. */
export interface BillLine extends Bill {
  readonly inputs: TaskInputs;
  readonly urn: string | undefined;
  /** Attempt that this update sends, of a picture that failed for a passing cause. */
  readonly attempt?: number;
  readonly rowText: string;
}

/**
 * Says what an update may bill before it does: on the resource's row, as a running total on the stack's row, and as
 * JSON in the file that `TENCENT_AIGC_BILL_FILE` names.
 */
export class Bills {
  private readonly write = coalesced(() => this.writeAll());
  private readonly total = coalesced(() => this.tellTotal());
  /** A resource of the stack whose row has the total. */
  private stackOf: string | undefined;

  constructor(
    private readonly spendGuard: SpendGuard,
    private readonly progress: Progress,
    private readonly file: string | undefined,
  ) {}

  /** @returns why this is too much for one update, if it is */
  async announce(line: BillLine): Promise<string | undefined> {
    const { inputs, urn, images, attempt, rowText } = line;
    const { modelName, modelVersion } = inputs;
    const told = { urn, images, modelName, modelVersion, ...(attempt === undefined ? {} : { attempt }) };
    const tooMany = this.spendGuard.announce(nameOf(line), images, told);
    this.stackOf = urn;
    // All is told before it is answered: the process of a preview may be ended as soon as its last resource is checked.
    await Promise.all([this.progress.row(urn, rowText), this.total(), this.write()]);
    return tooMany;
  }

  private tellTotal(): Promise<void> {
    return this.progress.stackRow(this.stackOf, `bills up to ${imageCount(this.spendGuard.announced().images)}`);
  }

  private async writeAll(): Promise<void> {
    if (this.file === undefined) return;
    const whole = `${this.file}.${process.pid}`;
    try {
      // Another process of this update may have written less meanwhile, or have announced more.
      for (let written = -1; written < this.spendGuard.announced().lines.length; ) {
        const { images, lines } = this.spendGuard.announced();
        await writeFile(whole, `${JSON.stringify({ images, resources: lines }, undefined, 2)}\n`);
        await rename(whole, this.file);
        written = lines.length;
      }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      await this.progress.warn(`The bill could not be written to TENCENT_AIGC_BILL_FILE (${code}).`);
    }
  }
}

/** Runs at once, or else once more after the run under way: callers that ask in the meantime share that one. */
function coalesced(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = () => {
    running = run().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return next ?? start();
    next ??= running.then(() => {
      next = undefined;
      return start();
    });
    return next;
  };
}
