import type { Outcome } from "../generation/generated";
import type { TaskInputs } from "../schema/inputs";
import type { Context } from "./context";
import { intentionOf } from "./intention";
import { changeMetadata } from "./metadata";
import { idOf, isFinished, metadataOf, notReady, type Outputs, outputsOf } from "./outputs";

export interface Created {
  readonly id: string;
  readonly outs: Outputs;
}

/**
 * Brings about the picture that is asked for, or finds the one that is paid for already.
 * @throws a failure with `id` and `properties` where something may be paid for and is not ready; a plain one where
 * nothing was sent
 */
export async function create(inputs: TaskInputs, context: Context): Promise<Created> {
  const outcome = await obtained(inputs, context);
  const id = idOf(outcome.generated);
  const wanted = metadataOf(inputs.outputConfig);
  // A picture that was found carries the names it was once given.
  const sent = outcome.reused ? metadataOf(undefined) : wanted;
  const changed = await changeMetadata({ outcome, sent, wanted, subAppId: inputs.subAppId as number }, context);
  const outs = outputsOf(inputs, changed.outcome.generated, context.client.host, changed.metadata);
  if (changed.outcome.warning) await context.progress.warn(changed.outcome.warning, inputs.resourceUrn);
  if (changed.outcome.problem) throw notReady(id, outs, inputs.__provider, changed.outcome);
  void context.progress.row(inputs.resourceUrn, doneText(outcome));
  return { id, outs };
}

function doneText({ generated, reused }: Outcome): string {
  const task = generated.taskId === undefined ? "" : `, task ${generated.taskId}`;
  if (!isFinished(generated)) return `submitted${task}`;
  const count = generated.files?.length ?? 0;
  const images = `${count} ${count === 1 ? "image" : "images"}${task}`;
  return reused ? `reused, not billed; change keepers for a new image (${images})` : `done, ${images}`;
}

function obtained(inputs: TaskInputs, context: Context): Promise<Outcome> {
  const { generation } = context;
  if (inputs.adoptFileIds) return generation.adoptFiles(inputs.subAppId as number, inputs.adoptFileIds);
  const intention = intentionOf(inputs, context);
  return inputs.adoptTaskId ? generation.adoptTask(intention, inputs.adoptTaskId) : generation.generate(intention);
}
