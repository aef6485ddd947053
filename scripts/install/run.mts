import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command. @throws with what it said where it fails */
export function run(command: string, args: readonly string[], { cwd, env }: RunOptions): Promise<string> {
  // Package managers are scripts with another name on Windows, which only a shell finds.
  const shell = process.platform === "win32" && command === "npm";
  const options = { cwd, shell, env: { ...fresh(process.env), ...env }, maxBuffer: 2 ** 26, timeout: 300_000 };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${[command, ...args].join(" ")} failed in ${cwd}:\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

export function npm(cwd: string, ...args: string[]): Promise<string> {
  return run("npm", ["--no-audit", "--no-fund", "--prefer-offline", ...args], { cwd });
}

/** npm tells the scripts that it runs where it puts packages, and an npm that they run would obey. */
function fresh(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const told = /^(npm_(config_(local|global)_prefix|package_.*|lifecycle_.*|command)|INIT_CWD|NODE_ENV)$/i;
  const path = [dirname(process.execPath), env["PATH"]].join(delimiter);
  return { ...Object.fromEntries(Object.entries(env).filter(([name]) => !told.test(name))), PATH: path };
}

/** Writes files below a folder; what is no text is written as JSON. */
export function write(folder: string, files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, undefined, 2));
  }
}
