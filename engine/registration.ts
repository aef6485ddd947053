import type { resourceProto } from "./pulumiSdk";
import type { Alias, CustomTimeouts, Goal } from "./resourceState";
import type { ReadRequest } from "./stepGenerator";
import { packageOf, parseProviderReference, parseUrn } from "./urn";
import type { PropertyMap } from "./values";

export type RegisterResourceRequest = InstanceType<typeof resourceProto.RegisterResourceRequest>;

/** The goal that a registration states. */
export function goalOf(request: RegisterResourceRequest, properties: PropertyMap): Goal {
  const dependencies = request.getDependenciesList();
  const byProperty = request.getPropertydependenciesMap();
  const propertyDependencies: Record<string, string[]> = {};
  if (byProperty.getLength() === 0) for (const key of Object.keys(properties)) propertyDependencies[key] = dependencies;
  byProperty.forEach((urns, key) => {
    propertyDependencies[key] = urns.getUrnsList();
  });
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    properties,
    parent: request.getParent(),
    provider: request.getProvider(),
    dependencies,
    propertyDependencies,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList().map((urn) => ({ urn })), ...aliasesOf(request)],
    ignoreChanges: request.getIgnorechangesList(),
    replaceWith: request.getReplaceWithList?.() ?? [],
    deletedWith: request.getDeletedwith(),
    customTimeouts: timeoutsOf(request),
    protect: optional(request, "protect"),
    retainOnDelete: optional(request, "retainOnDelete"),
  };
}

/** An option of a registration that this engine does not have. */
export function unsupportedOption(request: RegisterResourceRequest): string | undefined {
  if (request.getImportid() !== "") return "import";
  if (request.getDeletebeforereplace()) return "deleteBeforeReplace";
  if (request.getReplaceonchangesList().length > 0) return "replaceOnChanges";
  return request.getReplacementTrigger?.() === undefined ? undefined : "replacementTrigger";
}

export function readRequestOf(
  request: InstanceType<typeof resourceProto.ReadResourceRequest>,
  properties: PropertyMap,
): ReadRequest {
  return {
    id: request.getId(),
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    provider: request.getProvider(),
    properties,
    dependencies: request.getDependenciesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
  };
}

/** Options that a child takes from its parent where it does not set them. */
export function inheritFromParent(child: Goal, parent: Goal): void {
  child.deletedWith ||= parent.deletedWith;
  child.protect ??= parent.protect;
  child.retainOnDelete ??= parent.retainOnDelete;
  if (child.provider !== "" || parent.provider === "") return;
  const parentPackage = packageOf(parseUrn(parseProviderReference(parent.provider).urn).type);
  if (!child.custom || parentPackage === packageOf(child.type)) child.provider = parent.provider;
}

function aliasesOf(request: RegisterResourceRequest): Alias[] {
  // SDKs from before alias specs wrote "no parent" as an empty parent, and the other way round.
  const legacy = !request.getAliasspecs();
  return request.getAliasesList().map((alias): Alias => {
    const spec = alias.getSpec();
    if (!spec) return { urn: alias.getUrn() };
    const parent = spec.getParenturn();
    const noParent = legacy && parent === "" ? !spec.getNoparent() : spec.getNoparent();
    return {
      name: spec.getName(),
      type: spec.getType(),
      stack: spec.getStack(),
      project: spec.getProject(),
      parent,
      noParent,
    };
  });
}

/** A boolean that may be unset; older SDKs have no way to tell, and false is then taken for unset. */
function optional(request: RegisterResourceRequest, field: "protect" | "retainOnDelete"): boolean | undefined {
  const value = field === "protect" ? request.getProtect() : request.getRetainondelete();
  const presence = request as { hasProtect?(): boolean; hasRetainondelete?(): boolean };
  const has = field === "protect" ? presence.hasProtect?.() : presence.hasRetainondelete?.();
  return (has ?? value) ? value : undefined;
}

function timeoutsOf(request: RegisterResourceRequest): CustomTimeouts {
  const timeouts = request.getCustomtimeouts();
  return {
    create: seconds(timeouts?.getCreate()),
    update: seconds(timeouts?.getUpdate()),
    delete: seconds(timeouts?.getDelete()),
    read: seconds((timeouts as { getRead?(): string } | undefined)?.getRead?.()),
  };
}

const unitSeconds: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Seconds in a Go duration such as `1h30m` or `1.5s`. */
function seconds(text: string | undefined): number {
  if (!text) return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.map(([whole]) => whole).join("") !== text) {
    throw new Error(`unable to parse customTimeout Value ${text}`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit as string] as number), 0);
}
