import ts from "typescript";
import { z } from "zod";
import { inputEffects, inputsSchema } from "./built.mts";
import type { Docs, Member } from "./docs.mts";
import { enumNames, enumSpecs } from "./enums.mts";
import {
  anyMap,
  type EnumSpec,
  type ObjectSpec,
  objectSpec,
  type PropertySpec,
  type TypeSpec,
  typeReference,
} from "./specification.mts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Types of the package, collected while they are used. What there is and of which type it is says the schema that inputs
 * are checked by; the argument types add names, of objects and of sets of values, and what it all means.
 */
export class Types {
  readonly specs: Record<string, ObjectSpec | EnumSpec>;
  private readonly docs: Docs;

  constructor(docs: Docs) {
    this.docs = docs;
    this.specs = enumSpecs(docs);
  }

  /** The inputs of the resource, hidden ones aside. */
  resourceInputs(): Record<string, PropertySpec> {
    const { properties = {} } = jsonSchema(inputsSchema);
    const visible = Object.entries(properties).filter(([name]) => effectOf(name) !== "hidden");
    return this.inputs(Object.fromEntries(visible), "AigcImageTaskArgs", effectOf);
  }

  /** The arguments of a function. */
  functionInputs(schema: z.ZodObject, type: string): ObjectSpec {
    const { properties = {}, required } = jsonSchema(schema);
    return objectSpec(
      this.docs.of(type).description,
      this.inputs(properties, type, () => undefined),
      required,
    );
  }

  /** What a type of the source has, for a program to read. */
  outputs(type: string): ObjectSpec {
    const { description, members } = this.docs.of(type);
    const entries = members.map((member): [string, PropertySpec] => {
      return [member.name, { ...this.outputType(member.type), description: member.description }];
    });
    const required = members
      .filter((member) => !member.optional && !isUndefinedToo(member.type))
      .map(({ name }) => name);
    return objectSpec(description, Object.fromEntries(entries), required);
  }

  private inputs(
    properties: Readonly<Record<string, JsonSchema>>,
    type: string,
    effect: (name: string) => string | undefined,
  ): Record<string, PropertySpec> {
    const members = new Map(this.docs.of(type).members.map((member) => [member.name, member]));
    const entries = Object.entries(properties).map(([name, json]): [string, PropertySpec] => {
      const member = members.get(name);
      if (member === undefined) throw new Error(`${type} has no ${name}, which is an input.`);
      const nested = (inner: string) => effect(`${name}.${inner}`) ?? effect(name);
      const spec = { ...this.inputType(json, member, nested), description: this.inputText(member) };
      return [name, effect(name) === "replaces" ? { ...spec, willReplaceOnChanges: true } : spec];
    });
    return Object.fromEntries(entries);
  }

  private inputType(
    json: JsonSchema,
    member: Pick<Member, "name" | "type">,
    effect: (name: string) => string | undefined,
  ): TypeSpec {
    const names = namesIn(member.type);
    const enumName = names.find((name) => enumNames.includes(name));
    switch (json.type) {
      case "string": {
        if (enumName !== undefined) return openEnum(enumName);
        if (json.enum === undefined) return { type: "string" };
        return { type: "string", ...this.closedEnum(member.name, json.enum.map(String)) };
      }
      case "array": {
        if (Array.isArray(json.items) || typeof json.items !== "object")
          throw new Error(`${member.name} has no type of its items.`);
        return { type: "array", items: this.inputType(json.items, member, effect) };
      }
      case "object": {
        const type = names.find((name) => name.endsWith("Args"));
        if (type === undefined || json.properties === undefined)
          throw new Error(`${member.name} is an object without a name.`);
        const properties = this.inputs(objects(json.properties), type, effect);
        const { description } = this.docs.of(type);
        const name = type.replace(/Args$/, "");
        this.specs[name] = objectSpec(description, properties, json.required);
        return typeReference(name);
      }
      case "integer":
      case "number":
      case "boolean":
        return { type: json.type };
      default:
        return freeForm(names, member.name);
    }
  }

  /** Of an input that takes members of any name, also what is known of some. */
  private inputText({ description, type }: Member): string {
    const open = namesIn(type).find((name) => name.endsWith("Args") && this.docs.of(name).isOpen);
    if (open === undefined) return description;
    const known = this.docs.of(open).members.map((member) => `- \`${member.name}\`: ${member.description}`);
    return `${description}\n\n${known.join("\n")}`;
  }

  private closedEnum(property: string, members: readonly string[]): TypeSpec {
    const name = capital(property);
    const description = `Values of \`${property}\`.`;
    this.specs[name] = { description, type: "string", enum: members.map((value) => ({ name: capital(value), value })) };
    return typeReference(name);
  }

  /** All numbers that the service tells are whole. */
  private outputType(node: ts.TypeNode): TypeSpec {
    if (ts.isArrayTypeNode(node)) return { type: "array", items: this.outputType(node.elementType) };
    if (ts.isTypeOperatorNode(node) || ts.isParenthesizedTypeNode(node)) return this.outputType(node.type);
    if (ts.isUnionTypeNode(node)) {
      const [given, ...others] = node.types.filter((one) => one.kind !== ts.SyntaxKind.UndefinedKeyword);
      if (given !== undefined && others.length === 0) return this.outputType(given);
    }
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { type: "string" };
      case ts.SyntaxKind.NumberKeyword:
        return { type: "integer" };
      case ts.SyntaxKind.BooleanKeyword:
        return { type: "boolean" };
    }
    if (ts.isTypeReferenceNode(node)) {
      const [argument] = node.typeArguments ?? [];
      if (argument !== undefined) return this.outputType(argument);
      const name = node.typeName.getText();
      this.specs[name] ??= this.outputs(name);
      return typeReference(name);
    }
    throw new Error(`No type of Pulumi's schema is known for ${node.getText()}.`);
  }
}

function jsonSchema(schema: z.ZodObject): { properties?: Record<string, JsonSchema>; required?: readonly string[] } {
  const { properties, required } = z.toJSONSchema(schema, { unrepresentable: "any", io: "input" });
  return { ...(properties && { properties: objects(properties) }), ...(required && { required }) };
}

function objects(properties: Readonly<Record<string, z.core.JSONSchema._JSONSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, json]) => [name, typeof json === "object" ? json : {}]),
  );
}

/** Names of all types that a type is made from. */
function namesIn(node: ts.Node): string[] {
  const own = ts.isTypeReferenceNode(node) ? [node.typeName.getText()] : [];
  const inner: string[] = [];
  node.forEachChild((child) => void inner.push(...namesIn(child)));
  return [...own, ...inner];
}

function isUndefinedToo(node: ts.Node): boolean {
  if (node.kind === ts.SyntaxKind.UndefinedKeyword) return true;
  return ts.isArrayTypeNode(node) ? false : (node.forEachChild((child) => isUndefinedToo(child) || undefined) ?? false);
}

function openEnum(name: string): TypeSpec {
  return { type: "string", oneOf: [{ type: "string" }, { type: "string", ...typeReference(name) }] };
}

/** What no JSON schema tells: maps of any values, and files. */
function freeForm(names: readonly string[], property: string): TypeSpec {
  if (names.some((name) => /^pulumi\.asset\.(Asset|FileAsset|RemoteAsset|StringAsset)$/.test(name))) {
    return { $ref: "pulumi.json#/Asset" };
  }
  if (names.includes("Record") || names.some((name) => name.endsWith("Args"))) return anyMap;
  throw new Error(`No type of Pulumi's schema is known for ${property}.`);
}

function effectOf(path: string): string | undefined {
  return Object.entries(inputEffects).find(([name]) => name === path)?.[1];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
