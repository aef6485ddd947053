/** The programs that are deployed, and what deploys them. */

interface Program {
  readonly name: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly compiles: boolean;
}

const picture = `{ subAppId: 251007502, modelName: "GG", modelVersion: "2.5", prompt: "a lighthouse at dawn" }`;

const commonJs = `const { AigcImageTask } = require("pulumi-tencent-aigc");
exports.url = new AigcImageTask("hero", ${picture}).url;
`;

const module = `import { AigcImageTask } from "pulumi-tencent-aigc";
export const url = new AigcImageTask("hero", ${picture}).url;
`;

const typeScript = `import * as pulumi from "@pulumi/pulumi";
import { AigcImageTask, type AigcImageTaskArgs, ModelName } from "pulumi-tencent-aigc";
import { startEmulator } from "pulumi-tencent-aigc/emulator";
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";

const args: AigcImageTaskArgs = { ...${picture}, modelName: ModelName.GG };
// @ts-expect-error A prompt is a text: without the package's types this line would be no error.
export const mistyped: AigcImageTaskArgs = { ...args, prompt: 5 };
export const tools = [typeof startEmulator, typeof EmbeddedStack];
export const url: pulumi.Output<string> = new AigcImageTask("hero", args).url;
`;

/** What \`pulumi new typescript\` writes, but for the module's kind. */
function tsconfig(module: string): unknown {
  const compilerOptions = { strict: true, outDir: "bin", target: "es2022", module, types: ["node"] };
  return { compilerOptions, files: ["index.ts"] };
}

const compiled = "name: shop\nruntime: nodejs\nmain: bin/index.js\n";
const plain = "name: shop\nruntime: nodejs\nmain: index.js\n";

export const programs: readonly Program[] = [
  {
    name: "JS, CommonJS",
    files: { "Pulumi.yaml": plain, "package.json": { private: true }, "index.js": commonJs },
    compiles: false,
  },
  {
    name: "JS, ESM",
    files: { "Pulumi.yaml": plain, "package.json": { private: true, type: "module" }, "index.js": module },
    compiles: false,
  },
  {
    name: "TS, CommonJS",
    files: {
      "Pulumi.yaml": compiled,
      "package.json": { private: true },
      "index.ts": typeScript,
      "tsconfig.json": tsconfig("nodenext"),
    },
    compiles: true,
  },
  {
    name: "TS, ESM",
    files: {
      "Pulumi.yaml": compiled,
      "package.json": { private: true, type: "module" },
      "index.ts": typeScript,
      "tsconfig.json": tsconfig("nodenext"),
    },
    compiles: true,
  },
];

/** Deploys the program in a folder to an emulator, twice, and prints what became of it. All of it is run by what runs this. */
export const deployTwice = `
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { startEmulator } = require("pulumi-tencent-aigc/emulator");
const { EmbeddedStack } = require("pulumi-tencent-aigc/testing");

async function main() {
  const state = mkdtempSync(join(tmpdir(), "aigc-install-"));
  const emulator = await startEmulator({ taskSeconds: 0.05 });
  try {
    const stack = await EmbeddedStack.createOrSelect({
      stackName: "dev",
      workDir: process.argv[2],
      stateDir: state,
      envVars: {
        TENCENT_AIGC_ENDPOINT: emulator.url,
        TENCENTCLOUD_SECRET_ID: emulator.secretId,
        TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
        TENCENT_AIGC_EMULATOR_SPEED: "200",
        XDG_STATE_HOME: state,
        LOCALAPPDATA: state,
        HOME: state,
      },
    });
    const { outputs } = await stack.up();
    const { summary } = await stack.up();
    const answer = await fetch(outputs.url.value);
    const { billed } = emulator.ledger();
    const runtime = outputs.runtime?.value;
    const { status } = answer;
    const type = answer.headers.get("content-type");
    console.log(JSON.stringify({ node: process.version, runtime, billed, status, type, again: summary.resourceChanges }));
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

/** Loads each module that is named to it, both ways: the names are the same, and nothing is warned of. */
export const loadBothWays = `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
process.on("warning", (warning) => { throw warning; });
for (const name of process.argv.slice(2)) {
  const names = Object.keys(require(name));
  const imported = await import(name);
  if (names.length === 0 || names.some((each) => !(each in imported))) throw new Error(name);
}
`;
