import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "pulumi-tencent-aigc/emulator";
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";

/** A new stack of this program, and the emulator that makes its pictures. Needs no Pulumi CLI, no account and no network. */
export async function openStack() {
  const emulator = await startEmulator({ taskSeconds: 0.1 });
  const folder = mkdtempSync(join(tmpdir(), "banners-"));
  const stack = await EmbeddedStack.createOrSelect({
    stackName: "test",
    workDir: __dirname,
    stateDir: folder,
    envVars: {
      TENCENT_AIGC_ENDPOINT: emulator.url,
      TENCENTCLOUD_SECRET_ID: emulator.secretId,
      TENCENTCLOUD_SECRET_KEY: emulator.secretKey,
    },
  });
  await stack.setConfig("tencent-aigc:subAppId", { value: "1500000000" });
  await stack.setConfig("tencent-aigc:journalDir", { value: folder });
  const close = async () => {
    await emulator.close();
    rmSync(folder, { recursive: true });
  };
  return { emulator, stack, close };
}
