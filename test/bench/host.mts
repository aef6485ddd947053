import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc = sdk("@grpc/grpc-js");
const { ResourceProviderClient } = sdk("./proto/provider_grpc_pb.js");
const messages = sdk("./proto/provider_pb.js");
const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb.js");
const { providerText } = require(
  join(import.meta.dirname, "..", "..", "dist", "provider", "dynamic", "providerText.js"),
);
const { emptyHandler } = require("./programs/emptyHandler.js");

export type Handler = "ours" | "empty";

const code: Record<Handler, string> = { ours: providerText, empty: emptyHandler };

/** Pulumi's host of dynamic providers, as the engine starts it, and what it takes. */
export async function startHost(workDir: string, env: Record<string, string>, handler: Handler) {
  const start = performance.now();
  const child = spawn(process.execPath, [sdk.resolve("./cmd/dynamic-provider/index.js"), "127.0.0.1:1"], {
    cwd: workDir,
    env: { ...process.env, ...env, PULUMI_PROJECT: "bench", PULUMI_NODEJS_PROJECT: "bench" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  child.stdout.resume();
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const ask = (method: string, request: unknown): Promise<{ getInputs(): { toJavaScript(): object } }> =>
    new Promise((resolve, reject) => {
      client[method](request, (error: Error | null, answer: never) => (error ? reject(error) : resolve(answer)));
    });
  await ask(
    "configure",
    new messages.ConfigureRequest().setArgs(
      Struct.fromJavaScript({
        "tencent-aigc:maxImagesPerUpdate": "1000000",
        "tencent-aigc:maxConcurrentTasks": "1000",
        "tencent-aigc:requestsPerSecond": "1000",
      }),
    ),
  );
  const inputsOf = (index: number) => ({
    __provider: code[handler],
    subAppId: 1500000001,
    modelName: "GG",
    modelVersion: "3.0",
    prompt: `picture ${index}`,
    resourceUrn: `urn:pulumi:bench::bench::pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask::picture-${index}`,
  });
  const check = async (index: number): Promise<object> => {
    const request = new messages.CheckRequest()
      .setOlds(Struct.fromJavaScript({}))
      .setNews(Struct.fromJavaScript(inputsOf(index)));
    return (await ask("check", request)).getInputs().toJavaScript();
  };
  return {
    check,
    /** Milliseconds from spawning the process to its first answered `check`. */
    async firstCheck(): Promise<number> {
      await check(0);
      return performance.now() - start;
    },
    async create(index: number): Promise<void> {
      const inputs = await check(index);
      await ask("create", new messages.CreateRequest().setProperties(Struct.fromJavaScript(inputs)));
    },
    /** Peak resident memory of the process so far, bytes; Linux only. */
    peakMemory(): number {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    async stop(): Promise<void> {
      client.close();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
