import type { TaskInputs } from "./inputs";
import type { JsonObject } from "./json";

/** Inputs as `check` has completed them. Where a value is not known yet, which only a preview has, there is Pulumi's placeholder. */
export type CheckedInputs = TaskInputs & {
  readonly subAppId: number;
  /** Names the intention. */
  readonly generationId: string;
};

/**
 * What the engine hands back of what `check` gave it: the one place where that is taken for the inputs it is.
 * @throws where it is not what `check` gives
 */
export function checkedInputs(raw: JsonObject): CheckedInputs {
  const { subAppId, generationId } = raw;
  if (subAppId === undefined || typeof generationId !== "string") {
    throw new Error("These inputs were never checked: `subAppId` or `generationId` is missing.");
  }
  return raw as CheckedInputs;
}
