// An emulator in a process of its own, so that its work is not counted as anybody else's.
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { type EmulatorOptions, startEmulator } from "pulumi-tencent-aigc/emulator";

/** When the first submit came (ms since the epoch). */
let firstSubmitAt: number | undefined;
subscribe("http.server.request.start", (message) => {
  const { request } = message as { request: IncomingMessage };
  if (request.headers["x-tc-action"] === "CreateAigcImageTask") firstSubmitAt ??= Date.now();
});

const emulator = await startEmulator(JSON.parse(process.argv[2] ?? "{}") as EmulatorOptions);
process.send?.({ url: emulator.url, secretId: emulator.secretId, secretKey: emulator.secretKey });
process.on("message", (question) => {
  if (question === "ledger") process.send?.({ ...emulator.ledger(), firstSubmitAt });
});
process.on("disconnect", () => process.exit());
