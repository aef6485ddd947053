import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";

/**
 * What must hold of the program itself before a task can be declared in it. Run at preview, before anything is sent.
 * Throws `RunError`: the mend is in the message, and a stack trace would only hide it.
 */
export function checkProgram(options: pulumi.CustomResourceOptions | undefined): void {
  checkHandlerResolves(process.cwd());
  checkSecretConfig();
  if (options?.import !== undefined) {
    throw new pulumi.RunError(
      "Pulumi cannot import a dynamic resource. To take over a picture that exists, remove the option `import` and " +
        "give `adoptTaskId` or `adoptFileIds`; neither is billed.",
    );
  }
}

const handlerModule = "pulumi-tencent-aigc/handler";
const resolvedFrom = new Set<string>();

/** The host process loads the handler from the program's directory, which need not be where this file was found from. */
function checkHandlerResolves(directory: string): void {
  if (resolvedFrom.has(directory)) {
    return;
  }
  try {
    createRequire(`${directory}/`).resolve(handlerModule);
  } catch (error) {
    throw new pulumi.RunError(
      `Pulumi cannot load "${handlerModule}" from this program's directory: the package is not among the program's own ` +
        "dependencies. Run `npm install pulumi-tencent-aigc` (or the same with your package manager) in the program " +
        `itself. (${(error as NodeJS.ErrnoException).code ?? "cannot be resolved"})`,
    );
  }
  resolvedFrom.add(directory);
}

/** Exported by the SDK's runtime but left out of its types. */
const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };

/** Pulumi stores all of a stack's configuration in its state: in clear, unless it was set as a secret. */
function checkSecretConfig(): void {
  for (const key of ["tencent-aigc:secretKey", "tencent-aigc:token"]) {
    if (pulumi.runtime.getConfig(key) !== undefined && isConfigSecret?.(key) === false) {
      throw new pulumi.RunError(
        `The configuration value ${key} is not set as a secret, and Pulumi would store it in clear. Run ` +
          `\`pulumi config set --secret ${key}\`, which asks for the value. It stands in clear in the stack's ` +
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
