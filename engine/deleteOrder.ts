import type { DependencyGraph } from "./dependencyGraph";
import type { Step } from "./steps";

/**
 * Sorts deletions into groups: within a group they may run side by side, and each group waits for the one before it, so
 * that nothing is deleted before what depends on it.
 */
export function scheduleDeletes(steps: Step[], graph: DependencyGraph): Step[][] {
  const condemned = new Map(steps.map((step) => [step.resource, step]));
  const groups: Step[][] = [];
  const remaining = new Map(
    [...condemned.keys()].map((resource) => [
      resource,
      [...graph.dependenciesOf(resource)].filter((dependency) => condemned.has(dependency)),
    ]),
  );
  while (remaining.size > 0) {
    const free = [...remaining].filter(([, needs]) => !needs.some((dependency) => remaining.has(dependency)));
    if (free.length === 0) throw new Error("resources to be deleted depend on each other in a circle");
    for (const [resource] of free) remaining.delete(resource);
    groups.push(free.map(([resource]) => condemned.get(resource) as Step));
  }
  return groups.reverse();
}
