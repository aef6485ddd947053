/** A folder outside the repository where the packed package is installed as a stranger would. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll } from "vitest";

export const repository = join(__dirname, "..", "..");

export interface Manifest {
  readonly version: string;
  readonly name: string;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly exports: Record<string, string | { types: string; default: string }>;
  readonly bin: Record<string, string>;
  readonly engines: { readonly node: string };
}

export const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as Manifest;

/** An empty folder, its path without links. */
export function makeFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "aigc-package-")));
}

/** An empty folder for all tests of a file, removed when they have ended. To be called outside of them. */
export function temporaryFolder(): string {
  const folder = makeFolder();
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files below a folder; what is no text is written as JSON. */
export function write(folder: string, files: Record<string, unknown>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, undefined, 2));
  }
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, in the environment of a shell that no package manager has started. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    // Package managers are scripts with another name on Windows, which only a shell finds.
    const shell = process.platform === "win32" && command === "npm";
    execFile(command, args, { cwd, shell, env: freshEnvironment(), maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) || 1 : 0, stdout, stderr });
    });
  });
}

/** Runs npm. Throws with what it said if it fails. */
export async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("npm", ["--no-audit", "--no-fund", ...args], cwd);
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Where npm puts its packages is told to the scripts it runs, and would be obeyed by an npm inside a test. */
function freshEnvironment(): NodeJS.ProcessEnv {
  const told = /^(npm_(config_(local|global)_prefix|package_.*|lifecycle_.*|command)|INIT_CWD|NODE_ENV|VITEST.*)$/i;
  const kept = Object.entries(process.env).filter(([name]) => !told.test(name));
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`;
  return { ...Object.fromEntries(kept), PATH: path };
}
