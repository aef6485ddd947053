import type { BaseState } from "./baseState";
import { applyReplaceOnChanges } from "./differences";
import type { ResourceState } from "./resourceState";
import type { StepContext } from "./steps";
import { isProviderType, parseProviderReference } from "./urn";
import { unknownValue } from "./values";

export interface DependentReplacement {
  resource: ResourceState;
  keys: string[];
}

type Context = Pick<StepContext, "providerFor"> & { readonly base: BaseState };

/**
 * What depends on a resource that is about to be deleted, and would itself be replaced by what changes there; and what
 * says that it goes with it.
 *
 * @param registered URNs this deployment has dealt with: they cannot depend on the root any more
 */
export async function dependentReplacements(
  context: Context,
  root: ResourceState,
  urn: string,
  registered: ReadonlySet<string>,
): Promise<DependentReplacement[]> {
  const { base } = context;
  const found: DependentReplacement[] = [];
  const replaced = new Set([root.urn]);
  const dependents = base.graph.contains(root) ? base.graph.dependingOn(root, registered) : [];
  for (const dependent of dependents) {
    const keys = await replacedByDependency(context, dependent, replaced);
    if (!keys) continue;
    replaced.add(dependent.urn);
    found.push({ resource: dependent, keys });
  }
  const cascading = [...base.olds.values()].filter(
    (state) => state.replaceWith.includes(urn) || state.deletedWith === urn,
  );
  return [...found, ...cascading.map((resource) => ({ resource, keys: [] }))];
}

/** The keys that would replace a resource if what it uses of the replaced ones became unknown. */
async function replacedByDependency(
  context: Context,
  resource: ResourceState,
  replaced: ReadonlySet<string>,
): Promise<string[] | undefined> {
  if (!resource.custom || resource.external) return undefined;
  if (resource.provider !== "" && replaced.has(parseProviderReference(resource.provider).urn)) return [];
  if (resource.deletedWith !== "" && replaced.has(resource.deletedWith)) return [];
  const touched = Object.keys(resource.inputs).filter((key) =>
    resource.propertyDependencies[key]?.some((urn) => replaced.has(urn)),
  );
  if (touched.length === 0 || isProviderType(resource.type)) return undefined;
  const inputs = { ...resource.inputs, ...Object.fromEntries(touched.map((key) => [key, unknownValue])) };
  const provider = await context.providerFor(resource);
  const plain = await provider.diff(resource, resource, inputs, {
    preview: true,
    ignoreChanges: resource.ignoreChanges,
  });
  const { replaceKeys } = applyReplaceOnChanges(plain, resource.replaceOnChanges, false);
  return replaceKeys.length > 0 ? replaceKeys : undefined;
}
