import * as messages from "../generation/messages";
import { type FailedRecord, type GenerationRecord, isWithoutFile } from "../generation/record";
import type { TaskInputs } from "../schema/inputs";
import type { JsonObject } from "../schema/json";
import { endingOf } from "../service/endings";
import { willSend } from "./announce";

/** What `onFailure: "keep"` makes of a picture that failed for good: a resource that is ready, without a picture. */

/**
 * Whether a task ended without a picture and nothing is sent for it again: for a lasting cause, after the last attempt,
 * or because it was taken over. A success without a file may show one yet.
 */
export function hasFailedForGood(record: GenerationRecord): record is FailedRecord {
  return record.kind === "failed" && !isWithoutFile(record) && willSend(record, Date.now()) === undefined;
}

/** The outputs by which a failed picture is ready; none where it is not to be kept. */
export function keptOutputs(
  record: GenerationRecord,
  onFailure: TaskInputs["onFailure"],
): { readonly files?: readonly []; readonly message?: string } {
  if (onFailure !== "keep" || !hasFailedForGood(record)) return {};
  return { files: [], message: messages.endedWithoutPicture(record.taskId, { ...endingOf(record), ...record }) };
}

/** Whether stored outputs are those of a failed picture that was kept. */
export function isKept(outputs: JsonObject, record: GenerationRecord): record is FailedRecord {
  return Array.isArray(outputs["files"]) && hasFailedForGood(record);
}

/** Told at each `up`, for a kept failure is easily forgotten. */
export function keptWarning(problem: readonly string[]): string {
  return `There is no picture, and \`onFailure: "keep"\` goes on without it; what is made from its \`url\` is refused, unbilled. ${problem.join(" ")}`;
}
