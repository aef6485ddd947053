import type { BillFile, BillReason, BillRefusal, BillResource } from "../bill/billFile";
import { whyNotThere } from "../bill/billTarget";
import { billText, imageCount, resultText, totalText } from "../bill/billText";
import { isStream, writeWhole } from "../bill/writeWhole";
import {
  type Announced,
  type Became,
  type CountEntry,
  type CountsKeeper,
  noResult,
} from "../generation/operationCounts";
import type { SpendGuard } from "../generation/spendGuard";
import { codeOf } from "../journal/files";
import { type Amount, amountOf, costIn, costOf, costText, Total } from "../money/cost";
import type { Priced, PriceList } from "../money/priceList";
import { nameIn } from "../resourceName";
import { sequentialImages } from "../schema/extInfo";
import type { Failure, TaskInputs } from "../schema/inputs";
import type { JsonObject } from "../schema/json";
import { mayTakeSequential, mostOutputImages } from "../schema/modelRules";
import { isUnknown, UNKNOWN } from "../schema/unknown";
import type { Progress } from "./progress";

export interface Bill {
  /** Most images that the request is known to bill; 0 for what is taken over. */
  readonly images: number;
  /** What they cost, where their price is known. */
  readonly amount?: Amount;
  /** Such as `2 images, OG image2_low, 0.08 USD`. */
  readonly text: string;
}

/** What generating for these inputs bills. */
export function billOf(inputs: TaskInputs, prices: PriceList | undefined): Bill {
  const images = adopts(inputs) ? 0 : mostImages(inputs);
  const cost = costOf(images, pricedBy(inputs), prices);
  const money = cost && images > 0 ? `, ${costText(cost)}` : "";
  return {
    images,
    ...(cost ? { amount: amountOf(cost) } : {}),
    text: `${imageCount(images)}, ${inputs.modelName} ${inputs.modelVersion}${money}`,
  };
}

/** What is not known yet may turn out to be left out. */
function adopts({ adoptTaskId, adoptFileIds }: TaskInputs): boolean {
  return [adoptTaskId, adoptFileIds].some((adopted) => adopted !== undefined && !isUnknown(adopted));
}

function mostImages(inputs: TaskInputs): number {
  const takesSequential = mayTakeSequential(inputs.modelName, inputs.modelVersion);
  return Math.max(imagesAsked(inputs), sequentialImages(inputs as JsonObject, takesSequential));
}

/** What an image's price depends on. */
export function pricedBy({ modelName, modelVersion, outputConfig }: TaskInputs): Priced {
  return { modelName, modelVersion, resolution: isUnknown(outputConfig) ? UNKNOWN : outputConfig?.resolution };
}

/** How many images the request names; where that is not known yet, the most that its model makes. */
export function imagesAsked({ outputConfig, modelName, modelVersion }: TaskInputs): number {
  const asked: unknown = isUnknown(outputConfig) ? outputConfig : outputConfig?.outputImageCount;
  if (isUnknown(asked)) return mostOutputImages(modelName, modelVersion);
  return typeof asked === "number" ? asked : 1;
}

/** What a resource may bill in this update, and why. */
export interface BillLine {
  readonly inputs: TaskInputs;
  readonly urn: string | undefined;
  readonly images: number;
  readonly amount?: Amount | undefined;
  readonly reason: BillReason;
  /** Attempt that this update sends, of a picture that failed or whose outcome is not known. */
  readonly attempt?: number;
  readonly ifChanged?: readonly string[];
  readonly rowText: string;
}

/** What became of a resource's picture in this update. */
export interface BillOutcome {
  readonly urn: string | undefined;
  /** Names the picture: resources may share it. */
  readonly picture: string;
  readonly became: Became;
  readonly images: number;
  readonly amount?: Amount | undefined;
}

/** A resource of the program that was looked at. */
export interface SeenResource {
  readonly urn: string | undefined;
  /** Undefined where the program does not say. */
  readonly operation: "preview" | "update" | undefined;
}

export interface BillsOptions {
  readonly spendGuard: SpendGuard;
  readonly counts: CountsKeeper;
  readonly progress: Progress;
  /** Where the bill is written to, if anywhere. */
  readonly file: string | undefined;
  /** Where a destroy tells what it leaves, if anywhere. */
  readonly leftFile: string | undefined;
  /** Whether this process hears that its operation ends. Where it does not, each resource's own line stays. */
  readonly hearsEnd: Promise<boolean>;
  readonly cancelled: AbortSignal;
  /** Puts a reason in the words of where the settings are. */
  readonly words: (text: string) => string;
}

/**
 * Says what an update may bill before it does, and in the end what it came to: on the resource's row, as a running total
 * on the stack's row, as a line that stays, and as JSON in the file that `TENCENT_AIGC_BILL_FILE` names.
 */
export class Bills {
  private readonly write = coalesced(() => this.writeAll(false));
  private readonly total = coalesced(() => this.tellTotal());
  private hasSeen = false;
  private operation: SeenResource["operation"];
  /** Found before it was known which operation this is. */
  private readonly found: CountEntry[] = [];
  private hasWarned = false;

  constructor(private readonly options: BillsOptions) {}

  /** There is something to tell of this operation, if only that it bills nothing. */
  async seen({ urn, operation }: SeenResource): Promise<void> {
    const tellsMore = operation !== undefined && this.operation === undefined;
    if (urn === undefined || (this.hasSeen && !tellsMore)) return;
    this.hasSeen = true;
    this.operation ??= operation;
    this.options.counts.add({ kind: "seen", urn, operation });
    if (operation === "preview") for (const entry of this.found.splice(0)) this.options.counts.add(entry);
    await this.write();
  }

  /** The operation fails before it has begun. */
  async refuse(urn: string | undefined, failures: readonly Pick<Failure, "property" | "reason">[]): Promise<void> {
    const { counts, words } = this.options;
    for (const { property, reason } of failures) {
      counts.add({ kind: "refused", ...refusalOf(urn, { property, reason: words(reason) }) });
    }
    await this.write();
  }

  /** @returns why this is too much for one update, if it is */
  async announce(line: BillLine): Promise<string | undefined> {
    const { urn, rowText } = line;
    const { spendGuard, counts, progress } = this.options;
    const tooMany = spendGuard.announce(nameOf(line), resourceLine(line));
    // All is told before it is answered: the process of a preview may be ended as soon as its last resource is checked.
    if (await this.options.hearsEnd) {
      await Promise.all([progress.row(urn, rowText), this.total(), this.write()]);
    } else {
      const soFar = `${rowText}; all pictures until now: up to ${totalText(counts.announced())}`;
      await Promise.all([progress.note(soFar, urn), this.write()]);
    }
    return tooMany;
  }

  /** A picture is there that an update will take, unbilled. A preview counts it; of an update, what it takes counts. */
  async foreseen(urn: string | undefined, picture: string, images: number): Promise<void> {
    const { counts, progress, hearsEnd } = this.options;
    const entry: CountEntry = { kind: "result", resource: urn ?? picture, picture, became: "reused", images };
    if (this.operation === "preview") counts.add(entry);
    else if (this.operation === undefined) this.found.push(entry);
    const text = "is there already, bills nothing";
    await Promise.all([(await hearsEnd) ? progress.row(urn, text) : progress.note(text, urn), this.write()]);
  }

  async came({ urn, picture, became, images, amount }: BillOutcome): Promise<void> {
    const { counts, progress, hearsEnd } = this.options;
    counts.add({ kind: "result", resource: urn ?? picture, picture, became, images, amount });
    await this.write();
    if (!(await hearsEnd)) {
      const total = new Total();
      if (became === "billed") total.add(images, costIn(amount));
      await progress.note(resultText({ ...noResult, [became]: images }, total), urn);
    }
  }

  /** Tells what stays, once all processes of the operation have heard that it ends. */
  async end(isOver: boolean): Promise<void> {
    const { counts, progress, cancelled } = this.options;
    const isLast = counts.hearEnd();
    const bill = counts.announced();
    const text = billText(bill, cancelled.aborted);
    if (isLast && bill.seen !== undefined && text !== undefined && !counts.add({ kind: "tell", text }).refused) {
      await Promise.all([progress.stackNote(bill.seen.urn, text), this.writeAll(true)]);
    }
    if (isOver) counts.leave();
  }

  private tellTotal(): Promise<void> {
    const { counts, progress } = this.options;
    const bill = counts.announced();
    return progress.stackRow(bill.seen?.urn, `bills up to ${totalText(bill)}`);
  }

  private async writeAll(isEnd: boolean): Promise<void> {
    const { file, leftFile, counts, hearsEnd } = this.options;
    if (file === undefined || file === "") return;
    try {
      const why = await whyNotThere(file, leftFile);
      if (why !== undefined) return await this.warnOnce(why);
      // Who reads from a stream gets one bill, at the end.
      if (!isEnd && (await isStream(file)) && (await hearsEnd)) return;
      // Another process of this update may have written less meanwhile, or have counted more.
      for (let written = -1; ; ) {
        const bill = counts.announced();
        if (written === bill.revision) break;
        await writeWhole(file, `${JSON.stringify(billFile(bill), undefined, 2)}\n`);
        if (await isStream(file)) break;
        written = bill.revision;
      }
    } catch (error) {
      await this.warnOnce(`${whyNot(error)}.`);
    }
  }

  private async warnOnce(why: string): Promise<void> {
    if (this.hasWarned) return;
    this.hasWarned = true;
    await this.options.progress.warn(`The bill could not be written to TENCENT_AIGC_BILL_FILE: ${why}`);
  }
}

function billFile({ images, lines, refused, result, seen, total }: Announced): BillFile {
  return {
    version: 1,
    images,
    ...moneyOf(total),
    resources: sortedByUrn(lines),
    ...(refused.length === 0 ? {} : { refused: sortedByUrn(refused) }),
    ...(seen?.operation === "update" ? { result } : {}),
  };
}

function moneyOf({ costs, unpriced }: Total): Pick<BillFile, "currency" | "amount" | "amounts" | "unpriced"> {
  const [cost, ...others] = costs;
  if (cost === undefined) return {};
  return { ...(others.length === 0 ? amountOf(cost) : { amounts: costs.map(amountOf) }), unpriced };
}

function sortedByUrn<T extends { readonly urn: string }>(all: readonly T[]): T[] {
  return [...all].sort((one, other) => (one.urn < other.urn ? -1 : one.urn > other.urn ? 1 : 0));
}

function refusalOf(urn = "", { property, reason }: Pick<Failure, "property" | "reason">): BillRefusal {
  return { urn, name: nameIn(urn), ...(property === "" ? {} : { property }), reason };
}

/** Resources that share an intention share its bill; where it is not known yet, each counts for itself. */
function nameOf({ inputs: { generationId }, urn }: BillLine): string {
  return generationId === undefined || isUnknown(generationId) ? String(urn) : generationId;
}

function resourceLine({ inputs, urn = "", images, amount, reason, attempt, ifChanged }: BillLine): BillResource {
  const { modelName, modelVersion, outputConfig } = inputs;
  const resolution = outputConfig?.resolution;
  return {
    urn,
    name: nameIn(urn),
    images,
    modelName,
    modelVersion,
    ...(resolution === undefined || isUnknown(resolution) ? {} : { resolution }),
    ...amount,
    ...(attempt === undefined ? {} : { attempt }),
    reason,
    ...(ifChanged === undefined ? {} : { ifChanged: [...ifChanged] }),
  };
}

function whyNot(error: unknown): string {
  const code = codeOf(error);
  return { EISDIR: "it names a directory", ENXIO: "nobody reads from it" }[code] ?? code;
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
