import { FileInfoType, InputRegion, OutputFormat, PersonGeneration, StorageMode, Toggle } from "pulumi-tencent-aigc";
import { inputEffects } from "../../dist/provider/schema/effects.js";
import { models } from "../../dist/provider/schema/models.js";
import type { Ours } from "./compare.mts";

/** Inputs that CreateAigcImageTask does not have: they are encoded into another field, or are our own. */
const encoded: readonly string[] = ["additionalParameters", "keepers"];
const sent: readonly string[] = ["replaces", "inPlace", "next"];

const apiInputs = Object.entries(inputEffects).flatMap(([input, effect]) =>
  sent.includes(effect) && !encoded.includes(input) ? input : [],
);

/** Fields of `FileInfos`, which are inputs of one list. */
const fileInfo = ["Type", "FileId", "Url", "Base64", "Text", "ReferenceType"] as const;

const nested = apiInputs.filter((input) => input.startsWith("outputConfig.")).map((input) => input.split(".")[1] ?? "");
const toggle = Object.values(Toggle);

/** The table of models, and the fields and values of the request, as this package has them. */
export const ours: Ours = {
  models,
  fields: {
    request: [...apiInputs.filter((input) => !input.includes(".")).map(inApiSpelling), "OutputConfig"],
    outputConfig: nested.map(inApiSpelling),
    fileInfo,
  },
  values: {
    request: { InputRegion: Object.values(InputRegion), EnhancePrompt: toggle },
    outputConfig: {
      StorageMode: Object.values(StorageMode),
      PersonGeneration: Object.values(PersonGeneration),
      InputComplianceCheck: toggle,
      OutputComplianceCheck: toggle,
      OutputFormat: Object.values(OutputFormat),
      LogoAdd: toggle,
    },
    fileInfo: {
      Type: Object.values(FileInfoType),
      ReferenceType: [...new Set(models.flatMap((row) => row.referenceTypes))],
    },
  },
};

function inApiSpelling(input: string): string {
  return input.charAt(0).toUpperCase() + input.slice(1);
}
