import * as pulumi from "@pulumi/pulumi";
import { nameIn } from "./resourceName";
import { UNKNOWN } from "./schema/unknown";

/** The type of the resource that all others of a stack are under; it is no part of their URNs. */
const rootType = "pulumi:pulumi:Stack";

/**
 * The URNs that a resource had before, by its aliases and by those of its parent, as far as the SDK tells them: what was
 * sent under one of them is looked for. As a plain promise, so that nothing depends on what they are made from.
 *
 * @returns undefined where there is no alias
 */
export function formerUrns(
  type: string,
  name: string,
  { aliases = [], parent }: pulumi.ResourceOptions = {},
): Promise<string[] | undefined> | undefined {
  const inherited = parent === undefined ? [] : pulumi.allAliases([], name, type, parent, name);
  return aliases.length + inherited.length === 0 ? undefined : allUrns(type, name, aliases, parent);
}

type GivenAlias = pulumi.Input<pulumi.URN | pulumi.Alias>;

async function allUrns(
  type: string,
  name: string,
  aliases: GivenAlias[],
  parent: pulumi.Resource | undefined,
): Promise<string[] | undefined> {
  const own = aliases.map((alias) => aliasUrn(alias, type, name, parent));
  // A child that is named after its parent has been renamed with it.
  const parentName = nameIn((await known(parent?.urn)) ?? "");
  const inherited = parent === undefined ? [] : pulumi.allAliases(aliases, name, type, parent, parentName);
  const urns = await Promise.all([...own, ...inherited.map(known)]);
  const distinct = [...new Set(urns.filter((urn) => urn !== undefined))].filter((urn) => urn.startsWith("urn:pulumi:"));
  return distinct.length > 0 ? distinct : undefined;
}

/** As the engine understands an alias. */
async function aliasUrn(
  given: GivenAlias,
  type: string,
  name: string,
  parent: pulumi.Resource | undefined,
): Promise<string | undefined> {
  const alias = await plain(given);
  if (alias === undefined || typeof alias === "string") return alias;
  const [oldName, oldType, stack, project, parentUrn] = await Promise.all([
    known(alias.name ?? name),
    known(alias.type ?? type),
    known(alias.stack ?? pulumi.getStack()),
    known(alias.project ?? pulumi.getProject()),
    known("parent" in alias ? urnOf(alias.parent) : parent?.urn),
  ]);
  if ([oldName, oldType, stack, project].includes(undefined)) return undefined;
  const parentType = parentUrn?.split("::")[2];
  const within = parentType === undefined || parentType === rootType ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${within}${oldType}::${oldName}`;
}

function urnOf(parent: pulumi.Alias["parent"]): pulumi.Input<string> | undefined {
  return pulumi.Resource.isInstance(parent) ? parent.urn : parent;
}

/** An alias itself, where it is known: an Output that is not would never tell. */
async function plain(alias: GivenAlias): Promise<pulumi.URN | pulumi.Alias | undefined> {
  if (!pulumi.Output.isInstance(alias)) return alias;
  const sent: unknown = await pulumi.runtime.serializeProperty("alias", alias);
  return sent === UNKNOWN ? undefined : new Promise((resolve) => void alias.apply(resolve));
}

/** A text, where it is known and no secret. */
async function known(text: pulumi.Input<string> | undefined): Promise<string | undefined> {
  const sent: unknown = await pulumi.runtime.serializeProperty("alias", text);
  return typeof sent === "string" && sent !== UNKNOWN ? sent : undefined;
}
