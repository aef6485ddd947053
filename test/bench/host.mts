import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { startDynamicProvider as StartDynamicProvider } from "../../engine/dynamicProvider.js";
import type { EngineService as EngineServiceOf } from "../../engine/engineService.js";
import type { connectProvider as ConnectProvider } from "../../engine/grpcProvider.js";
import type { startPlugin as StartPlugin } from "../../engine/pluginProcess.js";
import type { PropertyMap } from "../../engine/values.js";

const root = join(import.meta.dirname, "..", "..");
const require = createRequire(import.meta.url);
const built = <T,>(module: string): T => require(join(root, "dist", module)) as T;
const { startDynamicProvider } = built<{ startDynamicProvider: typeof StartDynamicProvider }>(
  "engine/dynamicProvider.js",
);
const { EngineService } = built<{ EngineService: typeof EngineServiceOf }>("engine/engineService.js");
const { startPlugin } = built<{ startPlugin: typeof StartPlugin }>("engine/pluginProcess.js");
const { connectProvider } = built<{ connectProvider: typeof ConnectProvider }>("engine/grpcProvider.js");
const { providerText } = built<{ providerText: string }>("provider/dynamic/providerText.js");
const { emptyHandler } = require("./programs/emptyHandler.js") as { emptyHandler: string };

export type Served = "dynamic provider" | "plugin" | "empty provider";

const types: Readonly<Record<Served, string>> = {
  "dynamic provider": "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask",
  plugin: "tencent-aigc:index:AigcImageTask",
  "empty provider": "pulumi-nodejs:dynamic/bench:Empty",
};

const settings = { maxImagesPerUpdate: "1000000", maxConcurrentTasks: "1000", requestsPerSecond: "1000" };

/** A provider's process as the engine starts it, and what it takes. */
export async function startHost(workDir: string, env: Readonly<Record<string, string>>, served: Served) {
  const engine = await EngineService.start({ log: () => {} });
  const begun = performance.now();
  const options = {
    engineAddress: engine.address,
    environment: { ...process.env, ...env },
    output: (_: string, line: string) => console.error(line),
  };
  const process_ =
    served === "plugin"
      ? await startPlugin({
          ...options,
          name: "the plugin",
          script: join(root, "plugin", "pulumi-resource-tencent-aigc"),
          directory: workDir,
        })
      : await startDynamicProvider({
          ...options,
          project: { name: "bench", programDirectory: workDir, runtimeOptions: {} },
        });
  const provider = connectProvider(process_.address);
  const type = types[served];
  const packageName = type.split(":")[0] as string;
  const prefix = served === "plugin" ? "" : "tencent-aigc:";
  const args = Object.fromEntries(Object.entries(settings).map(([key, value]) => [prefix + key, value]));
  await provider.configure({
    urn: `urn:pulumi:bench::bench::pulumi:providers:${packageName}::default`,
    id: "default",
    args,
  });
  const urnOf = (index: number) => `urn:pulumi:bench::bench::${type}::picture-${index}`;
  const hidden = (index: number): PropertyMap =>
    served === "plugin"
      ? {}
      : {
          __provider: served === "empty provider" ? emptyHandler : providerText,
          resourceUrn: urnOf(index),
          isPreview: false,
        };
  const check = async (index: number): Promise<PropertyMap> => {
    const news = {
      ...hidden(index),
      subAppId: 1500000001,
      modelName: "GG",
      modelVersion: "3.0",
      prompt: `picture ${index}`,
    };
    return (await provider.check({ urn: urnOf(index), olds: {}, news })).inputs;
  };
  const status = (file: string) => readFileSync(`/proc/${process_.pid}/${file}`, "utf8");
  return {
    /** Milliseconds from starting the process to its first answered `check`. */
    async firstCheck(): Promise<number> {
      await check(0);
      return performance.now() - begun;
    },
    /** One after the other in each of so many lanes. */
    async createAll(count: number, lanes: number): Promise<void> {
      let next = 0;
      const lane = async () => {
        while (next < count) {
          const index = next++;
          const properties = await check(index);
          await provider.create({ urn: urnOf(index), properties, timeout: 0, preview: false });
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    },
    /** Peak resident memory of the process so far, bytes; Linux only. */
    peakMemory: (): number => Number(/VmHWM:\s+(\d+) kB/.exec(status("status"))?.[1]) * 1024,
    /** Milliseconds of CPU time so far; Linux only, where a tick is 10 ms. */
    cpuTime(): number {
      const [user, system] = status("stat").split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
      return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 10;
    },
    async stop(): Promise<void> {
      await provider.close();
      await process_.kill();
      engine.stop();
    },
  };
}
