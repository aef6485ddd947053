import { type Configuration, homeDirectory } from "./configuration";
import type { EngineLink } from "./engineLink";
import type { Budget } from "./generation/budget";
import { Generation } from "./generation/generation";
import { openJournal } from "./generation/journal";
import { Library } from "./generation/library";
import { Slots } from "./generation/slots";
import type { Bills } from "./lifecycle/bill";
import type { Context } from "./lifecycle/context";
import { createVodClient } from "./vod/client";
import { acceleratedClock, type Clock, systemClock } from "./vod/clock";
import { resolveCredentials } from "./vod/credentials";
import { TencentAigcError } from "./vod/errors";

/** Divides the provider's own waits while it talks to an emulator. */
export const emulatorSpeedVariable = "TENCENT_AIGC_EMULATOR_SPEED";

/** Builds, from the bottom of the house up, what the verbs work with. */
export function buildContext(
  configuration: Configuration,
  budget: Budget,
  bills: Bills,
  engine: EngineLink,
  env: NodeJS.ProcessEnv,
): Context {
  const { endpoint } = configuration;
  const clock = clockFor(configuration, env);
  const client = createVodClient({
    endpoint,
    credentials: () => resolveCredentials({ configured: configuration.configured, env, home: homeDirectory(env) }),
    requestsPerSecond: configuration.requestsPerSecond,
    clock,
    env,
  });
  const libraries = new Map<number, Library>();
  const libraryOf = (subAppId: number) => {
    const library = libraries.get(subAppId) ?? new Library(client, subAppId);
    libraries.set(subAppId, library);
    return library;
  };
  const generation = new Generation({
    client,
    clock,
    libraryOf,
    journal: openJournal(configuration.journalDir, (text) => engine.warn(text)),
    slots: new Slots(configuration.maxConcurrentTasks, clock),
    endpoint: endpoint.loopback ? endpoint.url.origin : "real",
    now: () => client.serviceNow() ?? clock.now(),
    beforeSend: async () => {
      if (await engine.alive()) return;
      throw new TencentAigcError("The Pulumi engine that asked for this picture is gone.", {
        billed: "no",
        nextStep: "Nothing was sent for it; the next `pulumi up` does.",
      });
    },
    spend: (images) => budget.spend(images),
  });
  return { configuration, bills, progress: engine, client, generation, libraryOf };
}

function clockFor({ endpoint }: Configuration, env: NodeJS.ProcessEnv): Clock {
  const speed = Number(env[emulatorSpeedVariable]);
  return endpoint.loopback && speed > 0 ? acceleratedClock(speed) : systemClock;
}
