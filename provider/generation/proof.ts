import type { AigcImageTaskInput, CreateAigcImageTaskRequest } from "../vod/wire";
import { isDerived } from "./generationId";
import type { Intention } from "./intention";

/**
 * Whether a task that was found under the user's own SessionId is this intention's: somebody else may have used the same
 * text. Its files' name decides, since files are born under the generation id; the echo's other fields only disprove.
 */
export type Proof =
  | "ours"
  /** Certain: nothing of ours was accepted under that SessionId. */
  | "another"
  /** Its fields differ, and the service may have changed them: not ours to take, and no proof that ours was refused. */
  | "differs"
  | "notShown";

export function proofOf(
  intention: Intention,
  sessionId: string | undefined,
  echo: AigcImageTaskInput | undefined,
): Proof {
  const name = echo?.OutputConfig?.MediaName;
  if (name) {
    const ids = [intention.generationId, ...intention.formerIds];
    if (ids.some((id) => name.startsWith(id))) return "ours";
    if (isDerived(name) && name !== sessionId) return "another";
  }
  if (echo === undefined) return "notShown";
  const differs = fields(intention.request, echo).some(([sent, echoed]) => sent && echoed && sent !== echoed);
  // A Permanent picture of ours would have its name.
  if (differs) return intention.permanent && name !== sessionId ? "another" : "differs";
  // 0.1.0 named files by the SessionId, or as the user wished.
  if (name) return name === sessionId || name === intention.mediaName ? "ours" : "notShown";
  if (intention.hasKeepers || intention.request.InputRegion) return "notShown";
  return fields(intention.request, echo).every(([sent, echoed]) => !sent || Boolean(echoed)) ? "ours" : "notShown";
}

/**
 * What was asked for, beside what the service echoes, as text. A model may be echoed under an alias, and an enhanced
 * prompt is another one.
 */
function fields(request: CreateAigcImageTaskRequest, echo: AigcImageTaskInput): [string, string][] {
  const config = request.OutputConfig;
  const echoed = echo.OutputConfig;
  const enhanced = request.EnhancePrompt === "Enabled";
  const pairs: [unknown, unknown][] = [
    [request.ModelVersion, echo.ModelVersion],
    [enhanced ? undefined : request.Prompt, echo.Prompt],
    [request.NegativePrompt, echo.NegativePrompt],
    [request.SceneType, echo.SceneType],
    [request.Seed, echo.Seed],
    [request.FileInfos?.length, echo.FileInfos?.length],
    [config?.StorageMode, echoed?.StorageMode],
    [config?.Resolution, echoed?.Resolution],
    [config?.AspectRatio, echoed?.AspectRatio],
    [config?.OutputImageCount, echoed?.OutputImageCount],
    [config?.OutputFormat, echoed?.OutputFormat],
    [request.ExtInfo, echo.ExtInfo],
  ];
  return pairs.map(([sent, told]) => [text(sent), text(told)]);
}

function text(value: unknown): string {
  return value === undefined || value === null || value === 0 ? "" : String(value);
}
