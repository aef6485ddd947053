import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, expect, test } from "vitest";
import { hasNodeHost } from "../../scripts/cli/places.mts";
import { find, pulumi, yamlHost } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { changesIn, initStack, openShop } from "../languages/shop";
import { expectBilled } from "../scenarios/world";
import { commonJsProgram, deploy, esmProgram, pulumiYaml, typescriptProgram } from "./program";
import { packInto } from "./tarball";
import { manifest, npm, temporaryFolder, write } from "./workshop";

const folder = temporaryFolder();
const oldestPulumi = (manifest.peerDependencies["@pulumi/pulumi"] as string).replace(/^\^/, "");
const dependencies = { "@pulumi/pulumi": oldestPulumi, "pulumi-tencent-aigc": "file:package.tgz" };
// The newest that all SDKs of the peer range take.
const devDependencies = { typescript: "~5.9.0" };

/** What `pulumi new typescript` writes. */
const tsconfig = {
  compilerOptions: {
    strict: true,
    outDir: "bin",
    target: "es2020",
    module: "commonjs",
    moduleResolution: "node",
    sourceMap: true,
    experimentalDecorators: true,
    pretty: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    forceConsistentCasingInFileNames: true,
  },
  files: ["index.ts"],
};

/** Installed once, for all programs here: they differ in nothing that npm looks at. */
beforeAll(async () => {
  const { path } = await packInto(folder);
  const installed = { ...dependencies, "pulumi-tencent-aigc": `file:${path}` };
  write(folder, { "package.json": { private: true, dependencies: installed, devDependencies } });
  await npm(folder, "install", "--ignore-scripts", "--prefer-offline", "--no-package-lock");
}, 180_000);

function program(name: string, files: Record<string, unknown>): { workDir: string } {
  const workDir = join(folder, name);
  write(workDir, { "Pulumi.yaml": pulumiYaml, ...files });
  symlinkSync(join(folder, "node_modules"), join(workDir, "node_modules"), "junction");
  return { workDir };
}

test("npm brings in the oldest @pulumi/pulumi that package.json allows, for the programs here to run on", () => {
  expect(require(join(folder, "node_modules/@pulumi/pulumi/package.json")).version).toBe(oldestPulumi);
});

test("a CommonJS program deploys", async () => {
  const shop = program("commonjs", {
    "package.json": { name: "shop", dependencies },
    "index.js": commonJsProgram,
  });
  expect(await deploy(shop)).toEqual({ billed: 1, picture: "image/png" });
});

test("an ECMAScript module program deploys", async () => {
  const shop = program("esm", {
    "package.json": { name: "shop", type: "module", dependencies },
    "index.js": esmProgram,
  });
  expect(await deploy(shop)).toEqual({ billed: 1, picture: "image/png" });
});

test("a TypeScript program deploys, its arguments checked, with the settings that `pulumi new` writes", async () => {
  const shop = program("typescript", {
    "package.json": { name: "shop", main: "index.ts", dependencies, devDependencies },
    "tsconfig.json": tsconfig,
    "index.ts": typescriptProgram,
  });
  expect(await deploy(shop)).toEqual({ billed: 1, picture: "image/png" });
});

test("the emulator is a command of the program", async () => {
  const suffix = process.platform === "win32" ? ".cmd" : "";
  const command = join(folder, "node_modules", ".bin", `tencent-aigc-emulator${suffix}`);
  const emulator = spawn(command, ["--port", "0"], { shell: suffix !== "", stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(emulator.stdout), "line")) as [string];
    const { url } = JSON.parse(line) as { url: string };
    expect((await fetch(`${url}/_emulator/ledger`)).status).toBe(200);
  } finally {
    emulator.kill();
  }
});

const cli = find(pulumi);
sayMissing("folder" in cli ? yamlHost : pulumi);

const plugin = `./node_modules/${manifest.name}/plugin`;

/** What `pulumi package add` writes. It asks hosts that not every machine of these tests has. */
const packages = `packages:
  tencent-aigc: ${plugin}
`;

const hero = `resources:
  hero:
    type: tencent-aigc:AigcImageTask
    properties: { modelName: GG, modelVersion: "3.0", prompt: A lighthouse at dawn }
`;

if ("folder" in cli && "folder" in find(yamlHost)) {
  test("a program in YAML deploys with the plugin that is in the package, billed once", async () => {
    const shop = await openShop();
    symlinkSync(join(folder, "node_modules"), join(shop.folder, "node_modules"), "junction");
    accessSync(join(shop.folder, plugin, "pulumi-resource-tencent-aigc"), constants.X_OK);
    const yaml = "name: shop\nruntime: yaml\n";
    const isWhole = hasNodeHost(cli.folder);
    write(shop.folder, { "Pulumi.yaml": isWhole ? yaml : yaml + packages });
    if (isWhole) await shop.pulumi("package", "add", plugin);
    const added = readFileSync(join(shop.folder, "Pulumi.yaml"), "utf8");
    expect(added).toContain(packages);
    write(shop.folder, { "Pulumi.yaml": added + hero });
    await initStack(shop);
    expect(changesIn(await shop.pulumi("up", "--yes", "--skip-preview"))).toEqual({ created: 2 });
    expect(changesIn(await shop.pulumi("up", "--yes", "--skip-preview"))).toEqual({ unchanged: 2 });
    expectBilled(shop.emulator, 1);
  });
}
