import { reasonWithWayOut } from "../../../provider/schema/failure";
import { type Failure, validateInputs } from "../../../provider/schema/inputs";

/** Inputs that break no rule. */
export const valid = { modelName: "GG", modelVersion: "3.0", prompt: "a red car" };

export function failures(inputs: unknown, allowUndocumentedModel = false): Failure[] {
  return validateInputs(inputs, { allowUndocumentedModel });
}

export function failingProperties(inputs: unknown, allowUndocumentedModel = false): string[] {
  return failures(inputs, allowUndocumentedModel).map(({ property }) => property);
}

/** The reason at a property; the empty text if that property breaks no rule. */
export function reasonAt(property: string, inputs: unknown): string {
  const found = failures(inputs).find((failure) => failure.property === property);
  return found === undefined ? "" : reasonWithWayOut(found);
}

export function images(count: number): { url: string }[] {
  return Array.from({ length: count }, (_, index) => ({ url: `https://example.com/${index}.png` }));
}

export function text(length: number): string {
  return "x".repeat(length);
}
