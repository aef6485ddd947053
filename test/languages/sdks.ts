import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { executable } from "../../scripts/cli/places.mts";
import { find, sdkWriter } from "../../scripts/cli/tools.mts";
import { schemaFile } from "../../scripts/schema/packageSchema.mts";
import { project } from "../docs/program";
import { repository, write } from "../package/workshop";

export type Language = "nodejs" | "python" | "go";

/** Writes the SDK of a language as `pulumi package add` does. @returns its folder */
export async function writeSdk(language: Language, folder: string): Promise<string> {
  const writer = find(sdkWriter);
  if ("reason" in writer) throw new Error(writer.reason);
  await promisify(execFile)(join(writer.folder, executable(sdkWriter.command)), [schemaFile, folder, language]);
  return join(folder, language);
}

/** The compiler that the SDK for Node and its programs are compiled with. */
export const tsc: string = join(repository, "node_modules", "typescript", "bin", "tsc");

/** Makes a folder a project in which a Node program finds Pulumi, and the compiled SDK of this package's plugin. */
export async function installNodeSdk(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  mkdirSync(modules, { recursive: true });
  for (const name of ["@pulumi", "@types"])
    symlinkSync(join(repository, "node_modules", name), join(modules, name), "junction");
  const sdk = await writeSdk("nodejs", folder);
  symlinkSync(sdk, join(modules, "pulumi-tencent-aigc-sdk"), "junction");
  // Its own script compiles it where it is installed, by the first `tsc` on PATH.
  await promisify(execFile)(process.execPath, [tsc, "-p", "."], { cwd: sdk });
  write(folder, { "nodejs/bin/package.json": { version: "0.1.0" } });
}

/** A project whose program may import the class of this package, and the SDK that is in a folder. */
export function projectWithSdk(folder: string, program: string): string {
  const shop = project(program);
  symlinkSync(join(folder, "nodejs"), join(shop, "node_modules", "pulumi-tencent-aigc-sdk"), "junction");
  return shop;
}
