import { createRequire } from "node:module";
import { delimiter, dirname } from "node:path";
import { folderOf, onPath } from "./places.mts";
import { find, pulumi, yamlHost } from "./tools.mts";

/** PATH on which the CLI is found, and what it starts: a whole installation's own, else what was built. */
export function pathWithCli(): string {
  const cli = find(pulumi);
  if (!("folder" in cli)) return onPath().join(delimiter);
  const folders = [cli, find(yamlHost)].flatMap((found) => ("folder" in found ? [found.folder] : []));
  // npm ships the dynamic provider with the SDK.
  const sdk = dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
  const host = "pulumi-resource-pulumi-nodejs";
  if (!folderOf(host, [cli.folder, ...onPath()])) folders.push(sdk);
  return [...new Set([...onPath(), ...folders])].join(delimiter);
}
