import { deriveGenerationId } from "../generation/generationId";
import { storedOutcome } from "../generation/outcomes";
import { type GenerationRecord, taskIdOf } from "../generation/record";
import type { CheckedInputs } from "../schema/checkedInputs";
import type { JsonObject } from "../schema/json";
import { canonicalKeepers } from "../schema/keepers";
import { canonicalRequest } from "../schema/request";
import { containsUnknown, isUnknown, mayBeEqual } from "../schema/unknown";
import { fileIdsOf, hasUrl } from "../service/pictureFile";
import { announceUpdate } from "./announce";
import { billOf } from "./bill";
import type { Context, VerbOptions } from "./context";
import { endpointRelation } from "./endpoints";
import { isKept, keptWarning } from "./keep";
import { metadataDiffer } from "./metadata";
import { metadataIn, metadataOf, recordIn } from "./outputs";
import { scopeIn } from "./scope";

export interface DiffOptions extends VerbOptions {
  /** Whether an update follows, of which this says what it bills. After the read of a refresh none does. */
  readonly announces: boolean;
}

export interface Difference {
  readonly changes: boolean;
  readonly replaces?: string[];
}

/**
 * What an `up` would do to a resource: nothing, an update that bills nothing but what it announces, or a replace. Sends
 * nothing.
 *
 * @param outputs the stored outputs; old inputs never come here
 */
export async function diff(
  outputs: JsonObject,
  inputs: CheckedInputs,
  { announces, ...options }: DiffOptions,
  context: Context,
): Promise<Difference> {
  if (endpointRelation(outputs, context) === "stateIsEmulated") {
    const text = `This picture came from an emulator at ${outputs["endpoint"]}. It is replaced by a real one: bills up to ${billOf(inputs, context.configuration.prices).text}.`;
    if (announces) await context.progress.note(text, options.urn);
    return { changes: true, replaces: ["endpoint"] };
  }
  const record = recordIn(outputs);
  const changes = [...adoptionChanges(record, inputs), ...billedChanges(outputs, inputs)];
  const replaces = changes.map(({ name }) => name);
  if (changes.every(({ isOpen }) => isOpen)) context.replaces.onlyIfChanged(options.urn, replaces);
  await remember(record, outputs, inputs, { ...options, isReplaced: replaces.length > 0 }, context);
  if (replaces.length > 0) return { changes: true, replaces };
  if (isKept(outputs, record) && inputs.onFailure === "keep") {
    if (announces) await context.progress.warn(keptWarning(storedOutcome(record).problem ?? []), options.urn);
    return { changes: false };
  }
  if (record.kind !== "finished") {
    if (!announces) return { changes: true };
    try {
      await announceUpdate(record, inputs, options, context);
    } catch (error) {
      await context.bills.refuse(options.urn, [
        { property: "", reason: error instanceof Error ? error.message : String(error) },
      ]);
      throw error;
    }
    return { changes: true };
  }
  if (!record.files.every(hasUrl)) return { changes: true };
  const hasFileIds = fileIdsOf(record.files).length > 0;
  return { changes: hasFileIds && metadataDiffer(metadataIn(outputs), metadataOf(inputs.outputConfig)) };
}

/** The journal keeps the files of what state holds, and under which id an intention goes on. */
async function remember(
  record: GenerationRecord,
  outputs: JsonObject,
  inputs: CheckedInputs,
  { isReplaced, ...options }: VerbOptions & { readonly isReplaced: boolean },
  { generation }: Context,
): Promise<void> {
  const subAppId = Number(outputs["subAppId"]);
  const kept = record.generationId ?? inputs.generationId;
  if (isUnknown(kept)) return;
  await generation.memory.remember(record, kept, subAppId, metadataIn(outputs).expireTime);
  if (isReplaced || record.adopted) return;
  const scope = scopeIn(inputs.sessionScope, options.scope);
  const parts = { request: canonicalRequest(inputs), keepers: inputs.keepers };
  if (scope === undefined || isUnknown(scope) || containsUnknown(parts)) return;
  const derived = deriveGenerationId({ scope, ...parts });
  if (derived !== kept) await generation.memory.pointTo(derived, kept, subAppId);
}

interface Change {
  readonly name: string;
  /** Whether it is one is not known yet. */
  readonly isOpen: boolean;
}

/** The billed inputs that differ. An unknown one may differ. */
function billedChanges(outputs: JsonObject, inputs: CheckedInputs): Change[] {
  const billed = (of: JsonObject): JsonObject => ({
    ...canonicalRequest(of),
    keepers: canonicalKeepers(of["keepers"]),
  });
  const old = billed(outputs);
  const now = billed(inputs);
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...names]
    .filter((name) => containsUnknown(now[name]) || JSON.stringify(old[name]) !== JSON.stringify(now[name]))
    .map((name) => ({ name, isOpen: mayBeEqual(old[name], now[name]) }));
}

/** To take over what is held already, or no longer to name it, keeps it. */
function adoptionChanges(record: GenerationRecord, inputs: CheckedInputs): Change[] {
  const held = new Set(record.kind === "finished" ? fileIdsOf(record.files) : []);
  const changes: Change[] = [];
  if (inputs.adoptTaskId && inputs.adoptTaskId !== taskIdOf(record))
    changes.push({ name: "adoptTaskId", isOpen: false });
  if (inputs.adoptFileIds && !inputs.adoptFileIds.every((fileId) => held.has(fileId))) {
    changes.push({ name: "adoptFileIds", isOpen: false });
  }
  return changes;
}
