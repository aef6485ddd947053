import { parseArgs } from "node:util";
import { UsageError } from "../command";

export interface DoctorOptions {
  readonly subAppId: string | undefined;
  /** The stack whose config is read by the Pulumi CLI. */
  readonly stack: string | undefined;
  readonly json: boolean;
  /** Where the report is written. */
  readonly report: string | undefined;
  readonly billOneImage: boolean;
  readonly modelName: string;
  readonly modelVersion: string;
}

export function readOptions(args: readonly string[]): DoctorOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      "sub-app-id": { type: "string" },
      stack: { type: "string" },
      json: { type: "boolean", default: false },
      report: { type: "string" },
      "bill-one-image": { type: "boolean", default: false },
      "model-name": { type: "string" },
      "model-version": { type: "string" },
    },
  });
  const { "model-name": modelName, "model-version": modelVersion } = values;
  if ((modelName === undefined) !== (modelVersion === undefined)) {
    throw new UsageError("give --model-name and --model-version together");
  }
  const billOneImage = values["bill-one-image"];
  if (modelName !== undefined && !billOneImage) throw new UsageError("--model-name is for --bill-one-image");
  if (billOneImage && values.json) throw new UsageError("--bill-one-image asks a question; use --report for JSON");
  return {
    subAppId: values["sub-app-id"],
    stack: values.stack,
    json: values.json,
    report: values.report,
    billOneImage,
    // In every published list of models, old and new, on both hosts.
    modelName: modelName ?? "Hunyuan",
    modelVersion: modelVersion ?? "3.0",
  };
}
