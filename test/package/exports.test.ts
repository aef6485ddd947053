import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { packInto } from "./tarball";
import { manifest, npm, type Outcome, repository, run, temporaryFolder, write } from "./workshop";

const program = temporaryFolder();
const entries = [".", "./bill.schema.json", "./emulator", "./handler", "./package.json", "./testing"];
const specifiers = entries.map((entry) => join(manifest.name, entry).replaceAll("\\", "/"));
const modules = specifiers.filter((specifier) => !specifier.endsWith(".json"));

/** The package unpacked, its dependencies those of the repository: what is loaded is the same, and nothing is fetched. */
beforeAll(async () => {
  const { path } = await packInto(program);
  const installed = join(program, "node_modules");
  mkdirSync(join(installed, manifest.name), { recursive: true });
  await run("tar", ["-xf", path, "-C", join(installed, manifest.name), "--strip-components", "1"], program);
  for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]) {
    mkdirSync(join(installed, name, ".."), { recursive: true });
    symlinkSync(join(repository, "node_modules", name), join(installed, name), "junction");
  }
  write(program, {
    // Modules that an entry loads, those that were required as well as those that were imported.
    "loads.cjs": `
      const { registerHooks } = require("node:module");
      const urls = [];
      registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
      require(process.argv[2]);
      console.log(JSON.stringify(urls.filter((url) => url.startsWith("file:"))));`,
    "names.cjs": `console.log(JSON.stringify(Object.keys(require(process.argv[2])).sort()));`,
    "names.mjs": `
      const names = Object.keys(await import(process.argv[2])).filter((name) => !/^(default|__esModule|module\\.exports)$/.test(name));
      console.log(JSON.stringify(names.sort()));`,
    "named.mjs": `
      import { AigcImageTask, ModelName } from "pulumi-tencent-aigc";
      import { startEmulator } from "pulumi-tencent-aigc/emulator";
      import { EmbeddedStack } from "pulumi-tencent-aigc/testing";
      import manifest from "pulumi-tencent-aigc/package.json" with { type: "json" };
      console.log(typeof AigcImageTask, ModelName.GG, typeof startEmulator, typeof EmbeddedStack, manifest.name);`,
  });
});

function node(...args: string[]): Promise<Outcome> {
  return run(process.execPath, args, program);
}

async function answer(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await node(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as string[];
}

test("package.json exports the five entries that programs, hosts and tests use, and the schema of the bill", () => {
  expect(Object.keys(manifest.exports).sort()).toEqual(entries);
});

test.each(modules)("%s gives require and import the same names, without a word of warning", async (specifier) => {
  const required = await answer("names.cjs", specifier);
  expect(required).not.toEqual([]);
  expect(await answer("names.mjs", specifier)).toEqual(required);
});

test("import takes what it needs by name", async () => {
  const { stdout, stderr } = await node("named.mjs");
  expect(stderr).toBe("");
  expect(stdout.trim()).toBe("function GG function function pulumi-tencent-aigc");
});

test.each([
  "pulumi-tencent-aigc/dist/provider/index.js",
  "pulumi-tencent-aigc/dist/provider/vod/client",
  "pulumi-tencent-aigc/vod/client",
  "pulumi-tencent-aigc/provider/index.ts",
])("%s cannot be loaded", async (specifier) => {
  const { code, stderr } = await node("-e", "require(process.argv[1])", specifier);
  expect(code).not.toBe(0);
  expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
});

describe("what an entry loads", () => {
  const of = (urls: string[], pattern: RegExp) => urls.filter((url) => pattern.test(url));
  const dependency = (...names: string[]) => new RegExp(`/node_modules/(${names.join("|")})/`);
  const tests = /\/dist\/(emulator|engine)\//;

  test("declaring a task loads neither client nor schema nor emulator nor engine", async () => {
    const urls = await answer("loads.cjs", "pulumi-tencent-aigc");
    expect(of(urls, dependency("@pulumi/pulumi"))).not.toEqual([]);
    expect(of(urls, dependency(...Object.keys(manifest.dependencies)))).toEqual([]);
    expect(of(urls, tests)).toEqual([]);
    expect(of(urls, /\/dist\/provider\/(vod|generation|lifecycle)\//)).toEqual([]);
  });

  test("the handler loads neither emulator nor engine, and not what only they need", async () => {
    const urls = await answer("loads.cjs", "pulumi-tencent-aigc/handler");
    expect(of(urls, /\/dist\/provider\/lifecycle\//)).not.toEqual([]);
    expect(of(urls, tests)).toEqual([]);
    expect(of(urls, dependency("hono", "@hono/node-server"))).toEqual([]);
  });

  test("the handler loads no Pulumi SDK: the host has its own", async () => {
    const urls = await answer("loads.cjs", "pulumi-tencent-aigc/handler");
    expect(of(urls, dependency("@pulumi/pulumi"))).toEqual([]);
  });

  test("the emulator loads no Pulumi SDK", async () => {
    const urls = await answer("loads.cjs", "pulumi-tencent-aigc/emulator");
    expect(of(urls, dependency("hono"))).not.toEqual([]);
    expect(of(urls, dependency("@pulumi/pulumi"))).toEqual([]);
  });
});

test("the oldest Node.js that package.json allows loads every entry without a word of warning", async () => {
  const oldest = `${manifest.engines.node.replace(/^>=/, "")}.0`;
  const [os, prefix] =
    process.platform === "win32" ? ["win", "node"] : [process.platform, process.arch === "arm64" ? "node-bin" : "node"];
  const distribution = os === "darwin" ? `${prefix}-${os}-${process.arch}` : `node-${os}-${process.arch}`;
  const folder = join(program, "oldest");
  write(folder, { "package.json": { private: true } });
  await npm(folder, "install", "--ignore-scripts", "--prefer-offline", `${distribution}@${oldest}`);
  const executable = join(folder, "node_modules", distribution, os === "win" ? "bin/node.exe" : "bin/node");
  const script = `for (const name of ${JSON.stringify(specifiers)}) require(name); console.log(process.version);`;
  expect(await run(executable, ["-e", script], program)).toEqual({ code: 0, stdout: `v${oldest}\n`, stderr: "" });
});
