/** A project of any language on the Pulumi CLI, which deploys to the emulator with the plugin. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type Emulator, startEmulator } from "../../emulator";
import { repository } from "../package/workshop";

export const examples: string = join(repository, "examples", "languages");

/** What a command line has done. */
export interface Ran {
  readonly code: number;
  /** All that it printed. */
  readonly text: string;
  readonly stdout: string;
}

export interface Shop {
  readonly emulator: Emulator;
  readonly folder: string;
  /** The environment of all that is run: on this machine alone, and with no account but the emulator's. */
  readonly env: Readonly<Record<string, string>>;
  run(command: string, ...args: string[]): Promise<Ran>;
  /** Runs the CLI. @throws with what it said if it fails */
  pulumi(...args: string[]): Promise<string>;
}

/** @param example a folder with the project's files, which are copied */
export async function openShop(example?: string): Promise<Shop> {
  const emulator = await startEmulator({ taskSeconds: 0.1, concurrency: 100, submitsPerSecond: 1000 });
  const home = realpathSync(mkdtempSync(join(tmpdir(), "aigc-shop-")));
  onTestFinished(async () => {
    await emulator.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const folder = join(home, "shop");
  mkdirSync(folder);
  mkdirSync(join(home, "backend"));
  if (example !== undefined) cpSync(example, folder, { recursive: true });
  const env: Record<string, string> = {
    TENCENT_AIGC_ENDPOINT: emulator.url,
    TENCENT_AIGC_EMULATOR_SPEED: "50",
    TENCENTCLOUD_SECRET_ID: emulator.secretId,
    TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
    XDG_STATE_HOME: join(home, "state"),
    PULUMI_BACKEND_URL: `file://${join(home, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "shop",
    PULUMI_HOME: join(home, "pulumi"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // The plugin runs on whatever `node` comes first.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`,
  };
  const run = (command: string, ...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
      execFile(command, args, options, (error, stdout, stderr) => {
        const code = error ? Number(error.code) || 1 : 0;
        resolve({ code, stdout, text: [stdout, stderr, error && !stderr ? error.message : ""].join("\n") });
      });
    });
  const pulumi = async (...args: string[]): Promise<string> => {
    const { code, stdout, text } = await run("pulumi", "--non-interactive", ...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${text}`);
    return stdout;
  };
  return { emulator, folder, env, run, pulumi };
}

/** Installs the package as it is built here, by a link. */
export function linkPackage({ folder }: Shop): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(repository, join(folder, "node_modules", "pulumi-tencent-aigc"), "junction");
}

export async function initStack({ pulumi }: Shop): Promise<void> {
  await pulumi("stack", "init", "dev");
  await pulumi("config", "set", "tencent-aigc:subAppId", "1500000001");
}

/** Resources by what was done to them, as an update's last lines have it. */
export function changesIn(text: string): Record<string, number> {
  const rows = text.matchAll(/^ {4}(?:[+~-]+ ?)?(\d+) (created|updated|unchanged|deleted|replaced)$/gm);
  return Object.fromEntries([...rows].map(([, count, change]) => [change, Number(count)]));
}
