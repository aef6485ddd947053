/**
 * The package as strangers install it: packed, installed by each installer, and then loaded, compiled against, deployed
 * and started from its commands. Prints a table; ends with 1 where anything failed. Arguments choose installers by a part
 * of their name.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { installers, toolOf } from "./installers.mts";
import { type Node, nodeOf } from "./nodes.mts";
import { deployTwice, loadBothWays, programs } from "./programs.mts";
import { npm, run, write } from "./run.mts";

const root = join(import.meta.dirname, "..", "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const oldest = `${manifest.engines.node.replace(">=", "")}.0`;

/** What is checked of each installation, in the columns' order. */
const checks: readonly { readonly name: string; readonly run: (place: string, node: Node) => Promise<void> }[] = [
  { name: "require, import", run: loads },
  ...programs.map((program) => ({
    name: program.name,
    run: (place: string, node: Node) => deploys(join(place, folderOf(program.name)), place, node, program.compiles),
  })),
  { name: "commands", run: commandsStart },
];

/** @returns the exit code */
export async function main(chosen: readonly string[]): Promise<number> {
  const begun = performance.now();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "aigc-install-")));
  const failures: string[] = [];
  try {
    const tarball = await pack(folder);
    const nodes: Node[] = [];
    for (const wanted of [oldest, "24", "latest"]) nodes.push(await nodeOf(wanted, join(folder, `node-${wanted}`)));
    const rows = [["installer", "Node", "installs", ...checks.map(({ name }) => name)]];
    const isChosen = ({ name }: { readonly name: string }) =>
      chosen.length === 0 || chosen.some((part) => name.toLowerCase().includes(part.toLowerCase()));
    for (const installer of installers.filter(isChosen)) {
      const tool = await toolOf(installer, join(folder, "tools", folderOf(installer.name)));
      if ("reason" in tool) {
        console.log(`${installer.name}: skipped, it is not to be had here. ${tool.reason}`);
        rows.push([installer.name, ...Array.from({ length: checks.length + 2 }, () => "skipped")]);
        continue;
      }
      const name = installer.name.startsWith("yarn") ? "yarn" : installer.name;
      const place = join(folder, folderOf(installer.name));
      layOut(place, tarball.path);
      const installs = await outcome(`${name} ${tool.version} installs`, failures, () => tool.install(place));
      // One installer on all Nodes, and all others on the usual one: neither depends on the other.
      for (const [index, node] of (installer.name === "npm" ? nodes : nodes.slice(1, 2)).entries()) {
        const cells: string[] = [];
        for (const check of checks) {
          const title = `${name} ${tool.version}, Node ${node.version}, ${check.name}`;
          cells.push(await outcome(title, failures, () => check.run(place, node)));
        }
        rows.push([`${name} ${tool.version}`, node.version, index === 0 ? installs : "the same", ...cells]);
      }
    }
    console.log(`\n${table(rows)}\n`);
    console.log(`${tarball.files} files in ${tarball.kB} kB, unpacked ${tarball.unpackedKB} kB.`);
    for (const failure of failures) console.log(`\nFAILED: ${failure}`);
    const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
    console.log(`${failures.length === 0 ? "Everything holds" : `${failures.length} failed`}, ${minutes} minutes.`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function pack(folder: string) {
  // From the build that is there: `npm run test:install` has made it.
  const said = await npm(root, "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  const [{ filename, files, unpackedSize }] = JSON.parse(said);
  const path = join(folder, filename);
  const kB = Math.round(statSync(path).size / 1000);
  return { path, files: files.length, kB, unpackedKB: Math.round(unpackedSize / 1000) };
}

function layOut(place: string, tarball: string): void {
  const dependencies = {
    "@pulumi/pulumi": manifest.devDependencies["@pulumi/pulumi"],
    [manifest.name]: `file:${tarball}`,
  };
  const devDependencies = { typescript: "~5.9.0", "@types/node": manifest.devDependencies["@types/node"] };
  write(place, {
    "package.json": { name: "shop", private: true, dependencies, devDependencies },
    "deployTwice.cjs": deployTwice,
    "loadBothWays.mjs": loadBothWays,
  });
  for (const { name, files } of programs) write(join(place, folderOf(name)), files);
}

function folderOf(name: string): string {
  return name.toLowerCase().replace(/\W+/g, "-");
}

async function outcome(title: string, failures: string[], check: () => Promise<void>): Promise<string> {
  const begun = performance.now();
  try {
    await check();
    return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  } catch (error) {
    failures.push(`${title}: ${error instanceof Error ? error.message : error}`);
    return "FAILED";
  }
}

async function loads(place: string, node: Node): Promise<void> {
  const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith(".json"));
  const names = entries.map((entry) => `${manifest.name}${entry.slice(1)}`);
  await run(node.path, ["loadBothWays.mjs", ...names], { cwd: place });
}

async function deploys(program: string, place: string, node: Node, compiles: boolean): Promise<void> {
  if (compiles) {
    await run(node.path, [join(place, "node_modules", "typescript", "bin", "tsc"), "-p", program], { cwd: place });
  }
  const { billed, type, again } = JSON.parse(await run(node.path, ["deployTwice.cjs", program], { cwd: place }));
  if (billed === 1 && type === "image/png" && again?.same === 2) return;
  throw new Error(`billed ${billed}, ${type}, then ${JSON.stringify(again)}`);
}

/** The command prints its help, the emulator and the plugin where they listen. */
async function commandsStart(place: string, node: Node): Promise<void> {
  const bin = (name: string) => realpathSync(join(place, "node_modules", manifest.name, manifest.bin[name]));
  const help = await run(node.path, [bin("pulumi-tencent-aigc"), "--help"], { cwd: place });
  if (!help.includes("doctor")) throw new Error(help);
  for (const name of Object.keys(manifest.bin)) {
    const linked = join(place, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name);
    statSync(linked);
  }
  const { url } = JSON.parse(await firstLine(node, [bin("tencent-aigc-emulator"), "--port", "0"], place));
  if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(url)) throw new Error(url);
  const port = await firstLine(node, [bin("pulumi-resource-tencent-aigc")], place);
  if (!/^\d+$/.test(port)) throw new Error(port);
}

/** The first line that a server prints; it is ended then. */
async function firstLine(node: Node, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(node.path, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const lines = createInterface(child.stdout);
    const ended = once(child, "exit").then(() => [`ended with ${child.exitCode}`]);
    const [line] = await Promise.race([once(lines, "line"), ended]);
    return String(line);
  } finally {
    child.kill();
  }
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")).join("\n");
}
