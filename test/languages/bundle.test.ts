import { readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { list } from "tar";
import { beforeAll, expect, test } from "vitest";
import { bundle, type Release } from "../../scripts/bundle/bundle.mts";
import { find, pulumi, yamlHost } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { manifest, run, temporaryFolder, write } from "../package/workshop";
import { expectBilled } from "../scenarios/world";
import { changesIn, initStack, openShop } from "./shop";

const folder = temporaryFolder();
let release: Release;

const hasCli = "folder" in find(pulumi);
sayMissing(hasCli ? yamlHost : pulumi);

beforeAll(async () => {
  release = await bundle(folder);
});

const name = "pulumi-resource-tencent-aigc";

function tarballFor(platform: string): string {
  const path = join(folder, `${name}-v${manifest.version}-${platform}.tar.gz`);
  expect(release.tarballs.map((tarball) => tarball.path)).toContain(path);
  return path;
}

test("a release has one archive a platform, each below 600 kB, by the names that the CLI downloads", () => {
  expect(release.tarballs).toHaveLength(6);
  for (const platform of [
    "linux-amd64",
    "linux-arm64",
    "darwin-amd64",
    "darwin-arm64",
    "windows-amd64",
    "windows-arm64",
  ])
    expect(statSync(tarballFor(platform)).size).toBeLessThan(600_000);
});

test("an archive has the plugin as one executable file, for Windows too, and all licences", async () => {
  const modes = new Map<string, number | undefined>();
  await list({ file: tarballFor("linux-amd64"), onReadEntry: ({ path, mode }) => modes.set(path, mode) });
  expect([...modes.keys()].sort()).toEqual(["LICENSE", "THIRD-PARTY-NOTICES", name, `${name}.cmd`]);
  expect((modes.get(name) ?? 0) & 0o111).toBe(0o111);
  const code = readFileSync(release.bundle.path, "utf8");
  expect(code).toMatch(/^#!\/usr\/bin\/env node\n/);
  const loaded = [...code.matchAll(/\brequire\(["'`]([^"'`]+)["'`]\)/g)].map(([, specifier]) => specifier as string);
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((specifier) => !isBuiltin(specifier))).toEqual([]);
  const notices = readFileSync(join(folder, "contents", "THIRD-PARTY-NOTICES"), "utf8");
  for (const carried of ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf", "undici", "zod"])
    expect(notices).toMatch(new RegExp(`^${carried} \\d`, "m"));
});

test("the same sources give the same archive", async () => {
  const again = await bundle(join(folder, "again"));
  const bytes = ({ tarballs: [first] }: Release) => readFileSync(String(first?.path));
  expect(bytes(again).equals(bytes(release))).toBe(true);
});

test("it says its port and nothing else, in whichever folder it is", async () => {
  const script = `
    const { spawn } = require("node:child_process");
    const child = spawn(process.argv[1], ["127.0.0.1:1"]);
    child.stdout.once("data", (text) => { console.log(String(text).trim()); child.kill(); });
    child.stderr.on("data", (text) => console.error(String(text)));`;
  const { stdout, stderr } = await run(process.execPath, ["-e", script, release.bundle.path], folder);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\d+\n$/);
});

const program = `name: shop
runtime: yaml
resources:
  hero:
    type: tencent-aigc:AigcImageTask
    properties: { modelName: GG, modelVersion: "3.0", prompt: A lighthouse at dawn }
`;

if (hasCli && "folder" in find(yamlHost)) {
  test("`pulumi plugin install --file` installs it, and a YAML program deploys with it, billed once", async () => {
    const shop = await openShop();
    const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch === "x64" ? "amd64" : "arm64"}`;
    write(shop.folder, { "Pulumi.yaml": program });
    await shop.pulumi(
      "plugin",
      "install",
      "resource",
      "tencent-aigc",
      manifest.version,
      "--file",
      tarballFor(platform),
    );
    await initStack(shop);
    expect(changesIn(await shop.pulumi("up", "--yes", "--skip-preview"))).toEqual({ created: 2 });
    expect(changesIn(await shop.pulumi("up", "--yes", "--skip-preview"))).toEqual({ unchanged: 2 });
    expectBilled(shop.emulator, 1);
    const state = await shop.pulumi("stack", "export");
    expect(state).toContain('"tencent-aigc:index:AigcImageTask"');
  });
}
