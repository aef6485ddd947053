import { dependencyUrns, type ResourceState } from "./resourceState";
import { parseProviderReference } from "./urn";

/**
 * The dependencies within a list of resources, in which each comes after those it depends on. A URN may occur more than
 * once while a replacement is under way.
 */
export class DependencyGraph {
  private readonly index = new Map<ResourceState, number>();
  private readonly byUrn = new Map<string, number[]>();
  private readonly childrenOf = new Map<string, number[]>();

  constructor(private readonly resources: ResourceState[]) {
    resources.forEach((resource, position) => {
      this.index.set(resource, position);
      push(this.byUrn, resource.urn, position);
      let ancestor: string | undefined = resource.parent;
      while (ancestor) {
        push(this.childrenOf, ancestor, position);
        const parentAt: number | undefined = this.byUrn.get(ancestor)?.at(-1);
        ancestor = parentAt === undefined ? undefined : resources[parentAt]?.parent;
      }
    });
  }

  /** What `resource` depends on directly: provider, parent, dependencies, and the children of components among them. */
  dependenciesOf(resource: ResourceState): Set<ResourceState> {
    const position = this.positionOf(resource);
    const found = new Set<ResourceState>();
    const urns = new Set(dependencyUrns(resource));
    if (resource.provider !== "") urns.add(parseProviderReference(resource.provider).urn);
    for (const urn of urns) {
      for (const candidate of this.before(this.byUrn.get(urn), position)) {
        found.add(candidate);
        if (candidate.custom) continue;
        for (const child of this.before(this.childrenOf.get(urn), position)) found.add(child);
      }
    }
    for (const parent of this.before(this.byUrn.get(resource.parent), position)) found.add(parent);
    return found;
  }

  private before(positions: number[] | undefined, limit: number): ResourceState[] {
    return (positions ?? [])
      .filter((position) => position < limit)
      .map((position) => this.resources[position] as ResourceState);
  }

  private positionOf(resource: ResourceState): number {
    const position = this.index.get(resource);
    if (position === undefined) throw new Error(`${resource.urn} is not in the dependency graph`);
    return position;
  }
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
