import { mkdtempSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commonJsProgram, deploy, pulumiYaml } from "./program";
import { repository, write } from "./workshop";

/** Within the repository, whose package.json is then the nearest: the package refers to itself by its name. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(__dirname, "checkout-"));
  write(folder, { "index.js": commonJsProgram, "nested/Pulumi.yaml": pulumiYaml, "nested/index.js": commonJsProgram });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a program of this repository deploys by the repository's own Pulumi.yaml", async () => {
  const place = { workDir: repository, program: join(relative(repository, folder), "index.js") };
  expect(await deploy(place)).toEqual({ billed: 1, picture: "image/png" });
});

test("a program of this repository deploys by a Pulumi.yaml beside it", async () => {
  const place = { workDir: join(folder, "nested"), program: "index.js" };
  expect(await deploy(place)).toEqual({ billed: 1, picture: "image/png" });
});
