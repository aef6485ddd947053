import { outputNames } from "../outputNames";
import type { CheckedInputs } from "../schema/checkedInputs";
import type { JsonObject } from "../schema/json";
import { UNKNOWN } from "../schema/unknown";
import { hasUrl } from "../service/pictureFile";
import { imagesAsked } from "./bill";
import { echoOf, recordIn, recordOutputs } from "./outputs";

/** What only the service tells. */
const told = [...outputNames.filter((name) => name !== "generationId"), "url", "fileUrls"];

/** The outputs of a picture that is to be made, as far as a preview knows them. */
export function createPreview(inputs: CheckedInputs): JsonObject {
  return { ...knownOf(inputs), ...Object.fromEntries(told.map((name) => [name, UNKNOWN])) };
}

/** The outputs after an update, as far as a preview knows them: a picture that is whole stays as it is. */
export function updatePreview(outputs: JsonObject, inputs: CheckedInputs): JsonObject {
  const record = recordIn(outputs);
  const isWhole =
    record.kind === "finished" && record.files.every(hasUrl) && record.files.length >= imagesAsked(inputs);
  if (!isWhole) return createPreview(inputs);
  const { __provider: _, ...kept } = outputs;
  return { ...kept, ...knownOf(inputs), ...recordOutputs(record, inputs.generationId) };
}

function knownOf(inputs: CheckedInputs): JsonObject {
  return { ...echoOf(inputs), generationId: inputs.generationId };
}
