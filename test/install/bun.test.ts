import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { deployTwice } from "../../scripts/install/programs.mts";
import { commonJsProgram, pulumiYaml } from "../package/program";
import { packInto } from "../package/tarball";
import { manifest, npm, run, temporaryFolder, write } from "../package/workshop";

const folder = temporaryFolder();
const newestPulumi = manifest.devDependencies["@pulumi/pulumi"] as string;

beforeAll(async () => {
  const { path } = await packInto(folder);
  const dependencies = { "@pulumi/pulumi": newestPulumi, [manifest.name]: `file:${path}`, bun: "1.4.5" };
  write(folder, {
    "Pulumi.yaml": pulumiYaml,
    "package.json": { name: "shop", private: true, main: "index.js", dependencies },
    "index.js": `${commonJsProgram}\nexports.runtime = process.versions.bun === undefined ? "Node" : "Bun";\n`,
    "deployTwice.js": deployTwice,
  });
  await npm(folder, "install", "--ignore-scripts", "--prefer-offline", "--no-package-lock");
}, 180_000);

test("where Bun runs the program and the provider, a picture is made, billed once, and stays", async () => {
  const { code, stdout, stderr } = await run(bun(), ["deployTwice.js", folder], folder);
  expect(stderr).toBe("");
  const { runtime, billed, status, again } = JSON.parse(stdout);
  expect({ runtime, billed, status, again }).toEqual({ runtime: "Bun", billed: 1, status: 200, again: { same: 2 } });
  expect(code).toBe(0);
});

/** The package of the platform has it. The scripts of `bun`, which do not run here, would only link to it. */
function bun(): string {
  const platforms = join(folder, "node_modules", "@oven");
  const [platform] = readdirSync(platforms);
  return join(platforms, String(platform), "bin", process.platform === "win32" ? "bun.exe" : "bun");
}
