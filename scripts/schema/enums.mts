import { models, values } from "./built.mts";
import type { Docs } from "./docs.mts";
import type { EnumSpec } from "./specification.mts";

/** The sets of values that the package's types name. Each is open: the service learns further ones. */
const sets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ModelName: values.ModelName,
  ModelVersion: Object.fromEntries(models.map(({ version }) => [versionName(version), version])),
  StorageMode: values.StorageMode,
  Toggle: values.Toggle,
  PersonGeneration: values.PersonGeneration,
  InputRegion: values.InputRegion,
  OutputFormat: values.OutputFormat,
  FileInfoType: values.FileInfoType,
};

export const enumNames: readonly string[] = Object.keys(sets);

export function enumSpecs(docs: Docs): Record<string, EnumSpec> {
  const specs = Object.entries(sets).map(([type, set]) => {
    const members = Object.entries(set).map(([name, value]) => {
      const description = modelText(type, value) ?? docs.ofValue(type, name);
      return { name, value, ...(description === "" ? {} : { description }) };
    });
    return [type, { description: docs.of(type).description, type: "string", enum: members } as const] as const;
  });
  return Object.fromEntries(specs);
}

/** A version as a name in code: `V3_0` for `3.0`, `V3_1_Lite` for `3.1-lite`, `Image2Low` for `image2_low`. */
export function versionName(version: string): string {
  const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  return /^\d/.test(version)
    ? `V${version.split(/[._-]/).map(capital).join("_")}`
    : version.split(/[._-]/).map(capital).join("");
}

function modelText(type: string, value: string): string | undefined {
  const list = (all: readonly string[]) => [...new Set(all)].join(", ");
  if (type === "ModelName") {
    return `Versions: ${list(models.filter(({ name }) => name === value).map(({ version }) => version))}.`;
  }
  if (type === "ModelVersion") {
    return `A version of ${list(models.filter(({ version }) => version === value).map(({ name }) => name))}.`;
  }
  return undefined;
}
