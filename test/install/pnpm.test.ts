import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";
import { commonJsProgram, deploy, pulumiYaml, withService } from "../package/program";
import { packInto } from "../package/tarball";
import { manifest, npm, repository, temporaryFolder, write } from "../package/workshop";

const folder = temporaryFolder();
/** The newest that this repository has been made to work with. */
const newestPulumi = require(join(repository, "node_modules/@pulumi/pulumi/package.json")).version as string;
let ownDependency: Record<string, string>;

async function pnpmInstall(directory: string): Promise<void> {
  const pnpm = ["exec", "--yes", "--package", "pnpm@12.21.0", "--", "pnpm"];
  // A store of its own, so that what is installed elsewhere on the machine neither helps nor harms.
  await npm(
    directory,
    ...pnpm,
    "install",
    "--ignore-scripts",
    "--no-frozen-lockfile",
    "--store-dir",
    join(folder, "store"),
  );
}

beforeAll(async () => {
  const { path } = await packInto(folder);
  ownDependency = { [manifest.name]: `file:${path}` };
  write(folder, {
    "direct/Pulumi.yaml": pulumiYaml,
    "direct/index.js": commonJsProgram,
    "direct/package.json": { name: "shop", dependencies: { "@pulumi/pulumi": newestPulumi, ...ownDependency } },
    "gallery/package.json": {
      name: "gallery",
      version: "1.0.0",
      dependencies: ownDependency,
      peerDependencies: { "@pulumi/pulumi": newestPulumi },
    },
    "gallery/index.js": commonJsProgram.replace("const hero =", "exports.hang = () =>").replace(/exports\.url.*/, ""),
    "wrapped/Pulumi.yaml": pulumiYaml,
    "wrapped/index.js": `exports.url = require("gallery").hang().url;`,
    "wrapped/package.json": {
      name: "shop",
      dependencies: { "@pulumi/pulumi": newestPulumi, gallery: "file:../gallery" },
    },
  });
  await pnpmInstall(join(folder, "direct"));
  await pnpmInstall(join(folder, "wrapped"));
}, 180_000);

test("a program that hides what it does not depend on deploys, on the newest @pulumi/pulumi", async () => {
  const workDir = join(folder, "direct");
  expect(() => createRequire(join(workDir, "index.js")).resolve("undici"), "pnpm hides nothing").toThrow();
  expect(await deploy({ workDir })).toEqual({ billed: 1, picture: "image/png" });
});

test("every later command finds the package too, and bills nothing", async () => {
  await withService({ workDir: join(folder, "direct") }, async ({ stack, emulator }) => {
    await stack.up();
    await stack.refresh();
    await stack.up({ expectNoChanges: true });
    await stack.destroy();
    expect(emulator.ledger().billed).toBe(1);
  });
});

test("the compiler finds every type that the declarations refer to", () => {
  const workDir = join(folder, "direct");
  const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith(".json"));
  const imports = entries.map((entry) => `import "${join(manifest.name, entry).replaceAll("\\", "/")}";`);
  write(workDir, { "entries.ts": imports.join("\n") });
  const program = ts.createProgram([join(workDir, "entries.ts")], {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    types: ["node"],
    typeRoots: [join(repository, "node_modules", "@types")],
  });
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.includes(`/${manifest.name}/dist/`));
  expect(own.length).toBeGreaterThanOrEqual(entries.length);
  const errors = own.flatMap((file) => program.getSemanticDiagnostics(file));
  expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
});

test("wrapped in another package it fails at preview with what to do, and nothing is sent", async () => {
  const workDir = join(folder, "wrapped");
  const seenFrom = realpathSync(join(workDir, "node_modules", "gallery"));
  await withService({ workDir, seenFrom }, async ({ stack, emulator }) => {
    await expect(stack.preview()).rejects.toThrow(/Pulumi cannot load .*npm install/s);
    expect(emulator.ledger().requests).toEqual({});
  });
});

test("wrapped in another package it deploys once the program depends on it too", async () => {
  const workDir = join(folder, "wrapped");
  const dependencies = { "@pulumi/pulumi": newestPulumi, gallery: "file:../gallery", ...ownDependency };
  write(workDir, { "package.json": { name: "shop", dependencies } });
  await pnpmInstall(workDir);
  expect(await deploy({ workDir })).toEqual({ billed: 1, picture: "image/png" });
});
