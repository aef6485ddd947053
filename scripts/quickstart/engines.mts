import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConfigMap, type Deployment, LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";
import { folderOf, hasNodeHost } from "../cli/places.mts";
import type { ShownEvent } from "./progress.mts";

interface UpOptions {
  readonly onEvent: (event: ShownEvent) => void;
}

/** A stack, and what runs it. */
export interface Engine {
  readonly stack: {
    setAllConfig(settings: ConfigMap): Promise<void>;
    exportStack(): Promise<Pick<Deployment, "deployment">>;
  };
  /** Says what runs it. */
  readonly line: string;
  readonly up: (options: UpOptions) => Promise<unknown>;
  readonly interrupt: (signal: NodeJS.Signals) => void;
}

const stackName = "quickstart";

/**
 * A new stack of the project in `root`, in the Pulumi CLI where there is one, else in the embedded engine. Its state and
 * its settings are in `folder`. `process.env` is what it runs with.
 */
export async function openStack(root: string, folder: string): Promise<Engine> {
  const workDir = copyProject(root, folder);
  mkdirSync(join(folder, "state"));
  const found = await findPulumi();
  if (typeof found !== "string") {
    const command = found;
    const stack = await LocalWorkspace.createStack({ stackName, workDir }, { pulumiCommand: command });
    const ending = new AbortController();
    return {
      stack,
      line: `Deploying with the Pulumi CLI ${command.version}.`,
      up: (options) => stack.up({ ...options, signal: ending.signal }),
      // A terminal interrupts the CLI as well; a second time would make it drop what is running.
      interrupt: (signal) => {
        if (signal !== "SIGINT") ending.abort();
      },
    };
  }
  const stack = await EmbeddedStack.createOrSelect({ stackName, workDir, stateDir: join(folder, "state") });
  return {
    stack,
    line: `${found}, so the package's embedded engine deploys. To get the CLI: https://www.pulumi.com/docs/install/`,
    up: (options) => stack.up(options),
    interrupt: () => void stack.cancel(),
  };
}

/** The project beside its stack's settings, which Pulumi would otherwise write into this repository. */
function copyProject(root: string, folder: string): string {
  const directory = join(folder, "project");
  mkdirSync(directory);
  const text = readFileSync(join(root, "Pulumi.yaml"), "utf8");
  const placed = text.replace(/^main: *(.+)$/m, (_, main: string) => `main: ${JSON.stringify(join(root, main))}`);
  writeFileSync(join(directory, "Pulumi.yaml"), placed);
  return directory;
}

/** @returns the CLI, or why it is not used */
async function findPulumi(): Promise<PulumiCommand | string> {
  try {
    const command = await PulumiCommand.get();
    const folder = folderOf("pulumi");
    if (folder === undefined || hasNodeHost(folder)) return command;
    return "The Pulumi CLI on PATH is alone, without its language host for Node";
  } catch (error) {
    const message = String(error);
    const tooOld = /version/.test(message) && !/ENOENT/.test(message);
    return tooOld ? "The Pulumi CLI on PATH is too old" : "There is no Pulumi CLI on PATH";
  }
}
