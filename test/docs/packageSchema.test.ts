import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConfiguration } from "../../provider/configuration";
import { inputEffects } from "../../provider/schema/effects";
import { inputsSchema } from "../../provider/schema/inputs";
import { models } from "../../provider/schema/models";
import { versionName } from "../../scripts/schema/enums.mts";
import { type Manifest, packageSchema, schemaFile } from "../../scripts/schema/packageSchema.mts";
import type { ObjectSpec, PropertySpec } from "../../scripts/schema/specification.mts";

const current = packageSchema();
const resource = current.resources["tencent-aigc:index:AigcImageTask"];
if (resource === undefined) throw new Error("There is no resource.");
const inputs = resource.inputProperties;

function typeNamed(name: string): ObjectSpec {
  const spec = current.types[`tencent-aigc:index:${name}`];
  if (spec === undefined || spec.type !== "object") throw new Error(`There is no type ${name}.`);
  return spec;
}

test("plugin/schema.json is the schema that the code has; `npm run schema` or `UPDATE_DOCS=1` writes it", () => {
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(schemaFile, `${JSON.stringify(current, undefined, 2)}\n`);
  expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(current);
});

test("the resource has every input that the provider takes, hidden ones aside", () => {
  const hidden = ["resourceUrn", "formerUrns", "generationId", "__provider"];
  const taken = Object.keys(inputsSchema.shape).filter((name) => !hidden.includes(name));
  expect(Object.keys(inputs)).toEqual(taken);
});

test("an input whose change bills a new image is marked as one that replaces, and no other", () => {
  const paths = (properties: Readonly<Record<string, PropertySpec>>, prefix: string) =>
    Object.entries(properties).flatMap(([name, spec]) => (spec.willReplaceOnChanges ? [`${prefix}${name}`] : []));
  const marked = [...paths(inputs, ""), ...paths(typeNamed("OutputConfig").properties, "outputConfig.")];
  const replacing = Object.entries(inputEffects).filter(([, effect]) => effect === "replaces");
  expect(marked.sort()).toEqual(replacing.map(([path]) => path).sort());
  const { properties } = typeNamed("FileInfo");
  expect(paths(properties, "")).toEqual(Object.keys(properties));
});

test("nothing has a default, which the SDKs would freeze, and no output is always secret", () => {
  expect(JSON.stringify(current)).not.toMatch(/"default(Info)?":/);
  expect(Object.values(resource.properties).filter(({ secret }) => secret)).toEqual([]);
});

test("every setting of the provider is there, and keys are secret", () => {
  const asked = new Set<string>();
  readConfiguration((key) => {
    asked.add(key);
    return undefined;
  }, {});
  const { variables } = current.config;
  expect(Object.keys(variables).sort()).toEqual([...asked].sort());
  const secret = Object.entries<PropertySpec>(variables).filter((variable) => variable[1].secret);
  expect(secret.map(([key]) => key)).toEqual(["secretId", "secretKey", "token"]);
  expect(current.provider.inputProperties).toBe(variables);
});

test("everything has a description, without what only the source's language has", () => {
  const described = [
    resource,
    ...Object.values(inputs),
    ...Object.values(resource.properties),
    ...Object.values(current.types),
    ...Object.values(current.functions).flatMap(({ inputs: given, outputs }) => [given, outputs]),
    ...[...Object.values(current.types), ...Object.values(current.functions).map(({ inputs: given }) => given)].flatMap(
      (spec) => ("properties" in spec ? Object.values(spec.properties) : []),
    ),
  ];
  for (const { description } of described) {
    expect(description).toMatch(/^[A-Z`].*[.\d)]$/s);
    expect(description).not.toMatch(/@\w|\{@|See [.,]|\n [^-]|\* /);
  }
  expect(inputs["modelName"]?.description).toMatch(/\n\nSee CreateAigcImageTask, parameter ModelName\.$/);
});

test("an input of known values takes others too, and names the known ones", () => {
  const named = (name: string) => ({
    type: "string",
    oneOf: [{ type: "string" }, { type: "string", $ref: `#/types/tencent-aigc:index:${name}` }],
  });
  expect(inputs["modelName"]).toMatchObject(named("ModelName"));
  expect(inputs["modelVersion"]).toMatchObject(named("ModelVersion"));
  expect(typeNamed("OutputConfig").properties["storageMode"]).toMatchObject(named("StorageMode"));
  expect(typeNamed("FileInfo").properties["type"]).toMatchObject(named("FileInfoType"));
  expect(inputs["onFailure"]).toMatchObject({ type: "string", $ref: "#/types/tencent-aigc:index:OnFailure" });
});

test.each([
  ["3.0", "V3_0"],
  ["3.1-lite", "V3_1_Lite"],
  ["3.0-Omni", "V3_0_Omni"],
  ["0925", "V0925"],
  ["3d_2.0", "V3d_2_0"],
  ["image2_low", "Image2Low"],
  ["q2", "Q2"],
  ["O1", "O1"],
])("version %s is named %s in code", (version, name) => {
  expect(versionName(version)).toBe(name);
});

test("no two versions have one name", () => {
  const versions = new Set(models.map(({ version }) => version));
  expect(new Set([...versions].map(versionName)).size).toBe(versions.size);
});

test("free-form inputs take any values, and an imported picture needs no model", () => {
  const any = { type: "object", additionalProperties: { $ref: "pulumi.json#/Any" } };
  expect(inputs["keepers"]).toMatchObject(any);
  expect(inputs["additionalParameters"]).toMatchObject(any);
  expect(resource).not.toHaveProperty("requiredInputs");
});

test("a picture that was declared as a dynamic resource is the same one", () => {
  expect(resource.aliases).toEqual([{ type: "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask" }]);
});

describe("where the plugin is downloaded from is said by package.json's repository", () => {
  const manifest: Manifest = { version: "1.2.3", description: "Pictures", license: "Apache-2.0", keywords: [] };

  test.each([
    "github:someone/pictures",
    "someone/pictures",
    "git+https://github.com/someone/pictures.git",
    "https://github.com/someone/pictures",
    "git@github.com:someone/pictures.git",
    { url: "git+ssh://git@github.com/someone/pictures.git" },
  ])("%j", (repository) => {
    expect(packageSchema({ ...manifest, repository })).toMatchObject({
      repository: "https://github.com/someone/pictures",
      pluginDownloadURL: "github://api.github.com/someone/pictures",
    });
  });

  test("there is no address while there is no repository, or where it is not on GitHub", () => {
    const without = packageSchema(manifest);
    expect(without).not.toHaveProperty("repository");
    expect(without).not.toHaveProperty("pluginDownloadURL");
    const elsewhere = packageSchema({ ...manifest, repository: "git+https://git.example/pictures.git" });
    expect(elsewhere).toMatchObject({ repository: "https://git.example/pictures.git" });
    expect(elsewhere).not.toHaveProperty("pluginDownloadURL");
  });
});
