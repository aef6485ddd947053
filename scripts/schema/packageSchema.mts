import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dynamicType, functionArguments, pluginType, settings } from "./built.mts";
import { Docs } from "./docs.mts";
import { type FunctionSpec, type PropertySpec, type TypeSpec, token } from "./specification.mts";
import { Types } from "./types.mts";

const root = join(import.meta.dirname, "..", "..");

/** Where the package schema is kept: the plugin serves it, and the CLI writes SDKs from it. */
export const schemaFile: string = join(root, "plugin", "schema.json");

export interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly repository?: string | { readonly url: string };
}

/** The package schema as the code has it now. */
export function packageSchema(manifest: Manifest = readManifest()) {
  const docs = new Docs([
    "provider/aigcImageTask.ts",
    "provider/aigcImageTaskArgs.ts",
    "provider/schema/values.ts",
    "provider/functions/types.ts",
  ]);
  const types = new Types(docs);
  const variables = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, settingSpec(setting)]));
  const resource = {
    ...types.outputs("AigcImageTask"),
    // None is required: one that is adopted, or imported from a file, has no model.
    inputProperties: types.resourceInputs(),
    // A picture that a Node program has declared as a dynamic resource is the same one.
    aliases: [{ type: dynamicType }],
  };
  const functions = Object.entries(functionArguments).map(([name, schema]): [string, FunctionSpec] => {
    const type = name.charAt(0).toUpperCase() + name.slice(1);
    const outputs = types.outputs(`${type}Result`);
    return [
      token(name),
      { description: outputs.description, inputs: types.functionInputs(schema, `${type}Args`), outputs },
    ];
  });
  return {
    name: "tencent-aigc",
    displayName: "Tencent Cloud AIGC",
    version: manifest.version,
    description: manifest.description,
    keywords: manifest.keywords,
    license: manifest.license,
    ...addresses(manifest),
    language,
    config: { variables },
    types: Object.fromEntries(
      Object.entries(types.specs)
        .map(([name, spec]) => [token(name), spec] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
    provider: {
      description: "One account of Tencent Cloud, and how its service is used.",
      type: "object",
      inputProperties: variables,
    },
    resources: { [pluginType]: resource },
    functions: Object.fromEntries(functions),
  };
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

function settingSpec({ type, description, ...rest }: (typeof settings)[keyof typeof settings]): PropertySpec {
  const spec: TypeSpec = type === "prices" ? { type: "object", additionalProperties: { type: "number" } } : { type };
  return { ...spec, description, ...rest };
}

/** Where source and releases are, as soon as package.json says so. */
function addresses(manifest: Manifest): { repository?: string; pluginDownloadURL?: string } {
  const repository = repositoryOf(manifest);
  if (repository === undefined) return {};
  const { address, path } = repository;
  return { repository: address, ...(path && { pluginDownloadURL: `github://api.github.com/${path}` }) };
}

/** @returns its address, and owner and name where it is on GitHub */
function repositoryOf({ repository }: Manifest): { address: string; path?: string } | undefined {
  const text = typeof repository === "object" ? repository.url : repository;
  if (!text) return undefined;
  const [, path] =
    /^(?:github:|(?:git\+)?(?:https|ssh|git):\/\/(?:git@)?github\.com\/|git@github\.com:)?([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(
      text,
    ) ?? [];
  return path === undefined ? { address: text.replace(/^git\+/, "") } : { address: `https://github.com/${path}`, path };
}

/** Pulumi's own names, but in npm: `@pulumi` is not ours, and our own package has the dynamic resource. */
const language = {
  nodejs: { packageName: "pulumi-tencent-aigc-sdk", respectSchemaVersion: true },
  python: { respectSchemaVersion: true, pyproject: { enabled: true } },
  go: { respectSchemaVersion: true, generateResourceContainerTypes: true },
  csharp: { respectSchemaVersion: true },
};
