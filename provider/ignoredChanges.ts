import { inputsThat } from "./schema/effects";

const inputNames = inputsThat("replaces", "inPlace", "next", "scope", "adopts", "control");

/**
 * The option `ignoreChanges` with all inputs by their names in place of `*`: that would also ignore what this package
 * tells with them, such as whether this is a preview.
 */
export function ignoringInputs<T extends { readonly ignoreChanges?: string[] }>(options: T | undefined): T | undefined {
  const { ignoreChanges } = options ?? {};
  if (options === undefined || !ignoreChanges?.includes("*")) return options;
  const paths = ignoreChanges.filter((path) => path !== "*");
  const names = inputNames.map((path) => path.split(".", 1)[0] ?? path);
  return { ...options, ignoreChanges: [...new Set([...paths, ...names])] };
}
