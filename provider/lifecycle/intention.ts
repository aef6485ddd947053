import type { Intention } from "../generation/intention";
import type { TaskInputs } from "../schema/inputs";
import { toWire } from "../schema/request";
import { billOf, imagesAsked } from "./bill";
import type { Context } from "./context";

/** How long a resource waits for its picture unless told otherwise. */
export const defaultTimeoutSeconds = 600;

/** What checked inputs ask the generation room for. */
export function intentionOf(inputs: TaskInputs, { progress }: Context): Intention {
  const { SessionId: _, ...request } = toWire(inputs);
  const { outputConfig, sessionId, generationId, resourceUrn } = inputs;
  return {
    base: sessionId ? { id: sessionId, explicit: true } : { id: generationId ?? "", explicit: false },
    request,
    // A Temporary file is never in the library, and a name of the user's own is no SessionId.
    namedBySessionId: outputConfig?.storageMode === "Permanent" && !outputConfig.mediaName,
    images: billOf(inputs).images,
    imagesAsked: imagesAsked(inputs),
    waitForCompletion: inputs.waitForCompletion ?? true,
    timeoutMs: (inputs.timeoutSeconds ?? defaultTimeoutSeconds) * 1000,
    report: (text) => void progress.row(resourceUrn, text),
  };
}
