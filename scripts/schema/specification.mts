/** The parts of Pulumi's package schema that are written here. */
export interface TypeSpec {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: TypeSpec;
  readonly additionalProperties?: TypeSpec;
  readonly oneOf?: readonly TypeSpec[];
}

export interface PropertySpec extends TypeSpec {
  readonly description: string;
  readonly willReplaceOnChanges?: true;
  readonly secret?: true;
}

export interface ObjectSpec {
  readonly description: string;
  readonly type: "object";
  readonly properties: Readonly<Record<string, PropertySpec>>;
  readonly required?: readonly string[];
}

/** As the CLI writes it: what is empty is left out. */
export function objectSpec(
  description: string,
  properties: Readonly<Record<string, PropertySpec>>,
  required: readonly string[] = [],
): ObjectSpec {
  const spec = { description, type: "object", properties } as const;
  return required.length > 0 ? { ...spec, required: [...required].sort() } : spec;
}

export interface EnumSpec {
  readonly description: string;
  readonly type: "string";
  readonly enum: readonly { readonly name: string; readonly value: string; readonly description?: string }[];
}

export interface FunctionSpec {
  readonly description: string;
  readonly inputs: ObjectSpec;
  readonly outputs: ObjectSpec;
}

/** The token of a type, a resource or a function. */
export function token(name: string): string {
  return `tencent-aigc:index:${name}`;
}

export function typeReference(name: string): TypeSpec {
  return { $ref: `#/types/${token(name)}` };
}

export const anyMap: TypeSpec = { type: "object", additionalProperties: { $ref: "pulumi.json#/Any" } };
