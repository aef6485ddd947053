import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import { commands } from "../../../command/commands";
import { run } from "../../../command/run";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../emulator";

export const subAppId = 251007502;

export async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ taskSeconds: 0.05, submitsPerSecond: 1e6, readsPerSecond: 1e6, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A directory of the test's own. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "aigc-doctor-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface Machine {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

export function machine(emulator: Emulator | undefined, changes: NodeJS.ProcessEnv = {}): Machine {
  const home = folder();
  const own = emulator && {
    TENCENT_AIGC_ENDPOINT: emulator.url,
    TENCENTCLOUD_SECRET_ID: emulator.secretId,
    TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
  };
  return { home, env: { HOME: home, XDG_STATE_HOME: home, TENCENT_AIGC_EMULATOR_SPEED: "200", ...own, ...changes } };
}

export interface Called {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a user does. */
export async function call({ env }: Machine, args: readonly string[], typed?: string): Promise<Called> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stdin = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
  stdin.end(typed === undefined ? "" : `${typed}\n`);
  const status = await run(commands, ["doctor", ...args], { env, stdin, stdout, stderr });
  return { status, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

export interface Told {
  readonly check: string;
  readonly status: string;
  readonly text: string;
  readonly nextStep?: string;
}

/** What it finds, by check. */
export async function findings(of: Machine, args: readonly string[] = ["--sub-app-id", String(subAppId)]) {
  const { status, stdout, stderr } = await call(of, [...args, "--json"]);
  if (stderr !== "") throw new Error(stderr);
  const { findings, policy } = JSON.parse(stdout) as { findings: Told[]; policy?: unknown };
  return { status, text: stdout, policy, by: Object.fromEntries(findings.map((one) => [one.check, one])) };
}
