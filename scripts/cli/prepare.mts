import { spawn } from "node:child_process";
import {
  cpSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { isRunning, withLock } from "./lock.mts";
import { cacheFolder, executable, folderOf, fullest } from "./places.mts";
import { type Found, find, nameOf, type Tool } from "./tools.mts";

const gigabyte = 1e9;

/** Gets what is not there yet, one after the other, and says so. */
export async function prepare(tools: readonly Tool[], say: (line: string) => void): Promise<Map<Tool, Found>> {
  const found = new Map<Tool, Found>();
  for (const [index, tool] of tools.entries()) {
    const user = tool.for && found.get(tool.for);
    if (user && "reason" in user) continue;
    const there = find(tool);
    found.set(tool, "folder" in there ? there : await get(tool, tools.slice(index), say));
  }
  return found;
}

/** @param still what else is to be got: there has to be disk for all of it before the first is begun */
async function get(tool: Tool, still: readonly Tool[], say: (line: string) => void): Promise<Found> {
  const cache = cacheFolder();
  try {
    mkdirSync(cache, { recursive: true });
    const waits = (owner: number) => say(`Process ${owner} is getting ${tool.title}; waiting for it.`);
    return await withLock(join(cache, `${nameOf(tool)}.lock`), waits, async () => {
      const there = find(tool);
      if ("folder" in there) return there;
      await requireDisk(still.filter((each) => "reason" in find(each)));
      return await make(tool, cache, say);
    });
  } catch (error) {
    return { reason: oneLine(error) };
  }
}

async function requireDisk(missing: readonly Tool[]): Promise<void> {
  const needed = missing.reduce((sum, { disk }) => sum + disk, 0);
  const built = missing.find(({ source }) => source.kind === "go");
  const ofGo = built ? await goCaches(built) : [];
  const { place, free } = fullest([cacheFolder(), ...ofGo]);
  if (free < needed * gigabyte) {
    const has = (free / gigabyte).toFixed(1);
    throw new Error(`${needed} GB of disk are needed, and there are ${has} GB for ${place}`);
  }
}

/** Made beside its place and moved there whole: nobody ever finds half of one. */
async function make(tool: Tool, cache: string, say: (line: string) => void): Promise<Found> {
  const how = tool.source.kind === "go" ? "Building" : "Installing";
  say(`${how} ${tool.title} ${tool.version}, once: ${tool.takes}, up to ${tool.disk} GB of disk, kept in ${cache}.`);
  removeLeftovers(cache);
  const begun = performance.now();
  const folder = join(cache, `${nameOf(tool)}.${process.pid}.tmp`);
  try {
    await (tool.source.kind === "go"
      ? build(tool.source, join(folder, executable(tool.command)))
      : install(tool.source, folder, tool.command));
    rmSync(join(cache, nameOf(tool)), { recursive: true, force: true });
    renameSync(folder, join(cache, nameOf(tool)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`Got ${tool.title} in ${((performance.now() - begun) / 1000).toFixed(0)} s.`);
  return find(tool);
}

/** What processes left behind that were ended while they made something. */
function removeLeftovers(cache: string): void {
  for (const name of readdirSync(cache)) {
    const [, pid] = /\.(\d+)\.tmp$/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

type GoSource = Extract<Tool["source"], { kind: "go" }>;
type NpmSource = Extract<Tool["source"], { kind: "npm" }>;

async function build(source: GoSource, target: string): Promise<void> {
  const env = { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off", CGO_ENABLED: "0" };
  await run("go", ["build", ...source.flags, "-o", target, source.package], { cwd: source.folder, env });
}

async function goCaches({ command, fromPath }: Tool): Promise<readonly string[]> {
  if (!folderOf("go"))
    throw new Error(fromPath ? `neither \`${command}\` nor \`go\` is on PATH` : "`go` is not on PATH");
  const { GOMODCACHE, GOCACHE } = JSON.parse(await run("go", ["env", "-json", "GOMODCACHE", "GOCACHE"], {}));
  return [GOMODCACHE, GOCACHE];
}

/** None of the package's own scripts is run: the links that its script would make are made here. */
async function install(source: NpmSource, folder: string, command: string): Promise<void> {
  const here = `${process.platform}-${process.arch}`;
  if (source.only && source.only !== here)
    throw new Error(`${source.package} is for ${source.only}, and this is ${here}`);
  cpSync(source.folder, folder, { recursive: true });
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  const packaged = join(folder, "node_modules", source.package);
  const path = join(packaged, source.bin, executable(command));
  if (existsSync(`${path}.br`)) {
    await pipeline(createReadStream(`${path}.br`), createBrotliDecompress(), createWriteStream(path, { mode: 0o755 }));
    rmSync(`${path}.br`);
  }
  makeLinks(packaged);
  // One that lacks a library of this machine is as good as none.
  await run(path, ["--version"], {});
}

function makeLinks(packaged: string): void {
  const list = join(packaged, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8"));
  for (const { source: from, target } of links as { source: string; target: string }[]) {
    const path = join(packaged, target);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(basename(from), path);
  }
}

/** @returns what it printed */
function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }) {
  return new Promise<string>((resolve, reject) => {
    // npm is a script with another name on Windows, which only a shell finds.
    const child = spawn(command, args, {
      ...options,
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    let complained = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (complained += text));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(printed);
      const last = complained.trim().split("\n").at(-1);
      reject(new Error(`\`${command} ${args[0]}\` ended with ${signal ?? code}: ${last}`));
    });
  });
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ");
}
