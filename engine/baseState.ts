import { DependencyGraph } from "./dependencyGraph";
import type { ResourceState } from "./resourceState";

/** The state that a deployment starts from. A refresh replaces it as a whole. */
export interface BaseState {
  resources: ResourceState[];
  /** By URN, without what is pending deletion. */
  olds: ReadonlyMap<string, ResourceState>;
  graph: DependencyGraph;
}

export function baseState(resources: ResourceState[]): BaseState {
  const olds = new Map(resources.filter((resource) => !resource.delete).map((resource) => [resource.urn, resource]));
  return { resources, olds, graph: new DependencyGraph(resources) };
}

/** The resources after a refresh: what is gone is left out, together with what referred to it. */
export function rebuildBase(
  resources: ResourceState[],
  refreshed: (resource: ResourceState) => ResourceState | undefined,
): ResourceState[] {
  const present = new Set<string>();
  const parents = new Map<string, string>();
  const rebuilt: ResourceState[] = [];
  for (const resource of resources) {
    const state = refreshed(resource);
    if (!state) {
      parents.set(resource.urn, resource.parent);
      continue;
    }
    const keep = (urns: string[]): string[] => urns.filter((urn) => present.has(urn));
    state.dependencies = keep(state.dependencies);
    state.replaceWith = keep(state.replaceWith);
    if (!present.has(state.deletedWith)) state.deletedWith = "";
    state.propertyDependencies = Object.fromEntries(
      Object.entries(state.propertyDependencies)
        .map(([key, urns]) => [key, keep(urns)] as const)
        .filter(([, urns]) => urns.length > 0),
    );
    let { parent } = state;
    while (parent !== "" && !present.has(parent)) parent = parents.get(parent) ?? "";
    state.parent = parent;
    rebuilt.push(state);
    present.add(state.urn);
  }
  return rebuilt;
}
