/** Programs that declare one picture, and what becomes of them. */
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { makeFolder } from "./workshop";

type Testing = typeof import("../../engine");
type EmulatorModule = typeof import("../../emulator");

const picture = `{ subAppId: 251007502, modelName: "GG", modelVersion: "2.5", prompt: "a lighthouse at dawn" }`;

export const pulumiYaml = "name: shop\nruntime: nodejs\n";

export const commonJsProgram = `
const { AigcImageTask } = require("pulumi-tencent-aigc");

const hero = new AigcImageTask("hero", ${picture});

exports.url = hero.url;
`;

export const esmProgram = `
import { AigcImageTask } from "pulumi-tencent-aigc";

const hero = new AigcImageTask("hero", ${picture});

export const url = hero.url;
`;

export const typescriptProgram = `
import * as pulumi from "@pulumi/pulumi";
import { AigcImageTask, type AigcImageTaskArgs, ModelName } from "pulumi-tencent-aigc";

const args: AigcImageTaskArgs = { ...${picture}, modelName: ModelName.GG };
const hero = new AigcImageTask("hero", args);

// @ts-expect-error A prompt is a text: this line would be an error if the types were not found.
export const mistyped: AigcImageTaskArgs = { ...args, prompt: 5 };

export const url: pulumi.Output<string> = hero.url;
`;

export interface Service {
  readonly stack: Awaited<ReturnType<Testing["EmbeddedStack"]["createOrSelect"]>>;
  readonly emulator: Awaited<ReturnType<EmulatorModule["startEmulator"]>>;
}

export interface Place {
  /** The directory of Pulumi.yaml. */
  readonly workDir: string;
  /** The program, where it is not the one that Pulumi.yaml names. */
  readonly program?: string;
  /** Where the package can be seen from, to load its test kit. @default `workDir` */
  readonly seenFrom?: string;
}

/** Loads from the installed package what it offers to tests, and gives it the program. */
export async function withService<Result>(place: Place, use: (service: Service) => Promise<Result>): Promise<Result> {
  const installed = createRequire(join(place.seenFrom ?? place.workDir, "index.js"));
  const { EmbeddedStack } = installed("pulumi-tencent-aigc/testing") as Testing;
  const { startEmulator } = installed("pulumi-tencent-aigc/emulator") as EmulatorModule;
  const state = makeFolder();
  const emulator = await startEmulator({ taskSeconds: 0.05 });
  try {
    const stack = await EmbeddedStack.createOrSelect({
      stackName: "dev",
      workDir: place.workDir,
      ...(place.program === undefined ? {} : { program: place.program }),
      stateDir: state,
      secretsPassphrase: "made up for this test",
      envVars: {
        TENCENT_AIGC_ENDPOINT: emulator.url,
        TENCENTCLOUD_SECRET_ID: emulator.secretId,
        TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
        TENCENTCLOUD_SESSION_TOKEN: "",
        TENCENTCLOUD_TOKEN: "",
        TENCENTCLOUD_SECURITY_TOKEN: "",
        TENCENT_AIGC_EMULATOR_SPEED: "200",
        XDG_STATE_HOME: state,
        LOCALAPPDATA: state,
        HOME: state,
      },
    });
    return await use({ stack, emulator });
  } finally {
    await emulator.close();
    await rm(state, { recursive: true, force: true });
  }
}

/** Deploys a program. Returns how many tasks were billed, and what lies under its output `url`. */
export function deploy(place: Place): Promise<{ billed: number; picture: string | null }> {
  return withService(place, async ({ stack, emulator }) => {
    const { outputs } = await stack.up();
    const answer = await fetch(String(outputs["url"]?.value));
    await answer.arrayBuffer();
    return { billed: emulator.ledger().billed, picture: answer.headers.get("content-type") };
  });
}
