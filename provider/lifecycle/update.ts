import { type GenerationRecord, isWithoutFile, type Outcome, taskIdOf } from "../generation/record";
import type { CheckedInputs } from "../schema/checkedInputs";
import type { JsonObject } from "../schema/json";
import { willSend } from "./announce";
import { became } from "./became";
import { conclude } from "./conclude";
import type { Context, VerbOptions } from "./context";
import { endpointRelation } from "./endpoints";
import { intentionOf } from "./intention";
import { changeMetadata } from "./metadata";
import { metadataIn, metadataOf, type Outputs, recordIn } from "./outputs";

/**
 * Goes on with what is in state, by its status. Submits only where preview said so: the next attempt of what failed for
 * a passing cause, or the very request again whose outcome is unknown.
 *
 * @returns the whole outputs: whatever is left out would be lost from state
 * @throws NotReady where the picture is still not ready
 */
export async function update(
  id: string,
  outputs: JsonObject,
  inputs: CheckedInputs,
  options: VerbOptions,
  context: Context,
): Promise<{ outs: Outputs }> {
  const { urn } = options;
  endpointRelation(outputs, context);
  const stored = recordIn(outputs);
  const goneOn = await goOn(stored, inputs, options, context);
  const wanted = metadataOf(inputs.outputConfig);
  const isNewTask = taskIdOf(goneOn.record) !== taskIdOf(stored) && !goneOn.reused;
  const sent = isNewTask ? { ...wanted, mediaName: undefined } : metadataIn(outputs);
  const isNew = stored.kind !== "finished" && !goneOn.reused;
  const change = { outcome: goneOn, sent, wanted, subAppId: inputs.subAppId, isNew };
  const { outcome, metadata } = await changeMetadata(change, context);
  if (stored.kind !== "finished") {
    await context.bills.came(became(outcome, stored, inputs, urn, context.configuration.prices));
  }
  return { outs: await conclude({ id, outcome, metadata }, inputs, urn, context) };
}

function goOn(
  stored: GenerationRecord,
  inputs: CheckedInputs,
  options: VerbOptions,
  context: Context,
): Promise<Outcome> {
  const { generation } = context;
  const intention = intentionOf(inputs, context, options);
  switch (stored.kind) {
    case "finished":
      return generation.complete({ record: stored }, inputs.subAppId);
    case "running":
      return generation.resume(intention, stored);
    default:
      // A success without a file: it may be told by now.
      if (stored.kind === "failed" && isWithoutFile(stored)) return generation.resume(intention, stored);
      return generation.goOn(intention, stored, willSend(stored, Date.now()) ?? "look");
  }
}
