import type { ResourceState, Snapshot } from "./resourceState";
import { composeUrn, parseProviderReference, parseUrn, rootStackType } from "./urn";

/**
 * After a resource was found by an alias: rewrites every reference to its old URN, and the URNs of its children that were
 * not registered again. The aliases are then no longer needed.
 */
export function normalizeUrns(snapshot: Snapshot): Snapshot {
  const renamed = new Map<string, string>();
  for (const { urn, parent, aliases } of snapshot.resources) {
    for (const alias of aliases) renamed.set(alias, urn);
    const newParent = renamed.get(parent);
    if (newParent === undefined || parseUrn(newParent).qualifiedType === rootStackType) continue;
    const { stack, project, type, name } = parseUrn(urn);
    renamed.set(urn, composeUrn(stack, project, parseUrn(newParent).qualifiedType, type, name));
  }
  if (renamed.size === 0) return snapshot;
  const fix = (urn: string): string => renamed.get(urn) ?? urn;
  const fixAll = (urns: string[]): string[] => urns.map(fix);
  const resources = snapshot.resources.map(
    (state): ResourceState => ({
      ...state,
      urn: fix(state.urn),
      parent: fix(state.parent),
      provider: fixProvider(state.provider, fix),
      dependencies: fixAll(state.dependencies),
      propertyDependencies: Object.fromEntries(
        Object.entries(state.propertyDependencies).map(([key, urns]) => [key, fixAll(urns)]),
      ),
      deletedWith: fix(state.deletedWith),
      replaceWith: fixAll(state.replaceWith),
      aliases: [],
    }),
  );
  return { ...snapshot, resources };
}

function fixProvider(provider: string, fix: (urn: string) => string): string {
  if (provider === "") return "";
  const { urn, id } = parseProviderReference(provider);
  return `${fix(urn)}::${id}`;
}
