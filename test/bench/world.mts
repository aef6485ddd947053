import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import type { EmulatorOptions, Ledger } from "pulumi-tencent-aigc/emulator";
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");

export type Program = "tasks" | "empty" | "closure";

export type Engine = "the embedded engine" | "the Pulumi CLI";

export const pulumiIsHere = (process.env["PATH"] ?? "")
  .split(delimiter)
  .some((folder) => ["pulumi", "pulumi.exe"].some((name) => existsSync(join(folder, name))));

export interface Service {
  readonly url: string;
  readonly secretId: string;
  readonly secretKey: string;
  ledger(): Promise<Ledger>;
  close(): void;
}

/** A service without limits of its own, unless they are what is measured. */
export async function startService(options: EmulatorOptions): Promise<Service> {
  const unlimited = { concurrency: 100_000, taskSeconds: 0, submitsPerSecond: 1e9, readsPerSecond: 1e9 };
  const child = fork(join(here, "emulator.mts"), [JSON.stringify({ ...unlimited, ...options })], { stdio: "inherit" });
  const [address] = (await once(child, "message")) as [Pick<Service, "url" | "secretId" | "secretKey">];
  return {
    ...address,
    async ledger() {
      child.send("ledger");
      const [ledger] = (await once(child, "message")) as [Ledger];
      return ledger;
    },
    close: () => child.disconnect(),
  };
}

export interface StackOptions {
  readonly program: Program;
  readonly count: number;
  readonly service: Service;
  readonly config?: Record<string, string>;
  /** @default "the embedded engine", in this process */
  readonly engine?: Engine;
}

/** A program in a folder of its own, and a stack of it. */
export async function openStack({ program, count, service, config = {}, engine }: StackOptions) {
  const folder = mkdtempSync(join(tmpdir(), "aigc-bench-"));
  const workDir = join(folder, "program");
  cpSync(join(here, "programs"), workDir, { recursive: true });
  mkdirSync(join(workDir, "node_modules", "@pulumi"), { recursive: true });
  const link = (name: string, target: string) => symlinkSync(target, join(workDir, "node_modules", name), "junction");
  link("pulumi-tencent-aigc", root);
  for (const name of ["@pulumi/pulumi", "tencentcloud-sdk-nodejs-vod"]) link(name, join(root, "node_modules", name));
  writeFileSync(
    join(workDir, "Pulumi.yaml"),
    "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(join(workDir, "package.json"), JSON.stringify({ name: "bench", main: `${program}.js` }));
  const envVars = {
    COUNT: String(count),
    RATE: "20",
    TENCENT_AIGC_ENDPOINT: service.url,
    TENCENTCLOUD_SECRET_ID: service.secretId,
    TENCENTCLOUD_SECRET_KEY: service.secretKey,
    XDG_STATE_HOME: join(folder, "state"),
    PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    PULUMI_HOME: join(folder, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
  };
  mkdirSync(join(folder, "backend"));
  const stack =
    engine === "the Pulumi CLI"
      ? await LocalWorkspace.createOrSelectStack({ stackName: "bench", workDir }, { envVars })
      : await EmbeddedStack.createOrSelect({
          stackName: "bench",
          workDir,
          stateDir: join(folder, "backend"),
          envVars,
        });
  const settings = { maxImagesPerUpdate: "1000000", maxConcurrentTasks: "1000", requestsPerSecond: "1000", ...config };
  for (const [key, value] of Object.entries(settings)) await stack.setConfig(`tencent-aigc:${key}`, { value });
  return { stack, workDir, envVars, close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The plain script, in a process of its own. */
export async function runScript(count: number, concurrency: number, service: Service): Promise<void> {
  const env = {
    ...process.env,
    COUNT: String(count),
    RATE: "20",
    CONCURRENCY: String(concurrency),
    TENCENT_AIGC_ENDPOINT: service.url,
    TENCENTCLOUD_SECRET_ID: service.secretId,
    TENCENTCLOUD_SECRET_KEY: service.secretKey,
  };
  const child: ChildProcess = spawn(process.execPath, [join(here, "programs", "script.js")], { env, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number];
  if (code !== 0) throw new Error(`the script ended with ${code}`);
}

export async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
