/** A YAML program on the Pulumi CLI, which needs no language host but its own: what any language asks of the plugin. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator";
import { find, pulumi, yamlHost } from "../../scripts/cli/tools.mts";
import { SpawnedUpdate } from "./spawnedUpdate";
import type { StateResource } from "./world";

/** test/cli says where it is missing. */
export const hasYaml: boolean = "folder" in find(pulumi) && "folder" in find(yamlHost);

const root = join(__dirname, "..", "..");

export const pictureType = "tencent-aigc:index:AigcImageTask";

/** What a program reads of another resource, or that resource itself. */
export const reference = (path: string): string => `\${${path}}`;

export interface YamlResource {
  readonly type?: string;
  readonly properties?: object;
  readonly options?: object;
}

export interface Ran {
  readonly code: number;
  /** All that was printed. */
  readonly text: string;
}

/** The folder of a project, whose stack `dev` may be another program's as well. */
export class YamlProject {
  private constructor(
    readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly name: string,
  ) {}

  static open(folder: string, env: Readonly<Record<string, string>>, name = "scenario"): YamlProject {
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    symlinkSync(root, join(folder, "node_modules", "pulumi-tencent-aigc"), "junction");
    const project = new YamlProject(folder, env, name);
    project.declare({});
    return project;
  }

  /** Changes the program. */
  declare(resources: Readonly<Record<string, YamlResource>>, outputs: object = {}): void {
    const typed = Object.entries(resources).map(([name, resource]) => [name, { type: pictureType, ...resource }]);
    // JSON is YAML.
    const program = {
      name: this.name,
      runtime: "yaml",
      packages: { "tencent-aigc": "./node_modules/pulumi-tencent-aigc/plugin" },
      resources: Object.fromEntries(typed),
      outputs,
    };
    writeFileSync(join(this.folder, "Pulumi.yaml"), JSON.stringify(program, undefined, 2));
  }

  run(...args: string[]): Promise<Ran> {
    const options = { cwd: this.folder, env: { ...process.env, ...this.env }, maxBuffer: 2 ** 26 };
    return new Promise((resolve) => {
      execFile("pulumi", ["--non-interactive", ...args], options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) || 1 : 0, text: stdout + stderr });
      });
    });
  }

  /** @throws with what was said if it fails */
  async pulumi(...args: string[]): Promise<string> {
    const { code, text } = await this.run(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${text}`);
    return text;
  }

  /** Number of resources by what is done to them, the stack's own among them. */
  async changes(operation: "up" | "preview" | "refresh" | "destroy"): Promise<Record<string, number>> {
    const skipped = operation === "preview" ? [] : ["--yes", "--skip-preview"];
    const text = await this.pulumi(operation, ...skipped);
    const rows = text.matchAll(/^ {4}\W*(\d+) (?:to )?(create|update|delete|replace|import|unchanged)(?:e?d)?$/gm);
    return Object.fromEntries([...rows].map(([, count, change]) => [change, Number(count)]));
  }

  async resources(): Promise<StateResource[]> {
    const text = await this.pulumi("stack", "export");
    const { deployment } = JSON.parse(text);
    return deployment.resources ?? [];
  }

  /** By name. */
  async picture(name: string): Promise<StateResource> {
    const found = (await this.resources()).find(({ urn }) => urn.endsWith(`AigcImageTask::${name}`));
    if (found === undefined) throw new Error(`state has no picture ${name}`);
    return found;
  }

  /** An `up` in a process group of its own, as a terminal starts it. */
  spawnUp(): SpawnedUpdate {
    const child = spawn("pulumi", ["--non-interactive", "up", "--yes", "--skip-preview"], {
      cwd: this.folder,
      env: { ...process.env, ...this.env },
      stdio: "ignore",
      detached: true,
    });
    const update = new SpawnedUpdate(child);
    onTestFinished(() => update.killEverything());
    return update;
  }
}

/** A project of its own with the service beside it. */
export async function openYaml(
  options: { emulator?: EmulatorOptions; env?: Record<string, string> } = {},
): Promise<{ emulator: Emulator; project: YamlProject; home: string }> {
  const emulator = await startEmulator({
    taskSeconds: 0.1,
    concurrency: 100,
    submitsPerSecond: 1000,
    ...options.emulator,
  });
  const home = realpathSync(mkdtempSync(join(tmpdir(), "aigc-yaml-")));
  onTestFinished(async () => {
    await emulator.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  mkdirSync(join(home, "backend"));
  const env = {
    TENCENT_AIGC_ENDPOINT: emulator.url,
    TENCENT_AIGC_EMULATOR_SPEED: "50",
    TENCENTCLOUD_SECRET_ID: emulator.secretId,
    TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
    XDG_STATE_HOME: join(home, "state"),
    PULUMI_BACKEND_URL: `file://${join(home, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "scenario",
    PULUMI_HOME: join(home, "pulumi"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
    ...options.env,
  };
  const project = YamlProject.open(join(home, "program"), env);
  await project.pulumi("stack", "init", "dev");
  return { emulator, project, home };
}
