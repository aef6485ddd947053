import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type PluginProcess, startPlugin } from "./pluginProcess";

const packageName = "pulumi-tencent-aigc";

/** The Pulumi package that this package's own plugin serves. */
export const pluginPackage = "tencent-aigc";

export interface PackagePluginOptions {
  readonly directory: string;
  readonly engineAddress: string;
  readonly environment: NodeJS.ProcessEnv;
  output(kind: "info" | "info#err", line: string): void;
}

/** Starts the plugin of this package, from the folder that `pulumi package add` takes. */
export function startPackagePlugin(options: PackagePluginOptions): Promise<PluginProcess> {
  const root = dirname(createRequire(__filename).resolve(`${packageName}/package.json`));
  const executable = `pulumi-resource-${pluginPackage}`;
  return startPlugin({ ...options, name: executable, script: join(root, "plugin", executable) });
}
