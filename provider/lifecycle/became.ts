import type { Became } from "../generation/operationCounts";
import { type GenerationRecord, isWithoutFile, type Outcome, taskIdOf } from "../generation/record";
import { amountOf, costOf } from "../money/cost";
import type { PriceList } from "../money/priceList";
import type { CheckedInputs } from "../schema/checkedInputs";
import { type BillOutcome, billOf, pricedBy } from "./bill";

/**
 * What an update has made of a picture, for its bill.
 *
 * @param stored what state held of it before; what it was told then as under way, or as not known, is told as billed now
 */
export function became(
  outcome: Outcome,
  stored: GenerationRecord | undefined,
  inputs: CheckedInputs,
  urn: string | undefined,
  prices: PriceList | undefined,
): BillOutcome {
  const { record } = outcome;
  const images = record.kind === "finished" ? record.files.length : billOf(inputs, prices).images;
  const cost = costOf(images, pricedBy(inputs), prices);
  const amount = cost && amountOf(cost);
  return { urn, picture: taskIdOf(record) ?? inputs.generationId, became: kindOf(outcome, stored), images, amount };
}

function kindOf({ record, reused }: Outcome, stored: GenerationRecord | undefined): Became {
  switch (record.kind) {
    case "running":
      return "running";
    case "finished": {
      const wasOpen = stored?.kind === "running" || stored?.kind === "unknown";
      return !reused || (wasOpen && !record.adopted) ? "billed" : "reused";
    }
    case "failed":
      // A success without a file that was seen is no failure.
      return isWithoutFile(record) ? "unknown" : "failed";
    default:
      return "unknown";
  }
}
