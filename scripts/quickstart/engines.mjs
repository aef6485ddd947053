import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";
import { folderOf, hasNodeHost } from "../cli/places.mts";

const stackName = "quickstart";

/**
 * A new stack of the project in `root`, in the Pulumi CLI where there is one, else in the embedded engine. Its state and
 * its settings lie in `folder`. `process.env` is what it runs with.
 *
 * @returns the stack, a line that says what runs it, and how to interrupt it
 */
export async function openStack(root, folder) {
  const workDir = copyProject(root, folder);
  mkdirSync(join(folder, "state"));
  const { command, reason } = await findPulumi();
  if (command) {
    const stack = await LocalWorkspace.createStack({ stackName, workDir }, { pulumiCommand: command });
    const ending = new AbortController();
    return {
      stack,
      line: `Deploying with the Pulumi CLI ${command.version}.`,
      up: (options) => stack.up({ ...options, signal: ending.signal }),
      // A terminal interrupts the CLI as well; a second time would make it drop what is running.
      interrupt: (signal) => signal !== "SIGINT" && ending.abort(),
    };
  }
  const stack = await EmbeddedStack.createOrSelect({ stackName, workDir, stateDir: join(folder, "state") });
  return {
    stack,
    line: `${reason}, so the package's embedded engine deploys. To get the CLI: https://www.pulumi.com/docs/install/`,
    up: (options) => stack.up(options),
    interrupt: () => void stack.cancel(),
  };
}

/** The project beside its stack's settings, which Pulumi would otherwise write into this repository. */
function copyProject(root, folder) {
  const directory = join(folder, "project");
  mkdirSync(directory);
  const text = readFileSync(join(root, "Pulumi.yaml"), "utf8");
  const placed = text.replace(/^main: *(.+)$/m, (_, main) => `main: ${JSON.stringify(join(root, main))}`);
  writeFileSync(join(directory, "Pulumi.yaml"), placed);
  return directory;
}

async function findPulumi() {
  try {
    const command = await PulumiCommand.get();
    const folder = folderOf("pulumi");
    if (folder === undefined || hasNodeHost(folder)) return { command };
    return { reason: "The Pulumi CLI on PATH is alone, without its language host for Node" };
  } catch (error) {
    const tooOld = /version/.test(error.message) && !/ENOENT/.test(error.message);
    return { reason: tooOld ? "The Pulumi CLI on PATH is too old" : "There is no Pulumi CLI on PATH" };
  }
}
