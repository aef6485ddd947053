import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { executable } from "../../scripts/cli/places.mts";
import { find, sdkWriter } from "../../scripts/cli/tools.mts";
import { schemaFile } from "../../scripts/schema/packageSchema.mts";

export type Language = "nodejs" | "python" | "go";

/** Writes the SDK of a language as `pulumi package add` does. @returns its folder */
export async function writeSdk(language: Language, folder: string): Promise<string> {
  const writer = find(sdkWriter);
  if ("reason" in writer) throw new Error(writer.reason);
  await promisify(execFile)(join(writer.folder, executable(sdkWriter.command)), [schemaFile, folder, language]);
  return join(folder, language);
}
