import type { Outcome } from "../generation/record";
import type { CheckedInputs } from "../schema/checkedInputs";
import type { Context } from "./context";
import { isKept, keptOutputs, keptWarning } from "./keep";
import { type Metadata, NotReady, type Outputs, outputsOf } from "./outputs";

/** The result of a verb. */
export interface Brought {
  readonly id: string;
  readonly outcome: Outcome;
  /** As last sent to the service. */
  readonly metadata: Metadata;
}

/**
 * The outputs of a verb's result. Warns of what is not as it was asked for.
 * @throws NotReady where the picture is not ready, and was not kept as a failure
 */
export async function conclude(
  { id, outcome, metadata }: Brought,
  inputs: CheckedInputs,
  urn: string | undefined,
  { client, progress }: Context,
): Promise<Outputs> {
  const outs = {
    ...outputsOf(inputs, outcome.record, { endpoint: client.host, metadata, urn }),
    ...keptOutputs(outcome.record, inputs.onFailure),
  };
  if (outcome.warning) await progress.warn(outcome.warning, urn);
  if (outcome.problem) {
    if (!isKept(outs, outcome.record)) throw new NotReady(id, outs, outcome);
    await progress.warn(keptWarning(outcome.problem), urn);
  }
  return outs;
}
