import { readdirSync } from "node:fs";
import { join } from "node:path";
import { npm, run, write } from "./run.mts";

/** A program that installs packages, and how it is called in a project. */
export interface Installer {
  readonly name: string;
  /** The package that brings it; absent where it comes with Node. */
  readonly from?: { readonly package: string; readonly version: string };
  /** Its executable, from the folder into which `from` was installed. */
  readonly command: (folder: string) => readonly [command: string, ...args: string[]];
  readonly install: readonly string[];
  /** Files of its own in the project. */
  readonly settings?: (registry: string) => Readonly<Record<string, string>>;
}

/** Each in the newest version that was tried. Scripts of packages never run: nothing here needs them. */
export const installers: readonly Installer[] = [
  {
    name: "npm",
    command: () => ["npm"],
    install: ["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline"],
  },
  {
    name: "pnpm",
    from: { package: "pnpm", version: "12.21.0" },
    command: (folder) => ["npm", "exec", "--prefix", folder, "--", "pnpm"],
    install: ["install", "--ignore-scripts", "--no-frozen-lockfile"],
  },
  {
    name: "yarn 1",
    from: { package: "yarn", version: "1.22.22" },
    command: (folder) => [process.execPath, join(folder, "node_modules", "yarn", "bin", "yarn.js")],
    install: ["install", "--ignore-scripts", "--no-lockfile", "--non-interactive"],
  },
  {
    name: "yarn 4",
    from: { package: "@yarnpkg/cli-dist", version: "4.18.1" },
    command: (folder) => [process.execPath, join(folder, "node_modules", "@yarnpkg", "cli-dist", "bin", "yarn.js")],
    install: ["install", "--mode=skip-build"],
    settings: (registry) => ({
      // Pulumi looks for packages in folders.
      ".yarnrc.yml": `nodeLinker: node-modules\nenableTelemetry: false\nnpmRegistryServer: "${registry}"\n`,
      "yarn.lock": "",
    }),
  },
  {
    name: "Bun",
    from: { package: "bun", version: "1.4.5" },
    command: (folder) => [bunIn(folder)],
    install: ["install", "--ignore-scripts", "--no-save"],
    settings: (registry) => ({ "bunfig.toml": `[install]\nregistry = "${registry}"\n` }),
  },
];

/** The package of the platform has it. The scripts of `bun`, which do not run here, would only link to it. */
function bunIn(folder: string): string {
  const platforms = join(folder, "node_modules", "@oven");
  const [platform = ""] = readdirSync(platforms);
  return join(platforms, platform, "bin", process.platform === "win32" ? "bun.exe" : "bun");
}

export interface Tool {
  readonly version: string;
  readonly install: (project: string) => Promise<void>;
}

/** Gets an installer from the registry. @returns why it is not to be had, where it is not */
export async function toolOf(installer: Installer, folder: string): Promise<Tool | { readonly reason: string }> {
  const { from, command, install, settings } = installer;
  try {
    write(folder, { "package.json": { private: true } });
    if (from) await npm(folder, "install", "--ignore-scripts", `${from.package}@${from.version}`);
    const [name, ...args] = command(folder);
    const version = (await run(name, [...args, "--version"], { cwd: folder })).trim();
    const registry = (await npm(folder, "config", "get", "registry")).trim();
    return {
      version,
      install: async (project) => {
        write(project, settings?.(registry) ?? {});
        await run(name, [...args, ...install], { cwd: project });
      },
    };
  } catch (error) {
    return { reason: String(error instanceof Error ? error.message : error) };
  }
}
