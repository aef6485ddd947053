import { cpSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { packInto } from "../package/tarball";
import { manifest, npm, repository, temporaryFolder } from "../package/workshop";

const folder = temporaryFolder();
/** What a clone does not have. */
const notCloned = ["node_modules", "dist", ".git"];

test("a fresh clone is packed by `npm pack` alone, as the README says, with all that the package has", async () => {
  const clone = join(folder, "clone");
  cpSync(repository, clone, { recursive: true, filter: (path) => !notCloned.includes(basename(path)) });
  await npm(clone, "pack", "--dry-run", "--prefer-offline");
  const packed = await npm(clone, "pack", "--json", "--prefer-offline");
  const [{ files, filename }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  expect(readdirSync(clone)).toContain(filename);
  expect(filename).toBe(`${manifest.name}-${manifest.version}.tgz`);
  expect(files.map(({ path }) => path).sort()).toEqual((await packInto(folder)).files);
}, 300_000);
