import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathWithCli } from "../../scripts/cli/environment.mts";
import { environmentOf, type Service } from "./service.mts";

const root = join(import.meta.dirname, "..", "..");

/**
 * - `tasks`: pictures as dynamic resources;
 * - `pluginTasks`: the same by the plugin;
 * - `empty`: resources of the same shape whose provider does nothing;
 * - `closure`: pictures by a dynamic provider as one writes it by hand.
 */
export type Program = "tasks" | "pluginTasks" | "empty" | "closure";

export type Operation = "up" | "preview";

export interface Ran {
  readonly seconds: number;
  /** When it began (ms since the epoch). */
  readonly begunAt: number;
}

export interface StateResource {
  readonly type: string;
  readonly inputs?: object;
  readonly outputs?: object;
}

/** Where the provider that does nothing tells when it was first asked for anything. */
const firstCreateFile = "firstCreate";

/** Programs in a folder of their own, deployed by the Pulumi CLI with their state in files. */
export class Project {
  readonly workDir: string;
  readonly env: Record<string, string>;
  private readonly count: number;
  private readonly config: Readonly<Record<string, string>>;

  /**
   * @param config of the stacks, without namespace
   * @param env of all processes
   */
  constructor(
    service: Service,
    count: number,
    config: Readonly<Record<string, string>> = {},
    env: Readonly<Record<string, string>> = {},
  ) {
    this.count = count;
    this.config = config;
    const folder = mkdtempSync(join(tmpdir(), "aigc-bench-"));
    this.workDir = join(folder, "program");
    this.env = {
      ...environmentOf(service),
      COUNT: String(count),
      RATE: "20",
      FIRST_CREATE: join(folder, firstCreateFile),
      XDG_STATE_HOME: join(folder, "state"),
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_HOME: join(folder, "home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...env,
      PATH: [dirname(process.execPath), join(root, "plugin"), pathWithCli()].join(delimiter),
    };
    mkdirSync(join(folder, "backend"));
    cpSync(join(import.meta.dirname, "programs"), this.workDir, { recursive: true });
    mkdirSync(join(this.workDir, "node_modules", "@pulumi"), { recursive: true });
    const link = (name: string, target: string) =>
      symlinkSync(target, join(this.workDir, "node_modules", name), "junction");
    link("pulumi-tencent-aigc", root);
    for (const name of ["@pulumi/pulumi", "tencentcloud-sdk-nodejs-vod"]) link(name, join(root, "node_modules", name));
    this.write("Pulumi.yaml", { name: "bench", runtime: "nodejs" });
    this.write("package.json", { name: "bench" });
  }

  /** An inline program, in a process of its own. The time is that of the call. */
  async runInline(operation: Operation, program: Program, parallel: number, stack = "bench"): Promise<Ran> {
    this.configure(stack);
    const script = join(this.workDir, "runInline.mjs");
    const child = spawn(process.execPath, [script, operation, program, String(parallel), stack], {
      cwd: this.workDir,
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const told = once(child, "message") as Promise<[Ran]>;
    const ended = once(child, "exit") as Promise<[number]>;
    const [ran] = await Promise.race([told, ended.then(([code]) => Promise.reject(endedWith(program, code)))]);
    await ended;
    return ran;
  }

  /** A YAML program of the plugin, which is in files. The time is that of the `pulumi` process. */
  async runYaml(parallel: number): Promise<Ran> {
    const stack = "yaml";
    const properties = (index: number) => ({
      subAppId: 1500000001,
      modelName: "GG",
      modelVersion: "3.0",
      prompt: `picture ${index}`,
    });
    const resources = Array.from({ length: this.count }, (_, index) => [
      `picture-${index}`,
      { type: "tencent-aigc:index:AigcImageTask", properties: properties(index) },
    ]);
    const packages = { "tencent-aigc": "./node_modules/pulumi-tencent-aigc/plugin" };
    const program = { name: "bench", runtime: "yaml", packages, resources: Object.fromEntries(resources) };
    this.write("Pulumi.yaml", program);
    this.configure(stack);
    await this.pulumi("stack", "init", stack);
    const begunAt = Date.now();
    const seconds = await this.pulumi("up", "--yes", "--skip-preview", "--parallel", String(parallel));
    return { seconds, begunAt };
  }

  /** What the engine has stored of a stack. */
  stateOf(stack = "bench"): readonly StateResource[] {
    const file = join(dirname(this.workDir), "backend", ".pulumi", "stacks", "bench", `${stack}.json`);
    return JSON.parse(readFileSync(file, "utf8")).checkpoint.latest.resources ?? [];
  }

  /** When the provider that does nothing was first asked for anything (ms since the epoch). */
  firstCreateAt(): number {
    return Number(readFileSync(join(dirname(this.workDir), firstCreateFile), "utf8"));
  }

  remove(): void {
    rmSync(dirname(this.workDir), { recursive: true, force: true, maxRetries: 5 });
  }

  private async pulumi(...args: string[]): Promise<number> {
    const begun = performance.now();
    const child = spawn("pulumi", ["--non-interactive", ...args], {
      cwd: this.workDir,
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [code] = (await once(child, "exit")) as [number];
    if (code !== 0) throw endedWith(`pulumi ${args[0]}`, code);
    return (performance.now() - begun) / 1000;
  }

  private configure(stack: string): void {
    const file = `Pulumi.${stack}.yaml`;
    if (existsSync(join(this.workDir, file))) return;
    const settings = { maxImagesPerUpdate: "1000000", maxConcurrentTasks: "1000", requestsPerSecond: "1000" };
    const entries = Object.entries({ ...settings, ...this.config });
    this.write(file, { config: Object.fromEntries(entries.map(([key, value]) => [`tencent-aigc:${key}`, value])) });
  }

  /** JSON is YAML. */
  private write(file: string, content: object): void {
    writeFileSync(join(this.workDir, file), JSON.stringify(content));
  }
}

function endedWith(what: string, code: number): Error {
  return new Error(`${what} ended with ${code}`);
}

/** The plain script, in a process of its own. */
export async function runScript(count: number, concurrency: number, service: Service): Promise<Ran> {
  const env = {
    ...process.env,
    ...environmentOf(service),
    COUNT: String(count),
    RATE: "20",
    CONCURRENCY: String(concurrency),
  };
  const begunAt = Date.now();
  const begun = performance.now();
  const script = join(import.meta.dirname, "programs", "script.js");
  const [code] = (await once(spawn(process.execPath, [script], { env, stdio: "inherit" }), "exit")) as [number];
  if (code !== 0) throw endedWith("the script", code);
  return { seconds: (performance.now() - begun) / 1000, begunAt };
}

export async function withProject<T>(project: Project, use: (project: Project) => Promise<T>): Promise<T> {
  try {
    return await use(project);
  } finally {
    project.remove();
  }
}
