import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";

/**
 * What must hold of the program itself before a task can be declared in it. Run at preview, before anything is sent.
 * Throws `RunError`: what to do is in the message, and a stack trace would only hide it.
 */
export function checkProgram(options: pulumi.CustomResourceOptions | undefined): void {
  // Under mocks nothing is deployed, and a test may run from anywhere.
  if (!isMocked()) checkHandlerResolves(process.cwd());
  checkSecretConfig();
  checkOptions(options);
}

/** Whether a unit test's mocks answer for the engine. */
export function isMocked(): boolean {
  const monitor: unknown = pulumi.runtime.getMonitor();
  return typeof monitor === "object" && monitor?.constructor.name === "MockMonitor";
}

const takeOver =
  "To take over a picture that exists, remove the option and give `adoptTaskId` (a task of the last 3 days) or " +
  "`adoptFileIds` (Permanent files of any age); neither is billed.";
const comesAlong =
  "the provider comes with this package, and another version of it is another version of the package. Remove the option.";

/** Options that a dynamic resource does not have, and what they would do. */
const refusedOptions = {
  import: `Pulumi cannot import a dynamic resource. ${takeOver}`,
  id: `With the option \`id\` Pulumi would read a resource that has none of its outputs, and what is made from them would be billed. ${takeOver}`,
  version: `The option \`version\` has no meaning here: ${comesAlong}`,
  pluginDownloadURL: `The option \`pluginDownloadURL\` has no meaning here: ${comesAlong}`,
} as const satisfies Partial<Record<keyof pulumi.CustomResourceOptions, string>>;

function checkOptions(options: pulumi.CustomResourceOptions | undefined): void {
  for (const [option, reason] of Object.entries(refusedOptions)) {
    if (options?.[option as keyof typeof refusedOptions] !== undefined) throw new pulumi.RunError(reason);
  }
}

const handlerModule = "pulumi-tencent-aigc/handler";
const resolvedFrom = new Set<string>();

/**
 * The host process loads the handler from the directory in which `up` was called, which need not be where this file was
 * found from, nor the directory of the program.
 */
function checkHandlerResolves(directory: string): void {
  if (resolvedFrom.has(directory)) {
    return;
  }
  try {
    createRequire(`${directory}/`).resolve(handlerModule);
  } catch (error) {
    throw new pulumi.RunError(
      `Pulumi cannot load "${handlerModule}" from ${directory}, where this program was started. Run \`npm install ` +
        "pulumi-tencent-aigc` (or the same with your package manager) for the program itself, and start it from a " +
        "directory that has the package, as Node looks for it, in its own `node_modules` or in that of a directory " +
        `above. (${(error as NodeJS.ErrnoException).code ?? "cannot be resolved"})`,
    );
  }
  resolvedFrom.add(directory);
}

/** Exported by the SDK's runtime but left out of its types. */
const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };

/** Pulumi stores all of a stack's configuration in its state: in clear, unless it was set as a secret. */
export function checkSecretConfig(): void {
  for (const key of ["tencent-aigc:secretKey", "tencent-aigc:token"]) {
    if (pulumi.runtime.getConfig(key) !== undefined && isConfigSecret?.(key) === false) {
      throw new pulumi.RunError(
        `The configuration value ${key} is not set as a secret, and Pulumi would store it in clear. Run ` +
          `\`pulumi config set --secret ${key}\`, which asks for the value. It is in clear in the stack's ` +
          "configuration file until then: replace the key if that file has been shared.",
      );
    }
  }
}

const secondsOfUnit: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/** Seconds of a duration as Pulumi's custom timeouts write it (`1h30m`); undefined for what Pulumi itself will refuse. */
export function durationSeconds(duration: string | undefined): number | undefined {
  const part = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g;
  if (duration === undefined || duration === "" || duration.replace(part, "") !== "") {
    return undefined;
  }
  return [...duration.matchAll(part)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (secondsOfUnit[unit ?? "s"] ?? 0),
    0,
  );
}
