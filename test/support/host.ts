import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import {
  channelOptions,
  fromStruct,
  grpc,
  providerProto,
  providerRpc,
  statusProto,
  toStruct,
} from "../../engine/pulumiSdk";
import type { PropertyMap } from "../../engine/values";
import { providerText } from "../../provider/dynamic/providerText";
import { type EngineServer, startEngine } from "./engine";

export type Properties = Record<string, unknown>;

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** A failure that left a resource behind (ErrorResourceInitFailed). */
export class InitFailed extends Error {
  constructor(
    readonly id: string,
    readonly properties: Properties,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}

/** The process ended while it was asked. */
export class HostGone extends Error {}

export interface HostOptions {
  /** The stack's config, with full keys (`tencent-aigc:endpoint`). */
  config?: Record<string, string>;
  /** Added to an environment that has nothing but a PATH and an empty HOME. */
  env?: Record<string, string>;
  engine?: EngineServer;
}

/** Pulumi's host of dynamic providers, a process of its own, with the built package in it. */
export interface Host {
  readonly pid: number;
  readonly engine: EngineServer;
  /** All that the process wrote, to either stream, after its port. */
  readonly output: () => string;
  readonly exited: Promise<unknown>;
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: Failure[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: Properties): Promise<{ id: string; properties: Properties }>;
  /** An empty id for what is gone. */
  read(id: string, properties: Properties): Promise<{ id: string; properties: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ properties: Properties }>;
  delete(id: string, properties: Properties): Promise<void>;
  /** SIGKILL. Settles when the process is gone. */
  kill(): Promise<void>;
}

export const repository = join(__dirname, "..", "..");

const compiled = join(repository, "node_modules", ".cache", "compiled");
const plainEnvironment = {
  PATH: process.env["PATH"],
  NODE_COMPILE_CACHE: compiled,
  PULUMI_PROJECT: "shop",
  PULUMI_NODEJS_PROJECT: "shop",
};

export async function startHost({ config = {}, env = {}, engine }: HostOptions = {}): Promise<Host> {
  const listening = engine ?? (await startEngine());
  const program = programDirectory();
  const child = spawn(process.execPath, [require.resolve("@pulumi/pulumi/cmd/dynamic-provider"), listening.address], {
    cwd: program,
    env: { ...plainEnvironment, HOME: program, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const exited = once(child, "exit").then(() => running.delete(child));
  const { port, output } = await outputOf(child);
  const client = new providerRpc.ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
    channelOptions,
  );
  await call((done) => client.configure(new providerProto.ConfigureRequest().setArgs(struct(config)), done));
  return {
    pid: child.pid as number,
    engine: listening,
    output,
    exited,
    async check(olds, news) {
      const request = new providerProto.CheckRequest().setOlds(struct(olds)).setNews(struct(news));
      const answer = await call<InstanceType<typeof providerProto.CheckResponse>>((done) =>
        client.check(request, done),
      );
      const failures = answer
        .getFailuresList()
        .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
      return { inputs: fromStruct(answer.getInputs()), failures };
    },
    async diff(id, olds, news) {
      const request = new providerProto.DiffRequest().setId(id).setOlds(struct(olds)).setNews(struct(news));
      const answer = await call<InstanceType<typeof providerProto.DiffResponse>>((done) => client.diff(request, done));
      const changes = answer.getChanges() !== providerProto.DiffResponse.DiffChanges.DIFF_NONE;
      return { changes, replaces: answer.getReplacesList() };
    },
    async create(inputs) {
      const request = new providerProto.CreateRequest().setProperties(struct(inputs));
      const answer = await call<InstanceType<typeof providerProto.CreateResponse>>((done) =>
        client.create(request, done),
      );
      return { id: answer.getId(), properties: fromStruct(answer.getProperties()) };
    },
    async read(id, properties) {
      const request = new providerProto.ReadRequest().setId(id).setProperties(struct(properties));
      const answer = await call<InstanceType<typeof providerProto.ReadResponse>>((done) => client.read(request, done));
      return { id: answer.getId(), properties: fromStruct(answer.getProperties()) };
    },
    async update(id, olds, news) {
      const request = new providerProto.UpdateRequest().setId(id).setOlds(struct(olds)).setNews(struct(news));
      const answer = await call<InstanceType<typeof providerProto.UpdateResponse>>((done) =>
        client.update(request, done),
      );
      return { properties: fromStruct(answer.getProperties()) };
    },
    async delete(id, properties) {
      const request = new providerProto.DeleteRequest().setId(id).setProperties(struct(properties));
      await call((done) => client.delete(request, done));
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
      client.close();
      if (!engine) listening.stop();
    },
  };
}

/** What a program registers for a task: its arguments, and what the resource class adds. */
export function registered(urn: string, args: Properties): Properties {
  return { ...args, resourceUrn: urn, __provider: providerText };
}

export function urnOf(name: string, stack = "dev"): string {
  return `urn:pulumi:${stack}::shop::pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask::${name}`;
}

let programs: string | undefined;
const running = new Set<ChildProcess>();

// A test that fails half-way leaves nothing behind.
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  if (programs) rmSync(programs, { recursive: true, force: true });
  programs = undefined;
});

/** A directory that depends on this package and on Pulumi, as a user's program does. */
function programDirectory(): string {
  if (programs) return programs;
  keepCompiledCode();
  programs = mkdtempSync(join(tmpdir(), "aigc-program-"));
  mkdirSync(join(programs, "node_modules", "@pulumi"), { recursive: true });
  symlinkSync(repository, join(programs, "node_modules", "pulumi-tencent-aigc"), "junction");
  const pulumi = dirname(require.resolve("@pulumi/pulumi/package.json"));
  symlinkSync(pulumi, join(programs, "node_modules", "@pulumi", "pulumi"), "junction");
  return programs;
}

/** Pulumi's SDK is large and every host loads it anew; a host that is killed keeps nothing, so this is done for it. */
function keepCompiledCode(): void {
  if (existsSync(compiled)) return;
  const load =
    'require("@pulumi/pulumi/runtime");require("./dist/provider/dynamic/handler.js");require("undici");process.exit(0)';
  spawnSync(process.execPath, ["-e", load], { cwd: repository, env: plainEnvironment });
}

/** The port is the first line that a plugin writes. */
function outputOf(child: ChildProcess): Promise<{ port: string; output: () => string }> {
  let text = "";
  const end = () => text.indexOf("\n");
  return new Promise((resolve, reject) => {
    const grow = (chunk: Buffer) => {
      text += chunk.toString();
      if (end() >= 0) resolve({ port: text.slice(0, end()).trim(), output: () => text.slice(end() + 1) });
    };
    child.stdout?.on("data", grow);
    child.stderr?.on("data", grow);
    child.once("exit", (code) => reject(new Error(`the host ended with ${code}: ${text}`)));
  });
}

function struct(properties: Properties) {
  return toStruct(properties as PropertyMap);
}

interface RpcError extends Error {
  code: number;
  details: string;
  metadata?: { get(key: string): (string | Buffer)[] };
}

function call<Answer>(start: (done: (error: Error | null, answer: Answer) => void) => unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    start((error, answer) => (error ? reject(errorOf(error as RpcError)) : resolve(answer)));
  });
}

function errorOf(error: RpcError): Error {
  if (error.code === grpc.status.UNAVAILABLE) return new HostGone(error.details);
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (Buffer.isBuffer(bytes)) {
    for (const detail of statusProto.Status.deserializeBinary(bytes).getDetailsList()) {
      if (!detail.getTypeUrl().endsWith("pulumirpc.ErrorResourceInitFailed")) continue;
      const failed = providerProto.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      return new InitFailed(failed.getId(), fromStruct(failed.getProperties()), failed.getReasonsList());
    }
  }
  return new Error(error.details || error.message);
}
