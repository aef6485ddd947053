// An emulator in a process of its own, so that its work is not counted as anybody else's.
import { type EmulatorOptions, startEmulator } from "pulumi-tencent-aigc/emulator";

const emulator = await startEmulator(JSON.parse(process.argv[2] ?? "{}") as EmulatorOptions);
process.send?.({ url: emulator.url, secretId: emulator.secretId, secretKey: emulator.secretKey });
process.on("message", (question) => {
  if (question === "ledger") process.send?.(emulator.ledger());
});
process.on("disconnect", () => process.exit());
