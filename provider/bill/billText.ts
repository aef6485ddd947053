import type { Announced } from "../generation/operationCounts";
import type { Total } from "../money/cost";
import type { BillResource, BillResult } from "./billFile";

/** The one line that stays of a preview or an update: what it bills, or has billed. */
export function billText(bill: Announced, wasCancelled: boolean): string | undefined {
  if (bill.seen === undefined) return undefined;
  if (bill.seen.operation === "update") {
    return `${wasCancelled ? "cancelled: " : ""}${resultText(bill.result, bill.billedTotal)}`;
  }
  const most = mostText(bill);
  const { reused } = bill.result;
  const found = reused > 0 ? `, ${reused} reused` : "";
  if (bill.refused.length === 0) return `bills ${most ?? "nothing"}${found}`;
  return most === undefined ? "refused, bills nothing" : `refused, bills nothing; it would bill ${most}`;
}

export function imageCount(images: number): string {
  return `${images} ${images === 1 ? "image" : "images"}`;
}

/** Such as `20 images, 0.80 USD`. */
export function totalText({ images, total }: Announced): string {
  return total.text === undefined ? imageCount(images) : `${imageCount(images)}, ${total.text}`;
}

/** Such as `up to 20 images (GG 3.0 × 12, Hunyuan 3.0 × 8)`. */
function mostText(bill: Announced): string | undefined {
  const { images, lines } = bill;
  if (images === 0) return undefined;
  const open = lines.filter(({ ifChanged }) => ifChanged !== undefined);
  const openImages = open.reduce((sum, line) => sum + line.images, 0);
  const total = `up to ${totalText(bill)}`;
  if (openImages === 0) return `${total} (${byModel(lines)})`;
  const condition = `if ${changesText([...new Set(open.flatMap(({ ifChanged = [] }) => ifChanged))])}`;
  if (openImages === images) return `${total} ${condition} (${byModel(lines)})`;
  return `${total} (${byModel(lines)}), ${openImages} of them only ${condition}`;
}

/** Such as `` `fileInfos` changes ``. */
export function changesText(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  const last = quoted.at(-1) ?? "";
  return quoted.length < 2 ? `${last} changes` : `${quoted.slice(0, -1).join(", ")} or ${last} changes`;
}

/** Most images first. */
function byModel(lines: readonly BillResource[]): string {
  const models = new Map<string, number>();
  for (const { modelName, modelVersion, images } of lines) {
    const model = `${modelName} ${modelVersion}`;
    models.set(model, (models.get(model) ?? 0) + images);
  }
  return [...models]
    .sort(([one, most], [other, more]) => more - most || one.localeCompare(other, "en"))
    .map(([model, images]) => `${model} × ${images}`)
    .join(", ");
}

/** Such as `billed 1 image, 19 reused, 2 still running`. */
export function resultText({ billed, reused, running, failed, unknown }: BillResult, total: Total): string {
  const parts = [
    billed === 0
      ? "billed nothing"
      : `billed ${imageCount(billed)}${total.text === undefined ? "" : `, ${total.text}`}`,
    ...(reused > 0 ? [`${reused} reused`] : []),
    ...(running > 0 ? [`${running} still running`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} not known: may have been billed`] : []),
  ];
  return parts.join(", ");
}
