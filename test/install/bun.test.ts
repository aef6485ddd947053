import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { commonJsProgram, pulumiYaml } from "../package/program";
import { packInto } from "../package/tarball";
import { manifest, npm, run, temporaryFolder, write } from "../package/workshop";

const folder = temporaryFolder();
const newestPulumi = manifest.devDependencies["@pulumi/pulumi"] as string;

/** Deploys the program twice. Bun runs all of it: this, the program, the provider's host, and the emulator. */
const deployTwice = `
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { startEmulator } = require("pulumi-tencent-aigc/emulator");
const { EmbeddedStack } = require("pulumi-tencent-aigc/testing");

async function main() {
  const state = mkdtempSync(join(tmpdir(), "aigc-bun-"));
  const emulator = await startEmulator({ taskSeconds: 0.05 });
  const stack = await EmbeddedStack.createOrSelect({
    stackName: "dev",
    workDir: __dirname,
    stateDir: state,
    secretsPassphrase: "made up for this test",
    envVars: {
      TENCENT_AIGC_ENDPOINT: emulator.url,
      TENCENTCLOUD_SECRET_ID: emulator.secretId,
      TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
      TENCENT_AIGC_EMULATOR_SPEED: "200",
      XDG_STATE_HOME: state,
      HOME: state,
    },
  });
  try {
    const { outputs } = await stack.up();
    const { summary } = await stack.up();
    const { status } = await fetch(outputs.url.value);
    const { billed } = emulator.ledger();
    console.log(JSON.stringify({ runtime: outputs.runtime.value, billed, status, again: summary.resourceChanges }));
  } finally {
    await emulator.close();
    rmSync(state, { recursive: true, force: true });
  }
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
`;

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
  const { code, stdout, stderr } = await run(bun(), ["deployTwice.js"], folder);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ runtime: "Bun", billed: 1, status: 200, again: { same: 2 } });
  expect(code).toBe(0);
});

/** The package of the platform has it. The scripts of `bun`, which do not run here, would only link to it. */
function bun(): string {
  const platforms = join(folder, "node_modules", "@oven");
  const [platform] = readdirSync(platforms);
  return join(platforms, String(platform), "bin", process.platform === "win32" ? "bun.exe" : "bun");
}
