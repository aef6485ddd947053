import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import ts from "typescript";
import { onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator";
import type { StateServer } from "../backends/servers";

const root = join(__dirname, "..", "..");
export const example = join(root, "examples", "ci");

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Product {
  readonly slug: string;
  readonly picture: string;
  readonly price: string;
}

/** One run of a pipeline after another, each on a fresh machine of which only the journal's folder is kept. */
export class Pipeline {
  readonly workDir: string;
  private readonly env: Record<string, string>;

  private constructor(
    readonly emulator: Emulator,
    private readonly folder: string,
    { url, env }: StateServer,
    keys: Record<string, string>,
    client: string,
  ) {
    this.workDir = join(folder, "checkout");
    this.env = {
      ...env,
      ...keys,
      PULUMI_BACKEND_URL: url,
      PULUMI_CONFIG_PASSPHRASE: "pipeline",
      PULUMI_HOME: join(folder, "home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Node's language host is not asked for: the program is in the test's process, as one of the Automation API is.
      PULUMI_OPTION_CLIENT: client,
      TENCENT_AIGC_ENDPOINT: emulator.url,
      TENCENT_AIGC_EMULATOR_SPEED: "50",
      TENCENT_AIGC_JOURNAL_DIR: join(folder, "journal"),
      XDG_STATE_HOME: join(folder, "state"),
      PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
    };
  }

  static async open(options: {
    readonly state?: (folder: string) => Promise<StateServer>;
    readonly keys?: Record<string, string>;
    readonly emulator?: EmulatorOptions;
  }): Promise<Pipeline> {
    const emulator = await startEmulator({
      taskSeconds: 0.1,
      concurrency: 100,
      submitsPerSecond: 1000,
      ...options.emulator,
    });
    const folder = mkdtempSync(join(tmpdir(), "aigc-pipeline-"));
    onTestFinished(async () => {
      await emulator.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    const state = await (options.state ?? stateInFolder)(folder);
    const { secretId, secretKey } = emulator;
    const keys = options.keys ?? { TENCENTCLOUD_SECRET_ID: secretId, TENCENTCLOUD_SECRET_KEY: secretKey };
    layOut(join(folder, "checkout"));
    return new Pipeline(emulator, folder, state, keys, await serveProgram(join(folder, "checkout")));
  }

  setCatalogue(products: readonly Product[]): void {
    writeFileSync(join(this.workDir, "catalogue.json"), JSON.stringify(products));
  }

  async script(verb: string, env: Record<string, string> = {}): Promise<Ran> {
    return ended(this.start(verb, env));
  }

  /** A step of its own process group, to be cancelled. */
  start(verb: string, env: Record<string, string> = {}): ChildProcess {
    // As the runner runs a step: by a shell that gives way to the script.
    const command = ["-e", "-c", `exec ./deploy.sh ${verb}`];
    const options = { cwd: this.workDir, env: { ...process.env, ...this.env, ...env }, detached: true };
    const child = spawn("sh", command, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  }

  /** The comment for the pull request, where the last run has written one. */
  comment(): string | undefined {
    const path = join(this.workDir, "out", "comment.md");
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** The outputs that state has. */
  async shop(): Promise<readonly { readonly slug: string; readonly price: string; readonly url: string }[]> {
    const args = ["stack", "output", "--json", "--stack", "prod"];
    const { PULUMI_OPTION_CLIENT: _, ...env } = this.env;
    const child = spawn("pulumi", args, {
      cwd: this.workDir,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return JSON.parse((await ended(child)).stdout).shop;
  }

  /** The next run's machine: a fresh checkout and home; the journal is kept if the cache has it. */
  replaceMachine({ journal }: { readonly journal: boolean }): void {
    for (const name of ["home", "state", ...(journal ? [] : ["journal"]), join("checkout", "out")]) {
      rmSync(join(this.folder, name), { recursive: true, force: true });
    }
  }
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : ""));
  const [status] = await once(child, "close");
  return { status, stdout: (await stdout) ?? "", stderr: (await stderr) ?? "" };
}

/** Runs a step's text as the runner does. */
export function runStep(run: string, env: Record<string, string>, workDir = process.cwd()): Promise<Ran> {
  const options = { cwd: workDir, env: { ...process.env, ...env } };
  return ended(spawn("bash", ["-e", "-c", run], { ...options, stdio: ["ignore", "pipe", "pipe"] }));
}

async function stateInFolder(folder: string): Promise<StateServer> {
  mkdirSync(join(folder, "backend"));
  return { url: `file://${join(folder, "backend")}`, env: {} };
}

/** The folder as somebody has it who has copied the example and run `npm install`. */
function layOut(workDir: string): void {
  cpSync(example, workDir, { recursive: true });
  const modules = join(workDir, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  symlinkSync(root, join(modules, "pulumi-tencent-aigc"), "junction");
  symlinkSync(join(root, "node_modules", "@pulumi"), join(modules, "@pulumi"), "junction");
  const bin = join(modules, ".bin", "pulumi-tencent-aigc");
  writeFileSync(bin, `#!/bin/sh\nexec node "${join(root, "dist", "command", "bin.js")}" "$@"\n`);
  chmodSync(bin, 0o755);
}

/** Answers the CLI as Node's language host does. @returns its address */
async function serveProgram(workDir: string): Promise<string> {
  const source = readFileSync(join(workDir, "index.ts"), "utf8");
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const file = join(workDir, "index.js");
  writeFileSync(file, ts.transpileModule(source, { compilerOptions }).outputText);
  const server = spawn(process.execPath, [join(__dirname, "serveProgram.mjs"), workDir], {
    cwd: workDir,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void server.kill());
  const [address] = await once(createInterface(server.stdout), "line");
  return String(address);
}
