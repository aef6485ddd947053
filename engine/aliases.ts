import type { Alias, Goal } from "./resourceState";
import { composeUrn, createUrn, parseUrn, rootStackType } from "./urn";

export interface AliasContext {
  stack: string;
  project: string;
  /** The old URN that a resource of this deployment was found by, if by an alias. */
  aliasOf(urn: string): string | undefined;
}

/** Every URN that a goal may have had before, in the order in which they are tried. */
export function previousUrns(goal: Goal, context: AliasContext): string[] {
  const urns = goal.aliases.map((alias) => aliasUrn(goal.name, goal.type, goal.parent, alias, context));
  const parentAlias = goal.parent === "" ? undefined : context.aliasOf(goal.parent);
  if (parentAlias === undefined) return [...new Set(urns)];
  const parentName = parseUrn(goal.parent).name;
  const inherited = [{ type: goal.type, name: goal.name }, ...urns.map(parseUrn)].map(({ type, name }) =>
    inheritedAlias(type, name, parentName, parentAlias),
  );
  return [...new Set([...urns, ...inherited])];
}

function aliasUrn(name: string, type: string, parent: string, alias: Alias, context: AliasContext): string {
  if ("urn" in alias) return alias.urn;
  let aliasParent = alias.parent === "" ? parent : (context.aliasOf(alias.parent) ?? alias.parent);
  const isRoot = aliasParent !== "" && parseUrn(aliasParent).qualifiedType === rootStackType;
  if (alias.noParent || isRoot) aliasParent = "";
  return createUrn(
    alias.stack || context.stack,
    alias.project || context.project,
    aliasParent,
    alias.type || type,
    alias.name || name,
  );
}

/** A child named after its parent is taken to have been renamed with it. */
function inheritedAlias(type: string, name: string, parentName: string, parentAlias: string): string {
  const old = parseUrn(parentAlias);
  const oldName = name.startsWith(parentName) ? old.name + name.slice(parentName.length) : name;
  return composeUrn(old.stack, old.project, old.qualifiedType, type, oldName);
}
