import { type GenerationRecord, mostAttempts } from "../generation/record";
import type { CheckedInputs } from "../schema/checkedInputs";
import { endingOf } from "../service/endings";
import { serviceWindowMs } from "../service/window";
import { billOf } from "./bill";
import type { Context, VerbOptions } from "./context";

/** Machines' clocks may differ: a repeat is announced rather than left out. */
const clockToleranceMs = 24 * 3_600_000;

/**
 * What an update of a record sends, if anything: the next attempt of what failed for a passing cause or never ran, or a
 * request again whose outcome is unknown. By what is stored alone, so that a preview says the same as its update.
 */
export function willSend(record: GenerationRecord, now: number): "retry" | "repeat" | undefined {
  if (record.adopted) return undefined;
  if (record.kind === "unknown" && record.sentAt !== undefined) {
    return now < Date.parse(record.sentAt) + serviceWindowMs + clockToleranceMs ? "repeat" : undefined;
  }
  if (record.kind !== "failed") return undefined;
  const { cause } = endingOf(record);
  const attempt = record.submission?.attempt ?? 1;
  return cause === "neverRan" || (cause === "passing" && attempt < mostAttempts) ? "retry" : undefined;
}

/**
 * Says what an update of a stored record may bill, and counts it.
 * @throws where that is more than the spend guard allows, or would be deleted before it is made
 */
export async function announceUpdate(
  record: GenerationRecord,
  inputs: CheckedInputs,
  { urn }: VerbOptions,
  { bills, configuration }: Context,
): Promise<void> {
  const kind = willSend(record, Date.now());
  if (kind === undefined) return;
  const end = Date.parse(inputs.outputConfig?.expireTime ?? "");
  if (end <= Date.now()) {
    throw new Error(
      "outputConfig.expireTime is in the past: the picture would be billed and deleted at once. Set a later time, or remove it.",
    );
  }
  const { images, amount, text } = billOf(inputs, configuration.prices);
  const last = record.submission?.attempt ?? 1;
  const ran = record.kind === "failed" && endingOf(record).cause !== "neverRan";
  const attempt = ran ? last + 1 : last;
  const what =
    kind === "retry" ? `attempt ${attempt} of ${mostAttempts}` : "repeats a request whose outcome is not known";
  const rowText = `bills ${kind === "repeat" ? "up to " : ""}${text}, ${what}`;
  const tooMany = await bills.announce({ images, amount, inputs, urn, reason: kind, attempt, rowText });
  if (tooMany !== undefined) throw new Error(`This ${kind} ${tooMany}`);
}
