import { type Configuration, homeDirectory } from "./configuration";
import type { EngineLink } from "./engineLink";
import type { Budget } from "./generation/budget";
import { Generation } from "./generation/generation";
import { openJournal } from "./generation/journal";
import { Library } from "./generation/library";
import { Poller } from "./generation/poller";
import { Slots } from "./generation/slots";
import type { Bills } from "./lifecycle/bill";
import type { Context } from "./lifecycle/context";
import { createVodClient } from "./vod/client";
import { acceleratedClock, type Clock, systemClock } from "./vod/clock";
import { resolveCredentials } from "./vod/credentials";
import { TencentAigcError } from "./vod/errors";
import { defaultTimeouts, type Timeouts } from "./vod/transport";

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
    timeouts: timeoutsFor(configuration, env),
  });
  const now = () => client.serviceNow() ?? clock.now();
  const libraryOf = perSubApp((subAppId) => new Library(client, clock, subAppId));
  const pollerOf = perSubApp((subAppId) => new Poller({ client, clock, now }, subAppId));
  const generation = new Generation({
    client,
    clock,
    libraryOf,
    pollerOf,
    journal: openJournal(configuration.journalDir, (text) => void engine.warn(text)),
    slots: new Slots(configuration.maxConcurrentTasks, clock),
    endpoint: endpoint.loopback ? endpoint.url.origin : "real",
    now,
    beforeSend: async () => {
      if (await engine.alive()) return;
      throw new TencentAigcError("The Pulumi engine that asked for this picture is gone.", {
        billed: "no",
        nextStep: "Nothing was sent for it; the next `pulumi up` does.",
      });
    },
    budget,
  });
  return { configuration, bills, progress: engine, client, generation, libraryOf };
}

/** One for each SubAppId, made when first asked for. */
function perSubApp<T>(make: (subAppId: number) => T): (subAppId: number) => T {
  const made = new Map<number, T>();
  return (subAppId) => {
    const one = made.get(subAppId) ?? make(subAppId);
    made.set(subAppId, one);
    return one;
  };
}

function clockFor(configuration: Configuration, env: NodeJS.ProcessEnv): Clock {
  const speed = emulatorSpeed(configuration, env);
  return speed === undefined ? systemClock : acceleratedClock(speed);
}

/** What even a busy machine needs for an answer from itself. */
const shortestTimeoutMs = 2_000;

function timeoutsFor(configuration: Configuration, env: NodeJS.ProcessEnv): Timeouts {
  const speed = emulatorSpeed(configuration, env) ?? 1;
  const divided = (ms: number) => Math.min(ms, Math.max(shortestTimeoutMs, ms / speed));
  const { connectMs, headersMs, bodyMs, totalMs } = defaultTimeouts;
  return {
    connectMs: divided(connectMs),
    headersMs: divided(headersMs),
    bodyMs: divided(bodyMs),
    totalMs: divided(totalMs),
  };
}

function emulatorSpeed({ endpoint }: Configuration, env: NodeJS.ProcessEnv): number | undefined {
  const speed = Number(env[emulatorSpeedVariable]);
  return endpoint.loopback && speed > 0 ? speed : undefined;
}
