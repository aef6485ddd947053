import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { chooses } from "../../scripts/cli/forTests.mts";
import { cacheFolder } from "../../scripts/cli/places.mts";
import type { Tool } from "../../scripts/cli/tools.mts";

/** For a Node that reads it only when it is told to. */
const readsTypeScript = process.features.typescript
  ? []
  : ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
const prepareModule = pathToFileURL(join(__dirname, "..", "..", "scripts", "cli", "prepare.mts")).href;

/** A machine whose `go` writes down each build, and ends it as told. */
function openMachine({ go }: { go?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "aigc-prepare-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const bin = join(folder, "bin");
  const cache = join(folder, "cache");
  const builds = join(folder, "builds");
  mkdirSync(bin);
  writeFileSync(builds, "");
  if (go !== undefined) {
    const env = `echo '{"GOMODCACHE":"${folder}","GOCACHE":"${folder}"}'`;
    const build = `echo "$GOFLAGS $GOWORK $CGO_ENABLED" >> ${builds}; mkdir -p "$(dirname "$3")"; ${go}`;
    writeFileSync(join(bin, "go"), `#!/bin/sh\nif [ "$1" = env ]; then ${env}; else ${build}; fi\n`);
    chmodSync(join(bin, "go"), 0o755);
  }
  const tool: Tool = {
    title: "a tool",
    command: "tool-of-this-test",
    version: "v1.2.3",
    source: { kind: "go", folder, package: "example.com/tool", flags: [] },
    disk: 0.001,
    takes: "no time",
    fromPath: true,
  };
  /** In a process of its own: what was found, as JSON in its last line, after what was said. */
  const start = (change: Partial<Tool> = {}) => {
    const program = `
      const { prepare } = await import(${JSON.stringify(prepareModule)});
      const found = await prepare([${JSON.stringify({ ...tool, ...change })}], console.log);
      console.log(JSON.stringify([...found.values()][0]));`;
    const PATH = [bin, "/usr/bin", "/bin"].join(delimiter);
    const child = spawn(process.execPath, [...readsTypeScript, "--input-type=module", "--eval", program], {
      env: { PATH, HOME: folder, TENCENT_AIGC_CLI_CACHE: cache },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    const ended = once(child, "close").then(() => {
      const lines = text.trim().split("\n");
      return { found: JSON.parse(lines.at(-1) || "{}"), said: lines.slice(0, -1) };
    });
    return { child, ended };
  };
  return {
    folder,
    bin,
    cache,
    start,
    get: (change?: Partial<Tool>) => start(change).ended,
    builds: () => readFileSync(builds, "utf8").trim().split("\n").filter(Boolean),
  };
}

const succeeds = 'printf "#!/bin/sh" > "$3"; chmod +x "$3"';

test("what is on PATH is used, and nothing is built", async () => {
  const machine = openMachine({ go: succeeds });
  const path = join(machine.bin, "tool-of-this-test");
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  expect(await machine.get()).toEqual({ found: { folder: machine.bin }, said: [] });
  expect(machine.builds()).toEqual([]);
});

test("a build is said with its time and disk, and is kept by version and platform for the next run", async () => {
  const machine = openMachine({ go: succeeds });
  const kept = join(machine.cache, `tool-of-this-test-v1.2.3-${process.platform}-${process.arch}`);
  const first = await machine.get();
  expect(first.found).toEqual({ folder: kept });
  expect(first.said[0]).toContain(
    `Building a tool v1.2.3, once: no time, up to 0.001 GB of disk, kept in ${machine.cache}`,
  );
  expect(first.said[1]).toMatch(/^Got a tool in \d+ s/);
  expect(await machine.get()).toEqual({ found: { folder: kept }, said: [] });
  expect(machine.builds()).toEqual(["-mod=readonly off 0"]);
  expect((await machine.get({ version: "v1.2.4" })).found.folder).toContain("v1.2.4");
  expect(machine.builds()).toHaveLength(2);
});

test("of two that begin at once one builds, and both find the same", async () => {
  const machine = openMachine({ go: `sleep 1; ${succeeds}` });
  const [one, other] = await Promise.all([machine.get(), machine.get()]);
  expect(one.found).toEqual(other.found);
  expect([...one.said, ...other.said].join()).toMatch(/Process \d+ is getting a tool; waiting for it/);
  expect(machine.builds()).toHaveLength(1);
});

test("a build that was killed leaves nothing that is taken for a tool, and the next run builds", async () => {
  const machine = openMachine({ go: `[ -e "$HOME/go-on" ] || exec sleep 60; ${succeeds}` });
  const { child, ended } = machine.start();
  await expect.poll(() => machine.builds(), { timeout: 10_000 }).toHaveLength(1);
  child.kill("SIGKILL");
  await ended.catch(() => {});
  writeFileSync(join(machine.folder, "go-on"), "");
  expect((await machine.get()).found).toHaveProperty("folder");
  expect(readdirSync(machine.cache)).toEqual([`tool-of-this-test-v1.2.3-${process.platform}-${process.arch}`]);
});

test("a build that fails is one line with its last word, and nothing is kept", async () => {
  const machine = openMachine({ go: "echo first >&2; echo no space left >&2; exit 3" });
  expect((await machine.get()).found).toEqual({ reason: "`go build` ended with 3: no space left" });
  expect(readdirSync(machine.cache)).toEqual([]);
});

test("less disk than is needed is told before anything is built", async () => {
  const machine = openMachine({ go: succeeds });
  const { found } = await machine.get({ disk: 5_000_000 });
  expect(found.reason).toMatch(/^5000000 GB of disk are needed, and there are [\d.]+ GB for \//);
  expect(machine.builds()).toEqual([]);
});

test("neither the tool nor `go` on PATH is one line", async () => {
  const machine = openMachine();
  expect((await machine.get()).found).toEqual({ reason: "neither `tool-of-this-test` nor `go` is on PATH" });
  expect(existsSync(machine.cache)).toBe(true);
});

test.each([
  [["test/unit"], false],
  [["test/unit", "schema"], false],
  [["test/scenarios"], true],
  [["./test/scenarios/lifecycle.test.ts:12"], true],
  [["lifecycle"], true],
  [[], true],
  [["-t", "billed"], true],
])("a run of %j needs the tool of test/scenarios: %s", (args, needed) => {
  expect(chooses(args, ["test/scenarios"])).toBe(needed);
});

test("the cache is the user's own, and an environment variable puts it elsewhere", () => {
  expect(cacheFolder({ XDG_CACHE_HOME: "/caches" })).toBe(join("/caches", "pulumi-tencent-aigc", "cli"));
  expect(cacheFolder({ XDG_CACHE_HOME: "/caches", TENCENT_AIGC_CLI_CACHE: "/elsewhere" })).toBe("/elsewhere");
});
