export const rootStackType = "pulumi:pulumi:Stack";
export const providerTypePrefix = "pulumi:providers:";

/** The package of all dynamic resources of Node programs. */
export const dynamicPackage = "pulumi-nodejs";

export interface UrnParts {
  stack: string;
  project: string;
  /** Types of the parents and the resource, joined by `$`. */
  qualifiedType: string;
  type: string;
  name: string;
}

export function parseUrn(urn: string): UrnParts {
  const [prefix, project, qualifiedType, ...name] = urn.split("::");
  const stack = prefix?.startsWith("urn:pulumi:") ? prefix.slice("urn:pulumi:".length) : undefined;
  if (stack === undefined || !project || !qualifiedType || name.length === 0) {
    throw new Error(`not a URN: ${JSON.stringify(urn)}`);
  }
  const type = qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
  return { stack, project, qualifiedType, type, name: name.join("::") };
}

/** `parent` is a URN or empty; the root stack adds nothing to its children's types. */
export function createUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : parseUrn(parent).qualifiedType;
  return composeUrn(stack, project, parentType, type, name);
}

export function composeUrn(stack: string, project: string, parentType: string, type: string, name: string): string {
  const qualified = parentType === "" || parentType === rootStackType ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

export const isProviderType = (type: string): boolean => type.startsWith(providerTypePrefix);

/** The package of a type token: `aws` in `aws:s3/bucket:Bucket`, also of the type of a provider. */
export function packageOf(type: string): string {
  return isProviderType(type) ? type.slice(providerTypePrefix.length) : (type.split(":", 1)[0] as string);
}

export const isDefaultProvider = (urn: string): boolean => {
  const { type, name } = parseUrn(urn);
  return isProviderType(type) && (name === "default" || name.startsWith("default_"));
};

/** A provider reference is a provider's URN and id, joined by `::`. */
export function parseProviderReference(reference: string): { urn: string; id: string } {
  const split = reference.lastIndexOf("::");
  return { urn: reference.slice(0, split), id: reference.slice(split + 2) };
}
