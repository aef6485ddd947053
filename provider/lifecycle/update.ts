import { endingOf } from "../generation/causes";
import { aged, failed, finished, type Generated, type Outcome, unknown } from "../generation/generated";
import * as reasons from "../generation/reasons";
import { endedText } from "../generation/verdict";
import type { TaskInputs } from "../schema/inputs";
import { isObject, type JsonObject } from "../schema/json";
import type { Context } from "./context";
import { willRetry } from "./diff";
import { endpointRelation } from "./endpoints";
import { intentionOf } from "./intention";
import { changeMetadata } from "./metadata";
import { generatedIn, metadataOf, notReady, type Outputs, outputsOf } from "./outputs";

/**
 * Goes on with what is in state, by its status. Submits only where preview said so: the next attempt of what failed for
 * a passing cause, or the very request again whose outcome is unknown.
 *
 * @returns the whole outputs: whatever is left out would be lost from state
 */
export async function update(
  id: string,
  outputs: JsonObject,
  inputs: TaskInputs,
  context: Context,
): Promise<{ outs: Outputs }> {
  endpointRelation(outputs, context);
  const stored = generatedIn(outputs);
  const outcome = await continued(stored, outputs, inputs, context);
  const wanted = metadataOf(inputs.outputConfig);
  const storedConfig = outputs["outputConfig"];
  const resubmitted = outcome.generated.taskId !== stored.taskId && !outcome.reused;
  const sent = resubmitted ? wanted : metadataOf(isObject(storedConfig) ? storedConfig : undefined);
  const changed = await changeMetadata({ outcome, sent, wanted, subAppId: inputs.subAppId as number }, context);
  const outs = outputsOf(inputs, changed.outcome.generated, context.client.host, changed.metadata);
  if (changed.outcome.warning) await context.progress.warn(changed.outcome.warning, inputs.resourceUrn);
  if (changed.outcome.problem) throw notReady(id, outs, inputs.__provider, changed.outcome);
  return { outs };
}

async function continued(
  stored: Generated,
  outputs: JsonObject,
  inputs: TaskInputs,
  context: Context,
): Promise<Outcome> {
  const { generation } = context;
  switch (stored.status) {
    case finished:
      return { generated: stored };
    case failed:
      return willRetry(outputs) ? generation.retry(intentionOf(inputs, context), stored) : stillFailed(stored);
    case unknown:
    case aged:
      return generation.repeat(intentionOf(inputs, context), stored);
    default:
      return generation.resume(intentionOf(inputs, context), stored);
  }
}

function stillFailed(stored: Generated): Outcome {
  const { taskId = "", attempt = 1, errCode, errCodeExt } = stored;
  const { cause, meaning } = endingOf(stored);
  const ended = endedText(taskId, { meaning, errCode, errCodeExt });
  if (stored.adopted) return { generated: stored, problem: reasons.adoptedFailed(ended) };
  const problem = cause === "passing" ? reasons.passing(ended, attempt) : reasons.lasting(ended);
  return { generated: stored, problem };
}
