import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { startDynamicProvider } from "../../engine/dynamicProvider";
import { connectProvider } from "../../engine/grpcProvider";
import { type PluginProcess, startPlugin } from "../../engine/pluginProcess";
import { type Capabilities, type CheckFailure, endProvider, type ProviderPort } from "../../engine/providerPort";
import { dynamicPackage } from "../../engine/urn";
import type { PropertyMap } from "../../engine/values";
import { namespace } from "../../provider/configuration";
import { providerText } from "../../provider/dynamic/providerText";
import { dynamicType, pluginType } from "../../provider/typeTokens";
import { type EngineServer, startEngine } from "./engine";

export type Properties = Record<string, unknown>;

export interface HostOptions {
  /** The stack's config, with full keys (`tencent-aigc:endpoint`). */
  config?: Record<string, string>;
  /** Added to an environment that has nothing but a PATH and an empty HOME. */
  env?: Record<string, string>;
  engine?: EngineServer;
  /** Where the package lies that the program depends on. @default this repository */
  packageDirectory?: string;
}

/**
 * The process that serves the resource, with the built package in it: Pulumi's host of dynamic providers, or the plugin.
 * The tests of a run ask one of them (`AIGC_SERVED_BY`), and know of both no more than what is here.
 */
export const servedBy = process.env["AIGC_SERVED_BY"] === "plugin" ? "plugin" : "dynamicProvider";

type Declare = (name: string, body: () => Promise<void> | void) => void;

const notHere: Declare = () => {};

/** For what only dynamic resources have: there is no such test of the plugin. */
export const testDynamic: Declare = servedBy === "plugin" ? notHere : test;
export const describeDynamic: Declare = servedBy === "plugin" ? notHere : describe;

/** A process as the engine of an update starts it. */
export interface Host {
  readonly pid: number;
  readonly engine: EngineServer;
  /** All that the process wrote, to either stream, after its port. */
  readonly output: () => string;
  readonly exited: Promise<unknown>;
  /** The process as the engine calls it. */
  readonly provider: ProviderPort;
  readonly capabilities: Capabilities | undefined;
  /** Where it serves. */
  readonly address: string;
  /** One call, about the resource that the inputs name. */
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: Properties): Promise<{ id: string; properties: Properties }>;
  /** What the engine sends at once on ^C, and again when an operation has ended. */
  cancel(): Promise<void>;
  /** The end of an operation: Cancel, then SIGINT. */
  end(): Promise<void>;
  /** SIGKILL. Settles when the process is gone. */
  kill(): Promise<void>;
}

export const repository = join(__dirname, "..", "..");

export const projectName = "shop";

const compiled = join(repository, "node_modules", ".cache", "compiled");
const plainEnvironment = { PATH: process.env["PATH"], NODE_COMPILE_CACHE: compiled };

export async function startHost({
  config = {},
  env = {},
  engine,
  packageDirectory = repository,
}: HostOptions = {}): Promise<Host> {
  const listening = engine ?? (await startEngine());
  const program = programDirectory(packageDirectory);
  const written: string[] = [];
  const plugin = await serve({
    program,
    packageDirectory,
    engineAddress: listening.address,
    environment: { ...plainEnvironment, HOME: program, ...env },
    output: (line) => written.push(line),
  });
  running.add(plugin.kill);
  const exited = plugin.exited.then(() => running.delete(plugin.kill));
  const provider = connectProvider(plugin.address, { end: plugin.stop });
  const stopEngine = () => {
    if (!engine) listening.stop();
  };
  const capabilities = await provider.configure({ urn: providerUrn, id: "default", args: configured(config) });
  return {
    pid: plugin.pid,
    engine: listening,
    output: () => written.join("\n"),
    exited,
    provider,
    capabilities,
    address: plugin.address,
    async check(olds, news) {
      const urn = urnIn(news);
      const { inputs, failures } = await provider.check({ urn, olds: sent(olds), news: sent(news) });
      // As the engine does in a preview of what is to be made.
      const isPreviewed = news["isPreview"] === true && failures.length === 0 && Object.keys(olds).length === 0;
      if (isPreviewed && capabilities?.supportsPreview)
        await provider.create({ urn, properties: inputs, timeout: 0, preview: true });
      return { inputs: { ...inputs, ...unsent(news) }, failures };
    },
    async diff(id, olds, news) {
      const resource = { urn: urnIn(news), id, olds: wire(olds), news: sent(news) };
      const { changes, replaces } = await provider.diff({ ...resource, oldInputs: {}, ignoreChanges: [] });
      return { changes: changes !== "none", replaces };
    },
    create: (inputs) => provider.create({ urn: urnIn(inputs), properties: sent(inputs), timeout: 0, preview: false }),
    cancel: () => provider.cancel(),
    async end() {
      await endProvider(provider);
      stopEngine();
    },
    async kill() {
      await plugin.kill();
      await provider.close();
      stopEngine();
    },
  };
}

export const taskType = { plugin: pluginType, dynamicProvider: dynamicType }[servedBy];

const packageName = { plugin: namespace, dynamicProvider: dynamicPackage }[servedBy];
const providerUrn = `urn:pulumi:dev::${projectName}::pulumi:providers:${packageName}::default`;

/** What a program registers for a task: its arguments, and what the resource class adds. */
export function registered(urn: string, args: Properties): Properties {
  return { ...args, resourceUrn: urn, __provider: providerText };
}

/** Inputs as they cross the wire: a plugin is told the URN beside them. */
export function sent(inputs: Properties): PropertyMap {
  if (servedBy === "dynamicProvider") return wire(inputs);
  const { resourceUrn: _, __provider: __, isPreview: ___, ...given } = inputs;
  return wire(given);
}

/** What of a test's inputs a plugin is not sent. */
function unsent({ resourceUrn, __provider, isPreview }: Properties): Properties {
  return servedBy === "plugin" ? { resourceUrn, __provider, isPreview } : {};
}

/** What the outputs have besides, by which a dynamic resource's code is found. */
export const codeOutput: Properties = { plugin: {}, dynamicProvider: { __provider: providerText } }[servedBy];

/** A stack's config as the provider gets it: a plugin its own package's, without the name. */
function configured(config: Record<string, string>): Record<string, string> {
  if (servedBy === "dynamicProvider") return config;
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${namespace}:`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(namespace.length + 1), value]));
}

interface ServeOptions {
  readonly program: string;
  readonly packageDirectory: string;
  readonly engineAddress: string;
  readonly environment: NodeJS.ProcessEnv;
  output(line: string): void;
}

function serve({ program, packageDirectory, output, ...options }: ServeOptions): Promise<PluginProcess> {
  if (servedBy === "plugin") {
    return startPlugin({
      ...options,
      name: "the plugin",
      script: join(packageDirectory, "dist", "provider", "pluginServer", "main.js"),
      directory: program,
      output: (_, line) => output(line),
    });
  }
  const project = { name: projectName, programDirectory: program, runtimeOptions: {} };
  return startDynamicProvider({ ...options, project, output: (_, line) => output(line) });
}

export function urnOf(name: string, stack = "dev"): string {
  return `urn:pulumi:${stack}::${projectName}::${taskType}::${name}`;
}

function urnIn({ resourceUrn }: Properties): string {
  return typeof resourceUrn === "string" ? resourceUrn : urnOf("unnamed");
}

/** Tests write inputs as objects of any kind; what is no JSON fails when it is sent. */
export function wire(properties: Properties): PropertyMap {
  return properties as PropertyMap;
}

/** By the package that each depends on. */
const programs = new Map<string, string>();
const running = new Set<() => Promise<void>>();

// A test that fails half-way leaves nothing behind.
afterAll(async () => {
  await Promise.all([...running].map((kill) => kill()));
  for (const program of programs.values()) rmSync(program, { recursive: true, force: true });
  programs.clear();
});

/** A directory that depends on this package and on Pulumi, as a user's program does. */
function programDirectory(packageDirectory: string): string {
  const known = programs.get(packageDirectory);
  if (known) return known;
  keepCompiledCode();
  const program = mkdtempSync(join(tmpdir(), "aigc-program-"));
  programs.set(packageDirectory, program);
  mkdirSync(join(program, "node_modules", "@pulumi"), { recursive: true });
  symlinkSync(packageDirectory, join(program, "node_modules", "pulumi-tencent-aigc"), "junction");
  const pulumi = dirname(require.resolve("@pulumi/pulumi/package.json"));
  symlinkSync(pulumi, join(program, "node_modules", "@pulumi", "pulumi"), "junction");
  return program;
}

/** Pulumi's SDK is large, and a host that is killed does not keep what it compiled, so it is compiled here. */
function keepCompiledCode(): void {
  if (existsSync(compiled)) return;
  const load =
    'require("@pulumi/pulumi/runtime");require("./dist/provider/dynamic/handler.js");require("undici");process.exit(0)';
  spawnSync(process.execPath, ["-e", load], { cwd: repository, env: plainEnvironment });
}
