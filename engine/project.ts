import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { parseYaml } from "./pulumiSdk";

/** What Pulumi.yaml says about a program, and where it is. */
export interface Project {
  name: string;
  /** Where Pulumi.yaml is. */
  root: string;
  /** Where the program runs, and what providers take as their directory. */
  programDirectory: string;
  /** A file name in the program's directory, or `.` to let package.json decide. */
  entryPoint: string;
  runtimeOptions: Record<string, unknown>;
  typescript: boolean;
}

/**
 * @param main instead of the project's own `main`
 * @throws when there is no Pulumi.yaml, or its runtime is not nodejs
 */
export function loadProject(workDir: string, overrides: { name?: string; main?: string } = {}): Project {
  const root = resolve(workDir);
  const text = readProjectFile(root);
  const file = (parseYaml(text) ?? {}) as { name?: string; main?: string; runtime?: unknown };
  const runtime = typeof file.runtime === "string" ? { name: file.runtime } : ((file.runtime ?? {}) as object);
  const { name: runtimeName, options = {} } = runtime as { name?: string; options?: Record<string, unknown> };
  if (runtimeName !== "nodejs") {
    throw new Error(`Pulumi.yaml has runtime ${JSON.stringify(runtimeName)}: only nodejs runs without the Pulumi CLI`);
  }
  const name = overrides.name ?? file.name;
  if (!name) throw new Error(`Pulumi.yaml in ${root} has no name`);
  const main = overrides.main ?? file.main;
  const runtimeOptions = options ?? {};
  return {
    name,
    root,
    ...locate(root, main),
    runtimeOptions,
    typescript: runtimeOptions["typescript"] !== false,
  };
}

function readProjectFile(root: string): string {
  for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
    try {
      return readFileSync(join(root, name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error(`no Pulumi.yaml in ${root}: set workDir to the directory of a Pulumi project`);
}

function locate(root: string, main: string | undefined): { programDirectory: string; entryPoint: string } {
  if (!main) return { programDirectory: root, entryPoint: "." };
  const path = resolve(root, main);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Error(`the program ${path} that Pulumi.yaml names as main does not exist`);
  if (stat.isDirectory()) return { programDirectory: path, entryPoint: "." };
  return { programDirectory: dirname(path), entryPoint: basename(path) };
}

/** A part of the SDK as the program sees it, which need not be the copy that this engine uses. */
export function resolveFromProgram(project: Pick<Project, "programDirectory">, module: string): string {
  try {
    return createRequire(join(project.programDirectory, "index.js")).resolve(module);
  } catch {
    throw new Error(`${module} cannot be found from ${project.programDirectory}: install @pulumi/pulumi there`);
  }
}
