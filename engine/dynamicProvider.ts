import { type PluginProcess, startPlugin } from "./pluginProcess";
import { type Project, resolveFromProgram } from "./project";

export interface DynamicProviderOptions {
  readonly project: Pick<Project, "name" | "programDirectory" | "runtimeOptions">;
  readonly engineAddress: string;
  readonly environment: NodeJS.ProcessEnv;
  output(kind: "info" | "info#err", line: string): void;
}

/** Starts the SDK's own host of dynamic providers, in the way of Pulumi's language plugin. */
export function startDynamicProvider(options: DynamicProviderOptions): Promise<PluginProcess> {
  const { project, engineAddress, output } = options;
  return startPlugin({
    name: "the dynamic provider",
    script: resolveFromProgram(project, "@pulumi/pulumi/cmd/dynamic-provider"),
    engineAddress,
    directory: project.programDirectory,
    environment: {
      ...options.environment,
      PULUMI_PROJECT: project.name,
      PULUMI_NODEJS_PROJECT: project.name,
      // Only configuration of the provider's own package goes this way, which for dynamic providers is none.
      PULUMI_CONFIG: "{}",
      ...runtimeOptions(project),
    },
    output,
  });
}

function runtimeOptions({ runtimeOptions: options }: Pick<Project, "runtimeOptions">): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [`PULUMI_RUNTIME_${name.toUpperCase()}`, String(value)]),
  );
}
