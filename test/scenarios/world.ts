import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation";
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";
import { expect, onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator";
import { find, pulumi } from "../../scripts/cli/tools.mts";
import { SpawnedUpdate } from "./spawnedUpdate";

export type Engine = "the embedded engine" | "the Pulumi CLI";

/** Both engines: the embedded one always, the real one where it is. test/cli says where it is not. */
export const engines: readonly Engine[] = [
  "the embedded engine",
  ...("folder" in find(pulumi) ? (["the Pulumi CLI"] as const) : []),
];

/**
 * Engines for a scenario about the provider: the real one where it is, else the embedded one. That the two do the same
 * is tested by the lifecycle and the model, on both. `AIGC_ENGINES=all` runs every scenario on both.
 */
export const scenarioEngines: readonly Engine[] = process.env["AIGC_ENGINES"] === "all" ? engines : engines.slice(-1);

export interface Declared {
  readonly name: string;
  readonly args: object;
  readonly component?: string;
  readonly options?: object;
}

export interface Done {
  readonly outputs: Record<string, { taskId?: string; url?: string; status?: string; urn?: string }>;
  /** Number of resources by what was done to them, the stack itself left out. */
  readonly changes: Record<string, number>;
  /** Everything that was printed. */
  readonly text: string;
  /** Every event, as JSON. */
  readonly events: string;
}

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** What both engines' stacks can do. */
interface Stack {
  up(options?: object): Promise<Printed>;
  preview(options?: object): Promise<Printed>;
  refresh(options?: object): Promise<Printed>;
  destroy(options?: object): Promise<Printed>;
  exportStack(): Promise<{ deployment: { resources?: StateResource[] } }>;
  importStack(state: never): Promise<void>;
  setConfig(key: string, value: { value: string; secret?: boolean }): Promise<void>;
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly initErrors?: string[];
}

export interface WorldOptions {
  readonly emulator?: EmulatorOptions;
  readonly env?: Record<string, string>;
  /**
   * Whether the CLI finds the program in the process that asks for the update, or starts it from its files, for which it
   * needs Node's language host.
   * @default "inline"
   */
  readonly program?: "inline" | "in files";
}

/** One emulator, one program that can be changed between steps, and a stack of it on either engine. */
export async function openWorld(engine: Engine, options: WorldOptions = {}) {
  const emulator = await startEmulator({
    taskSeconds: 0.1,
    concurrency: 100,
    submitsPerSecond: 1000,
    ...options.emulator,
  });
  const folder = mkdtempSync(join(tmpdir(), "aigc-scenario-"));
  const workDir = join(folder, "program");
  layOut(workDir);
  const env: Record<string, string> = {
    TENCENT_AIGC_ENDPOINT: emulator.url,
    TENCENT_AIGC_EMULATOR_SPEED: "50",
    TENCENTCLOUD_SECRET_ID: emulator.secretId,
    TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
    XDG_STATE_HOME: join(folder, "state"),
    PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "scenario",
    PULUMI_HOME: join(folder, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // The host runs on whatever `node` comes first.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
    ...options.env,
  };
  mkdirSync(join(folder, "backend"), { recursive: true });
  const stack: Stack =
    engine === "the embedded engine"
      ? ((await EmbeddedStack.createOrSelect({
          stackName: "dev",
          workDir,
          stateDir: join(folder, "backend"),
          secretsPassphrase: "scenario",
          envVars: env,
        })) as Stack)
      : await openStack(workDir, env, options.program ?? "inline");
  const updates = new Set<SpawnedUpdate>();
  onTestFinished(async () => {
    for (const update of updates) await update.killEverything();
    await emulator.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const run = async (operation: "up" | "preview" | "refresh" | "destroy", extra: object = {}): Promise<Done> => {
    const printed: string[] = [];
    const events: EngineEvent[] = [];
    const onOutput = (text: string) => printed.push(text);
    const onEvent = (event: EngineEvent) => events.push(event);
    const lines = () => events.map((event) => JSON.stringify(event)).join("\n");
    try {
      const { stdout, stderr } = await stack[operation]({ onOutput, onEvent, ...extra });
      return { ...cameTo(events), text: [...printed, stdout, stderr].join("\n"), events: lines() };
    } catch (error) {
      throw Object.assign(error as Error, { text: [...printed, String(error)].join("\n"), events: lines() });
    }
  };

  return {
    emulator,
    folder,
    workDir,
    env,
    declare(...declared: Declared[]) {
      writeFileSync(join(workDir, "declared.json"), JSON.stringify(declared));
    },
    setConfig: (key: string, value: string, secret = false) => stack.setConfig(key, { value, secret }),
    up: (extra?: object) => run("up", extra),
    preview: (extra?: object) => run("preview", extra),
    refresh: () => run("refresh"),
    destroy: () => run("destroy"),
    /** Runs and must fail; what it said. */
    async failing(operation: "up" | "preview" | "refresh" | "destroy"): Promise<string> {
      const error = await run(operation).then(
        () => undefined,
        (failure: Error & { text: string }) => failure,
      );
      if (error === undefined) throw new Error(`${operation} succeeded, and should not have`);
      return error.text;
    },
    /** An `up` in processes of its own, to be killed. */
    spawnUp(): SpawnedUpdate {
      const [script, ...args] =
        engine === "the embedded engine"
          ? ["runUp.mjs", workDir, join(folder, "backend")]
          : ["runInlineUp.mjs", workDir];
      const child = spawn(process.execPath, [join(__dirname, script as string), ...args], {
        cwd: workDir,
        env: { ...process.env, ...env },
        stdio: "ignore",
        // A group of its own: what a terminal sends, program and engine get.
        detached: true,
      });
      const update = new SpawnedUpdate(child);
      updates.add(update);
      return update;
    },
    /** What a user does after a kill: the CLI's lock is cleared by hand, the embedded engine's goes with its process. */
    async clearLock() {
      if (engine === "the embedded engine") return;
      execFileSync("pulumi", ["cancel", "--yes", "--stack", "dev"], {
        cwd: workDir,
        env: { ...process.env, ...env },
        stdio: "ignore",
      });
    },
    /** Another machine: nothing of the user's is on it but the program and its stack's settings. */
    replaceMachine() {
      const machine = mkdtempSync(join(folder, "machine-"));
      for (const name of ["XDG_STATE_HOME", "PULUMI_HOME"]) {
        rmSync(env[name] as string, { recursive: true, force: true });
        env[name] = join(machine, name);
      }
      env["HOME"] = machine;
    },
    /** Forgets the stack's state, as a lost backend does. */
    async loseState() {
      const { version } = (await stack.exportStack()) as unknown as { version: number };
      await stack.importStack({ version, deployment: { manifest: { time: "0001-01-01T00:00:00Z" } } } as never);
    },
    async resources(): Promise<StateResource[]> {
      const { deployment } = await stack.exportStack();
      return (deployment.resources ?? []).filter(({ type }) => type.includes("AigcImageTask"));
    },
    exportStack: () => stack.exportStack(),
    importStack: (state: unknown) => stack.importStack(state as never),
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** A program's folder, with the package and the SDK as its dependencies. */
function layOut(workDir: string): void {
  const root = join(__dirname, "..", "..");
  cpSync(join(__dirname, "program"), workDir, { recursive: true });
  mkdirSync(join(workDir, "node_modules", "@pulumi"), { recursive: true });
  symlinkSync(root, join(workDir, "node_modules", "pulumi-tencent-aigc"), "junction");
  symlinkSync(
    join(root, "node_modules", "@pulumi", "pulumi"),
    join(workDir, "node_modules", "@pulumi", "pulumi"),
    "junction",
  );
  writeFileSync(
    join(workDir, "Pulumi.yaml"),
    "name: scenario\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(join(workDir, "package.json"), JSON.stringify({ name: "scenario", main: "index.js" }));
  writeFileSync(join(workDir, "declared.json"), "[]");
}

/** The CLI's stack of this program. */
async function openStack(workDir: string, env: Record<string, string>, program: "inline" | "in files"): Promise<Stack> {
  const declare = createRequire(join(workDir, "index.js"))("./declare.js");
  const inline = { stackName: "dev", projectName: "scenario", program: async () => declare(workDir) };
  const stack = await (program === "inline"
    ? LocalWorkspace.createOrSelectStack(inline, { workDir, envVars: env })
    : LocalWorkspace.createOrSelectStack({ stackName: "dev", workDir }, { envVars: env }));
  // The same one, so that a test that changes it afterwards is heard.
  Object.assign(stack.workspace, { envVars: env });
  // Asked for after every operation, in three more processes of the CLI, though the events have told it.
  Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
  return stack as unknown as Stack;
}

/** What an operation came to, by its events. */
function cameTo(events: readonly EngineEvent[]): Pick<Done, "outputs" | "changes"> {
  const ended = events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent;
  const root = events.findLast(({ resOutputsEvent }) => resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack");
  return { changes: ended?.resourceChanges ?? {}, outputs: root?.resOutputsEvent?.metadata.new?.outputs ?? {} };
}

/** The money: what the service would have billed, beside a number written by hand. */
export function expectBilled(emulator: Emulator, images: number): void {
  expect(emulator.ledger().billedImages, "images billed").toBe(images);
}

/** Every text that lies in a folder, what a program depends on left out. */
export function readAll(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules")
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? readAll(path) : readFileSync(path, "utf8");
    })
    .join("\n");
}
