import { deriveGenerationId, requestDigest } from "../generation/generationId";
import type { Intention } from "../generation/intention";
import { rowOf } from "../money/priceList";
import type { CheckedInputs } from "../schema/checkedInputs";
import { isEmpty } from "../schema/json";
import { canonicalRequest, toWire } from "../schema/request";
import { billOf, imagesAsked } from "./bill";
import type { Context, VerbOptions } from "./context";
import { scopeIn } from "./scope";
import { sessionContextOf } from "./sessionContext";

/** How long a resource waits for its picture unless told otherwise. */
export const defaultTimeoutSeconds = 600;

/** The id that the inputs derive, whatever they were checked as. */
export function derivedId(inputs: CheckedInputs, options: VerbOptions): string {
  const parts = { request: canonicalRequest(inputs), keepers: inputs.keepers };
  return deriveGenerationId({ scope: scopeIn(inputs.sessionScope, options.scope) ?? "", ...parts });
}

/** What checked inputs ask for. */
export function intentionOf(
  inputs: CheckedInputs,
  { progress, configuration, localFiles }: Context,
  options: VerbOptions,
): Intention {
  const { outputConfig, generationId, sessionId, keepers } = inputs;
  const permanent = outputConfig?.storageMode === "Permanent";
  const parts = { request: canonicalRequest(inputs), keepers };
  const bill = billOf(inputs, configuration.prices);
  const tag = configuration.tagSessionContext ? sessionContextOf(options.urn) : {};
  return {
    generationId,
    formerIds: formerIds(inputs, options),
    // The generation id given as SessionId is what is sent anyway.
    ownSessionId: isEmpty(sessionId) || sessionId === generationId ? undefined : sessionId,
    requestDigest: requestDigest(parts),
    hasKeepers: !isEmpty(keepers),
    request: { ...tag, ...requestOf(inputs, permanent) },
    withFiles: (request, mayBeAccepted) => localFiles.withBytes(request, inputs.fileInfos, mayBeAccepted),
    permanent,
    mediaName: outputConfig?.mediaName || undefined,
    images: bill.images,
    spending: { amount: bill.amount, row: rowOf(inputs) },
    imagesAsked: imagesAsked(inputs),
    waitForCompletion: inputs.waitForCompletion ?? true,
    timeoutMs: (inputs.timeoutSeconds ?? options.timeoutSeconds ?? defaultTimeoutSeconds) * 1000,
    report: (text) => void progress.row(options.urn, text),
  };
}

/** What the id was under another URN, and while a URL counted as it was written. */
export function formerIds(inputs: CheckedInputs, options: VerbOptions): string[] {
  const { keepers, sessionScope, formerUrns = [] } = inputs;
  const parts = { request: canonicalRequest(inputs), keepers };
  const asWritten = (text: string) => text;
  const formerParts = { request: canonicalRequest(inputs, asWritten), keepers };
  // A scope of the user's own is the same before and after a rename.
  const scopes = [scopeIn(sessionScope, options.scope) ?? "", ...(sessionScope === undefined ? formerUrns : [])];
  const [current, ...former] = scopes.flatMap((scope) => [
    deriveGenerationId({ scope, ...parts }),
    deriveGenerationId({ scope, ...formerParts }, asWritten),
  ]);
  return [...new Set(former)].filter((id) => id !== current);
}

/** A Permanent file is born under its generation id: a name of the user's own is set once it is there. */
function requestOf(inputs: CheckedInputs, permanent: boolean): Intention["request"] {
  const { SessionId: _, ...request } = toWire(inputs);
  if (!permanent || request.OutputConfig === undefined) return request;
  const { MediaName: __, ...OutputConfig } = request.OutputConfig;
  return { ...request, OutputConfig };
}
