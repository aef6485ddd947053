import { imageCount } from "../bill/billText";
import type { Outcome } from "../generation/record";
import type { CheckedInputs } from "../schema/checkedInputs";
import { became } from "./became";
import { conclude } from "./conclude";
import type { Context, VerbOptions } from "./context";
import { derivedId, intentionOf } from "./intention";
import { changeMetadata } from "./metadata";
import { idOf, type Metadata, metadataOf, type Outputs } from "./outputs";

export interface Created {
  readonly id: string;
  readonly outs: Outputs;
}

/**
 * Generates the picture that is asked for, or finds the one that is paid for already.
 * @throws NotReady where something may be paid for and is not ready; another error where nothing was sent
 */
export async function create(checked: CheckedInputs, options: VerbOptions, context: Context): Promise<Created> {
  const { urn } = options;
  // A policy may have changed them since: the picture is known by what it is made from.
  const inputs = { ...checked, generationId: derivedId(checked, options) };
  const obtained = await obtain(inputs, options, context);
  const wanted = metadataOf(inputs.outputConfig);
  const { outcome, metadata } = await changeMetadata(
    {
      outcome: obtained,
      sent: metadataAtBirth(obtained, wanted),
      wanted,
      subAppId: inputs.subAppId,
      isNew: !obtained.reused,
    },
    context,
  );
  const id = idOf(outcome.record);
  context.replaces.forget(urn);
  await context.bills.came(became(outcome, undefined, inputs, urn, context.configuration.prices));
  const outs = await conclude({ id, outcome, metadata }, inputs, urn, context);
  void context.progress.row(urn, doneText(outcome));
  return { id, outs };
}

/** What the request itself has set. A picture that was found carries what it was once given. */
function metadataAtBirth({ record, reused }: Outcome, wanted: Metadata): Metadata {
  if (reused) return {};
  // A Temporary file has its name from the request, and nothing else can be changed of it.
  const isTemporary = record.kind === "finished" && record.files.every(({ fileId }) => fileId === undefined);
  return isTemporary ? wanted : { ...wanted, mediaName: undefined };
}

function doneText({ record, reused }: Outcome): string {
  const task = "taskId" in record && record.taskId ? `, task ${record.taskId}` : "";
  if (record.kind === "failed") return `failed, kept without a picture${task}`;
  if (record.kind !== "finished") return `submitted${task}`;
  const images = `${imageCount(record.files.length)}${task}`;
  return reused ? `reused, not billed; change keepers for a new image (${images})` : `done, ${images}`;
}

function obtain(inputs: CheckedInputs, options: VerbOptions, context: Context): Promise<Outcome> {
  const { generation } = context;
  if (inputs.adoptFileIds) return generation.adoptFiles(inputs.subAppId, inputs.adoptFileIds);
  const intention = intentionOf(inputs, context, options);
  return inputs.adoptTaskId ? generation.adoptTask(intention, inputs.adoptTaskId) : generation.generate(intention);
}
