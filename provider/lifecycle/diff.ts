import { causeOf } from "../generation/causes";
import { mostAttempts } from "../generation/generated";
import type { TaskInputs } from "../schema/inputs";
import { canonicalValue, isEmpty, isObject, type JsonObject } from "../schema/json";
import { canonicalRequest } from "../schema/request";
import { containsUnknown } from "../schema/unknown";
import { billOf } from "./bill";
import type { Context } from "./context";
import { endpointRelation } from "./endpoints";
import { metadataChange } from "./metadata";
import { fileIdsIn, generatedIn, isFinished, metadataOf } from "./outputs";

export interface Difference {
  readonly changes: boolean;
  readonly replaces?: string[];
}

/**
 * What an `up` would do to a resource: nothing, an update that bills nothing but a retry of what failed, or a replace.
 * Sends nothing.
 *
 * @param outputs the stored outputs; old inputs never come here
 */
export async function diff(outputs: JsonObject, news: JsonObject, context: Context): Promise<Difference> {
  const inputs = news as unknown as TaskInputs;
  if (endpointRelation(outputs, context) === "stateIsEmulated") {
    await context.progress.note(
      `This picture came from an emulator at ${outputs["endpoint"]}. It is replaced by a real one: bills up to ${billOf(inputs).text}.`,
      inputs.resourceUrn,
    );
    return { changes: true, replaces: ["endpoint"] };
  }
  await settle(outputs, inputs, context);
  const replaces = [...adoptionChanges(outputs, inputs), ...billedChanges(outputs, news)];
  if (replaces.length > 0) return { changes: true, replaces };
  if (!isFinished(generatedIn(outputs))) {
    await announceRetry(outputs, inputs, context);
    return { changes: true };
  }
  return { changes: metadataDiffers(outputs, news) };
}

/** The state holds the TaskId, so the journal need not. */
async function settle(outputs: JsonObject, inputs: TaskInputs, { generation }: Context): Promise<void> {
  const { taskId } = generatedIn(outputs);
  const base = inputs.sessionId ?? inputs.generationId;
  if (taskId !== undefined && base) await generation.settle({ subAppId: Number(outputs["subAppId"]), base }, taskId);
}

/** The billed inputs that differ, by name. An unknown one may differ. */
function billedChanges(outputs: JsonObject, news: JsonObject): string[] {
  const old = { ...canonicalRequest(outputs), keepers: canonicalValue(outputs["keepers"] ?? {}) } as JsonObject;
  const now = { ...canonicalRequest(news), keepers: canonicalValue(news["keepers"] ?? {}) } as JsonObject;
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...names].filter(
    (name) => containsUnknown(now[name]) || JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  );
}

/** To take over what is held already, or no longer to name it, keeps it. */
function adoptionChanges(outputs: JsonObject, inputs: TaskInputs): string[] {
  const { taskId, files } = generatedIn(outputs);
  const held = new Set(fileIdsIn(files));
  const changes: string[] = [];
  if (inputs.adoptTaskId && inputs.adoptTaskId !== taskId) changes.push("adoptTaskId");
  if (inputs.adoptFileIds && !inputs.adoptFileIds.every((fileId) => held.has(fileId))) changes.push("adoptFileIds");
  return changes;
}

/** Whether an update of these outputs submits the next attempt of what failed for a passing cause. */
export function willRetry(outputs: JsonObject): boolean {
  const { status, adopted, attempt, errCodeExt } = generatedIn(outputs);
  if (status !== "FAILED" || adopted) return false;
  const { cause } = causeOf(errCodeExt);
  return cause === "neverRan" || (cause === "passing" && (attempt ?? 1) < mostAttempts);
}

async function announceRetry(outputs: JsonObject, inputs: TaskInputs, { bills }: Context): Promise<void> {
  if (!willRetry(outputs)) return;
  const bill = billOf(inputs);
  const { attempt = 1, errCodeExt } = generatedIn(outputs);
  const next = causeOf(errCodeExt).cause === "neverRan" ? attempt : attempt + 1;
  const rowText = `bills ${bill.text}, attempt ${next} of ${mostAttempts}`;
  const tooMany = await bills.announce({ ...bill, inputs, attempt: next, rowText });
  if (tooMany !== undefined) throw new Error(`This retry ${tooMany}`);
}

/** Only of what has files whose metadata can be changed. */
function metadataDiffers(outputs: JsonObject, news: JsonObject): boolean {
  const { files, sessionId } = generatedIn(outputs);
  if (isEmpty(fileIdsIn(files))) return false;
  const config = (value: unknown) => metadataOf(isObject(value) ? value : undefined);
  return metadataChange(config(outputs["outputConfig"]), config(news["outputConfig"]), sessionId) !== undefined;
}
