import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { packInto, type Tarball } from "./tarball";
import { manifest, repository, run, temporaryFolder } from "./workshop";

const folder = temporaryFolder();
let tarball: Tarball;

beforeAll(async () => {
  tarball = await packInto(folder);
});

test("ships the build, its licence, its documents, schemas and what the CLI starts, and nothing else", () => {
  const outside = tarball.files.filter((file) => !/^dist\/.*\.(js|d\.ts)$/.test(file));
  expect(outside).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bill.schema.json",
    "dist/plugin/schema.json",
    "package.json",
    "plugin/PulumiPlugin.yaml",
    "plugin/package.json",
    "plugin/pulumi-resource-tencent-aigc",
    "plugin/pulumi-resource-tencent-aigc.cmd",
    "plugin/schema.json",
  ]);
});

test("ships no file whose source is gone", () => {
  const sourceOf = (file: string) => file.replace(/^dist\//, "").replace(/(\.d\.ts|\.js)$/, ".ts");
  const orphans = tarball.files.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file));
  expect(orphans.length).toBeGreaterThan(0);
  expect(
    orphans.filter((file) => !existsSync(join(repository, sourceOf(file)))),
    "left by an earlier build: remove the directory dist and build again",
  ).toEqual([]);
});

test("ships every file that package.json promises", () => {
  const exported = Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  const promised = [...exported, ...Object.values(manifest.bin)].map((path) => path.replace(/^\.\//, ""));
  expect(tarball.files).toEqual(expect.arrayContaining(promised));
});

test("publint and arethetypeswrong have no complaint", async () => {
  const { code, stdout, stderr } = await run(process.execPath, ["scripts/checkPackage.mjs"], repository);
  expect(code, stdout + stderr).toBe(0);
});
