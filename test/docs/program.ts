import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Emulator, startEmulator } from "../../emulator";
import { EmbeddedStack } from "../../engine/embeddedStack";
import { repository } from "./markdown";

/** A reader's own project with this program, outside the repository; gone when the test has ended. */
export function project(program: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "aigc-docs-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(repository, join(modules, "pulumi-tencent-aigc"), "junction");
  symlinkSync(join(repository, "node_modules", "@pulumi"), join(modules, "@pulumi"), "junction");
  writeFileSync(join(folder, "Pulumi.yaml"), "name: pictures\nruntime: nodejs\nmain: index.ts\n");
  writeFileSync(join(folder, "package.json"), '{ "name": "pictures", "private": true }\n');
  writeFileSync(join(folder, "index.ts"), program);
  return folder;
}

/** Another test checks the types of what is deployed; to do it at each update takes longer than the update. */
export const transpileOnly = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };

/** The project's stack, and the emulator that it deploys to. */
export async function deployable(folder: string): Promise<{ emulator: Emulator; stack: EmbeddedStack }> {
  const emulator = await startEmulator({ taskSeconds: 0.05, concurrency: 10 });
  onTestFinished(() => emulator.close());
  const stack = await EmbeddedStack.createOrSelect({
    stackName: "test",
    workDir: folder,
    stateDir: join(folder, "state"),
    envVars: {
      TENCENT_AIGC_ENDPOINT: emulator.url,
      TENCENTCLOUD_SECRET_ID: emulator.secretId,
      TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
      XDG_STATE_HOME: folder,
      ...transpileOnly,
    },
  });
  await stack.setConfig("tencent-aigc:subAppId", { value: "1500000000" });
  return { emulator, stack };
}
