// Proves the package as it would be published: its exports, its types, and how they resolve.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * npm and what it installs are scripts with another name on Windows, which only a shell finds.
 * @param {string} command
 * @param {string[]} args
 * @param {{ stdio?: "inherit" }} [options]
 */
function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, encoding: "utf8", shell: process.platform === "win32", ...options });
}

/** @param {string} name @param {string[]} args */
function tool(name, args) {
  const { status } = run(join(root, "node_modules", ".bin", name), args, { stdio: "inherit" });
  return status === 0;
}

const folder = mkdtempSync(join(tmpdir(), "tencent-aigc-pack-"));
try {
  // Packed from the build that is there; building anew is another script's job.
  const packed = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]);
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stderr ?? packed.error}`);
  const tarball = join(folder, JSON.parse(packed.stdout)[0].filename);
  const sound = [tool("publint", ["run", "--strict", tarball]), tool("attw", ["--no-definitely-typed", tarball])];
  if (sound.includes(false)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
