// Makes a fresh clone ready: installs what the lockfile names and builds. Runs on whatever Node a machine has, for the
// right one only comes with the install.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** @param {string} path */
const modified = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

/**
 * When anything in a folder was last changed.
 * @param {string} folder
 * @returns {number}
 */
function newest(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(latest, entry.isDirectory() ? newest(path) : modified(path));
  }, 0);
}

/**
 * Removes what was built from sources that are gone.
 * @param {string} folder
 */
function removeOrphans(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeOrphans(path);
    const source = relative("dist", path).replace(/(\.d\.ts|\.js)$/, ".ts");
    if (source.endsWith(".ts") && !existsSync(join(root, source))) rmSync(join(root, path));
  }
}

/** @param {string} text @param {string} command @param {string[]} args */
function run(text, command, args) {
  console.error(text);
  // What was asked of an npm that runs this is not meant for the install: `npm pack --dry-run` would install nothing.
  const { npm_config_dry_run: _, ...env } = process.env;
  // npm is a script with another name on Windows, which only a shell finds.
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(error ? error.message : `${basename(command)} failed, and has said why.`);
  process.exit(1);
}

const installed = "node_modules/.package-lock.json";
if (modified(installed) < modified("package-lock.json")) {
  run("Installing dependencies …", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}
const sources = ["provider", "emulator", "engine", "command"];
const built = "dist/.tsbuildinfo";
if (
  modified(built) <
  Math.max(
    ...sources.map(newest),
    ...["plugin/schema.json", "tsconfig.json", "tsconfig.build.json", installed].map(modified),
  )
) {
  run("Building …", join(root, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"]);
  removeOrphans("dist");
  // The compiler leaves this alone when nothing had to be written, and the next run would build again.
  utimesSync(join(root, built), new Date(), new Date());
}
