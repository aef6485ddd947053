import { type Configuration, homeDirectory } from "./configuration";
import { createVodClient, type VodClient } from "./vod/client";
import { acceleratedClock, type Clock, systemClock } from "./vod/clock";
import { CredentialProvider } from "./vod/credentials";
import { serviceOf } from "./vod/endpoint";
import { MachineTurns } from "./vod/machineTurns";
import { defaultTimeouts, type Timeouts } from "./vod/transport";

/** Divides the provider's own waits while it talks to an emulator. */
const emulatorSpeedVariable = "TENCENT_AIGC_EMULATOR_SPEED";

export interface ServiceClientOptions {
  readonly configuration: Configuration;
  readonly env: NodeJS.ProcessEnv;
  /** Ends every call. */
  readonly cancelled?: AbortSignal;
  /** PEM of a certificate authority to trust in place of the system's. */
  readonly certificateAuthority?: string | undefined;
}

/** The service, as the settings say where it is and who asks it. */
export interface ServiceClient {
  readonly client: VodClient;
  readonly clock: Clock;
  /** The service's time (ms). */
  readonly now: () => number;
}

export function openServiceClient(options: ServiceClientOptions): ServiceClient {
  const { configuration, env, cancelled, certificateAuthority } = options;
  const { configured, endpoint, stsEndpoint, requestsPerSecond } = configuration;
  const clock = clockFor(configuration, env);
  const credentials = new CredentialProvider({
    sources: { configured, env, home: homeDirectory(env) },
    endpoint,
    stsEndpoint,
    clock,
    serviceNow: () => client.serviceNow(),
  });
  const turns = new Map<number, MachineTurns>();
  const nextTurn = (subAppId: number): number => {
    const name = `${serviceOf(endpoint)}\n${subAppId}`;
    const own = turns.get(subAppId) ?? new MachineTurns(name, requestsPerSecond);
    turns.set(subAppId, own);
    return own.next();
  };
  const client: VodClient = createVodClient({
    endpoint,
    credentials: (refused) => credentials.get(refused),
    requestsPerSecond,
    clock,
    env,
    timeouts: timeoutsFor(configuration, env),
    ...(cancelled && { cancelled }),
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    // Turns are cut from the machine's time.
    ...(clock === systemClock && { nextTurn }),
  });
  return { client, clock, now: () => client.serviceNow() ?? Date.now() };
}

function clockFor(configuration: Configuration, env: NodeJS.ProcessEnv): Clock {
  const speed = emulatorSpeed(configuration, env);
  return speed === undefined || speed === 1 ? systemClock : acceleratedClock(speed);
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
