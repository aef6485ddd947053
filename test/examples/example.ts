import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, sep } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";
import { register } from "tsx/cjs/api";
import { onTestFinished } from "vitest";
import { startEmulator } from "../../emulator";
import type { Engine } from "../scenarios/world";

// Pulumi's own host compiles programs too, with another compiler.
register();

export const repository = join(__dirname, "..", "..");

/** What both engines' stacks can do, as far as these tests need it. */
export interface Stack {
  up(options?: object): Promise<{
    readonly outputs: Record<string, { readonly value: unknown }>;
    readonly summary: { readonly resourceChanges?: Record<string, number> };
  }>;
  preview(options?: object): Promise<{ readonly stdout: string }>;
  setAllConfig(config: Record<string, { readonly value: string }>): Promise<void>;
}

type Close = () => Promise<void>;

/** A copy of an example that can be edited, an emulator, and the example's stacks on an engine. */
export async function openExample(engine: Engine, name: string, whenDone: (close: Close) => void = onTestFinished) {
  const emulator = await startEmulator({ taskSeconds: 0.05, concurrency: 100, submitsPerSecond: 1000 });
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "aigc-example-")));
  whenDone(async () => {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const workDir = join(folder, name);
  copyExample(name, workDir);
  const backend = join(folder, "backend");
  mkdirSync(backend);
  const env = {
    TENCENT_AIGC_ENDPOINT: emulator.url,
    TENCENT_AIGC_EMULATOR_SPEED: "50",
    TENCENTCLOUD_SECRET_ID: emulator.secretId,
    TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
    XDG_STATE_HOME: join(folder, "state"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "example",
    PULUMI_HOME: join(folder, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Another test checks the types of the examples.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    // The host runs on whatever `node` comes first.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
  };
  return {
    emulator,
    workDir,
    env,
    /** A stack of the example. Each has a machine of its own: one does not have what another one remembers on disk. */
    async stack(stackName = "dev"): Promise<Stack> {
      const envVars = { ...env, XDG_STATE_HOME: join(folder, `machine-of-${stackName}`) };
      const inline = { stackName, projectName: name, program: async () => runProgram(workDir) };
      const stack: Stack =
        engine === "the embedded engine"
          ? await EmbeddedStack.createOrSelect({ stackName, workDir, stateDir: backend, envVars })
          : ((await LocalWorkspace.createOrSelectStack(inline, { workDir, envVars })) as Stack);
      await stack.setAllConfig({ "tencent-aigc:subAppId": { value: "1500000001" } });
      return stack;
    },
    /** Changes a file of the copy. */
    edit(file: string, change: (text: string) => string) {
      const before = readFileSync(join(workDir, file), "utf8");
      const after = change(before);
      if (after === before) throw new Error(`the edit leaves ${file} as it is`);
      writeFileSync(join(workDir, file), after);
    },
  };
}

/** An example as a project of its own, its dependencies those of this repository. */
function copyExample(name: string, folder: string): void {
  // Without what running it in place has left there.
  const left = ["node_modules", "site", "buckets"];
  cpSync(join(repository, "examples", name), folder, {
    recursive: true,
    filter: (path) => !left.includes(basename(path)),
  });
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(repository, join(modules, "pulumi-tencent-aigc"), "junction");
  for (const dependency of ["@pulumi", "@types", "yaml"]) {
    symlinkSync(join(repository, "node_modules", dependency), join(modules, dependency), "junction");
  }
}

/** Runs a program anew in this process, as an inline program has to. @returns the stack's outputs */
function runProgram(folder: string): Record<string, unknown> {
  const require = createRequire(join(folder, "index.ts"));
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder + sep)) delete require.cache[path];
  return { ...require("./index.ts") };
}
