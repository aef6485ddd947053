import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../../emulator";
import { createVodClient, type VodClient, type VodClientOptions } from "../../../../provider/vod/client";
import { acceleratedClock } from "../../../../provider/vod/clock";
import {
  type CredentialConfiguration,
  CredentialProvider,
  type CredentialProviderOptions,
  type Credentials,
} from "../../../../provider/vod/credentials";
import { endpointOf } from "../vodServer";

export const roleArn = "qcs::cam::uin/100000000001:roleName/pictures";
export const subject = "repo:example/pictures:ref:refs/heads/main";
export const roleName = "machine-pictures";
export const subAppId = 251007502;

/** An account with one role, which a machine, a key and an identity provider may have. */
export async function account(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({
    concurrency: 1_000,
    taskSeconds: 0,
    submitsPerSecond: 1_000_000,
    readsPerSecond: 1_000_000,
    roles: [{ arn: roleArn, providerId: "github", subject }],
    machineRole: roleName,
    ...options,
  });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A token as an identity provider gives it, good for so long from `now`. */
export function identityToken(seconds = 600, now = Date.now(), sub = subject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: "https://token.actions.githubusercontent.com", sub, exp: Math.floor(now / 1000 + seconds) };
  return `${part({ alg: "RS256" })}.${part({ ...claims, jti: tokens++ })}.${part({ made: "up" })}`;
}

let tokens = 0;

/** A directory of the running test. */
export async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "credentials-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function write(path: string, content: string | Buffer): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** What one process is told of credentials. */
export interface Given {
  readonly configured?: CredentialConfiguration;
  readonly env?: NodeJS.ProcessEnv;
  readonly home?: string;
  readonly systemDirectory?: string;
}

/** The credentials of one process. */
export function credentialsOf(
  emulator: Emulator,
  given: Given,
  options: Partial<CredentialProviderOptions> = {},
): CredentialProvider {
  const endpoint = endpointOf(emulator.url);
  const nowhere = "/nonexistent";
  return new CredentialProvider({
    sources: { configured: {}, env: {}, home: nowhere, systemDirectory: nowhere, ...given },
    endpoint,
    stsEndpoint: endpoint,
    clock: acceleratedClock(100),
    ...options,
  });
}

/** A process: its credentials, and the client that asks for them. */
export interface Process {
  readonly client: VodClient;
  readonly credentials: CredentialProvider;
}

export function startProcess(
  emulator: Emulator,
  given: Given,
  { realNow = Date.now, ...options }: Partial<VodClientOptions> = {},
): Process {
  const credentials = credentialsOf(emulator, given, { realNow, serviceNow: () => client.serviceNow() });
  const client: VodClient = createVodClient({
    endpoint: endpointOf(emulator.url),
    credentials: (refused) => credentials.get(refused),
    requestsPerSecond: 1_000,
    env: {},
    realNow,
    ...options,
  });
  onTestFinished(() => client.close());
  return { client, credentials };
}

/** Asks for one picture. */
export function submit(client: VodClient, number: number) {
  return client.call("CreateAigcImageTask", {
    SubAppId: subAppId,
    ModelName: "GG",
    ModelVersion: "2.5",
    Prompt: `picture ${number}`,
    SessionId: `pta-${number}`,
  });
}

/** Whether keys are good at the emulator. */
export async function areGood(emulator: Emulator, keys: Credentials): Promise<boolean> {
  const client = createVodClient({
    endpoint: endpointOf(emulator.url),
    credentials: async () => keys,
    requestsPerSecond: 1_000,
    env: {},
  });
  try {
    await client.call("DescribeTasks", { SubAppId: subAppId });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

/** A proxy on loopback that leads every host to the emulator, for clients whose hosts are fixed. Gives its URL. */
export async function everyHostIs(emulator: Emulator): Promise<string> {
  const inner = createServer((incoming, outgoing) => {
    const { host: _, ...headers } = incoming.headers;
    const forwarded = request(new URL(incoming.url ?? "/", emulator.url), { method: incoming.method, headers });
    forwarded.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  const proxy = createServer();
  proxy.on("connect", (_, socket) => {
    const tunnel = connect((inner.address() as AddressInfo).port, "127.0.0.1");
    tunnel.once("connect", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      tunnel.pipe(socket).pipe(tunnel);
    });
  });
  await Promise.all(
    [inner, proxy].map((server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
  );
  onTestFinished(() => {
    for (const server of [inner, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
