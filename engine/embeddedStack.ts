import { randomBytes } from "node:crypto";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Deployment as ExportedDeployment } from "./checkpoint";
import { Deployment } from "./deployment";
import { type DynamicProviderOptions, startDynamicProvider } from "./dynamicProvider";
import { EngineService } from "./engineService";
import { EventStream, type OpMap } from "./events";
import { connectProvider } from "./grpcProvider";
import { mockProvider } from "./mockProvider";
import { needsProvider } from "./needsPulumi";
import { textOf } from "./outputText";
import { pluginPackage, startPackagePlugin } from "./packagePlugin";
import { childProgram } from "./program";
import { loadProject, type Project } from "./project";
import { endProvider, type ProviderLoader, type ProviderPort } from "./providerPort";
import { ProviderRegistry } from "./providerRegistry";
import type { Snapshot } from "./resourceState";
import { SecretsManager, type SecretsProvider } from "./secretsManager";
import { SnapshotManager } from "./snapshotManager";
import { type ConfigMap, type ConfigValue, providerInputs, StackConfig } from "./stackConfig";
import { ConcurrentUpdateError, lockStack } from "./stackLock";
import {
  CommandError,
  type EmbeddedStackOptions,
  type OperationOptions,
  type OperationResult,
  type OutputMap,
  type PreviewResult,
  type RefreshOptions,
  type UpdateSummary,
  type UpOptions,
  type UpResult,
} from "./stackTypes";
import { readIfPresent, StateStore, writeAtomically } from "./stateStore";
import { dynamicPackage, rootStackType } from "./urn";
import { containsSecrets, type PropertyMap, secretTexts, unwrapSecrets } from "./values";

export type * from "./stackTypes";
export { CommandError, ConcurrentUpdateError };

type Kind = UpdateSummary["kind"] | "preview";

interface Run {
  stdout: string;
  stderr: string;
  changes: OpMap;
  startTime: Date;
}

/** Packages whose providers are started here. */
const own: readonly string[] = [dynamicPackage, pluginPackage];

/** Node's own default: Pulumi's SDK takes long to compile at every start. */
const compileCache = join(tmpdir(), "node-compile-cache");

/**
 * Runs an unmodified Pulumi program without the Pulumi CLI: its program and its dynamic providers in the SDK's own
 * processes, and this package's plugin in one for each of its providers, over the SDK's own protocol. It has the methods of
 * the Automation API's `Stack` that tests need, with the same arguments and results. It is a test kit, not a replacement for
 * Pulumi.
 *
 * @experimental
 */
export class EmbeddedStack {
  readonly name: string;
  private readonly config: StackConfig;
  private readonly store: StateStore;
  private secretsManager: SecretsManager | undefined;
  private running: Deployment | undefined;

  private constructor(
    private readonly options: EmbeddedStackOptions,
    private readonly project: Project,
  ) {
    this.name = options.stackName;
    this.config = new StackConfig(this.file("config.json"), project.name, () => this.secrets());
    this.store = new StateStore(this.file("json"), {
      get: () => this.secrets(),
      known: () => (this.config.secretsProvider ? this.secrets() : undefined),
      open: (provider) => this.secretsOf(provider),
    });
  }

  static async createOrSelect(options: EmbeddedStackOptions): Promise<EmbeddedStack> {
    if (!/^[A-Za-z0-9_.-]{1,100}$/.test(options.stackName)) {
      throw new Error(
        `stackName ${JSON.stringify(options.stackName)} is not allowed: 1 to 100 letters, digits, hyphens, underscores or periods`,
      );
    }
    const overrides = {
      ...(options.projectName === undefined ? {} : { name: options.projectName }),
      ...(options.program === undefined ? {} : { main: options.program }),
    };
    return new EmbeddedStack(options, loadProject(options.workDir, overrides));
  }

  async setConfig(key: string, value: ConfigValue): Promise<void> {
    this.config.setAll({ [key]: value });
  }

  async setAllConfig(config: ConfigMap): Promise<void> {
    this.config.setAll(config);
  }

  async up(options: UpOptions = {}): Promise<UpResult> {
    const run = await this.run("update", options);
    return { ...this.result("update", run), outputs: await this.outputs() };
  }

  async preview(options: UpOptions = {}): Promise<PreviewResult> {
    const { stdout, stderr, changes } = await this.run("preview", options);
    return { stdout, stderr, changeSummary: changes };
  }

  async refresh(options: RefreshOptions = {}): Promise<OperationResult> {
    return this.result("refresh", await this.run("refresh", options));
  }

  async destroy(options: OperationOptions = {}): Promise<OperationResult> {
    return this.result("destroy", await this.run("destroy", options));
  }

  /** Outputs of the last update; secret ones as plain values, marked as secret. */
  async outputs(): Promise<OutputMap> {
    const stack = this.store.load().resources.find(({ type, delete: gone }) => type === rootStackType && !gone);
    return Object.fromEntries(
      Object.entries(stack?.outputs ?? {}).map(([key, value]) => [
        key,
        { value: unwrapSecrets(value), secret: containsSecrets(value) },
      ]),
    );
  }

  /** The state, its secrets as ciphertext. */
  async exportStack(): Promise<ExportedDeployment> {
    return this.store.serialize(this.store.load());
  }

  async importStack(deployment: ExportedDeployment): Promise<void> {
    const unlock = lockStack(this.file("lock"));
    try {
      await this.store.rewrite(this.store.deserialize(deployment));
    } finally {
      unlock();
    }
  }

  /**
   * Stops the operation that is under way, as one ^C does in the Pulumi CLI: nothing more is started, providers are told,
   * what runs is waited for, and all of it kept.
   */
  async cancel(): Promise<void> {
    await this.running?.cancel();
  }

  private async run(kind: Kind, options: UpOptions & RefreshOptions): Promise<Run> {
    const unlock = kind === "preview" ? () => {} : lockStack(this.file("lock"));
    const startTime = new Date();
    const text = { stdout: "", stderr: "" };
    const events = new EventStream((event) => {
      const line = textOf(event);
      if (line !== undefined) {
        const isError = event.diagnosticEvent?.severity === "error";
        text[isError ? "stderr" : "stdout"] += line;
        options.onOutput?.(line);
      }
      options.onEvent?.(event);
    }, kind);
    try {
      const failed = await this.deploy(kind, options, events);
      const unexpected = options.expectNoChanges && Object.keys(events.changes).some((op) => op !== "same");
      if (unexpected) events.diagnostic("error", "", "no changes were expected but changes were proposed");
      if (failed || unexpected) throw new CommandError(kind === "update" ? "up" : kind, text.stdout, text.stderr);
      return { ...text, changes: events.changes, startTime };
    } finally {
      unlock();
    }
  }

  /** @returns whether it failed */
  private async deploy(kind: Kind, options: UpOptions & RefreshOptions, events: EventStream): Promise<boolean> {
    const preview = kind === "preview";
    const config = this.config.getAll();
    const plainConfig = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
    const secretKeys = Object.keys(config).filter((key) => config[key]?.secret);
    const snapshot = this.startingPoint(options);
    const observe = (properties: PropertyMap): void => events.hide(secretTexts(properties));
    events.hide(secretKeys.map((key) => plainConfig[key] as string));
    for (const { inputs, outputs } of snapshot.resources) {
      observe(inputs);
      observe(outputs ?? {});
    }

    const parallel = options.parallel ?? availableParallelism() * 4;
    const environment = { NODE_COMPILE_CACHE: compileCache, ...process.env, ...this.options.envVars };
    const engine = await EngineService.start(events);
    const output = (severity: "info" | "info#err", line: string): void => {
      if (line.trim() !== "") events.log({ severity, urn: "", message: line });
    };
    const providers = this.providers(kind, { engineAddress: engine.address, environment, output });
    const registry = new ProviderRegistry(providers.load);
    const deployment = new Deployment({
      stack: this.name,
      project: this.project.name,
      preview,
      parallel,
      snapshot,
      registry,
      ...(preview ? {} : { snapshotManager: new SnapshotManager(snapshot, this.store) }),
      observer: events,
      providerConfig: (name) => providerInputs(name, config),
      replaceTargets: options.replace ?? [],
      refresh: options.refresh ?? false,
    });
    this.running = deployment;
    try {
      try {
        events.prelude(
          Object.fromEntries(
            Object.entries(config).map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]),
          ),
        );
        if (kind === "refresh") await deployment.refresh();
        else if (kind === "destroy") await deployment.destroy();
        else {
          const { mocks, providers: addresses = {} } = this.options;
          const program = childProgram({
            projectFile: this.project,
            project: this.project.name,
            stack: this.name,
            organization: "organization",
            config: plainConfig,
            configSecretKeys: secretKeys,
            preview,
            parallel,
            programDirectory: this.project.programDirectory,
            engineAddress: engine.address,
            environment,
            output,
            observe,
            hasProvider: (name) => own.includes(name) || name in addresses,
            ...(mocks ? { mocked: async (token, inputs) => mocks.call({ token, inputs }) } : {}),
          });
          await deployment.update(program.run);
          await program.ended;
        }
      } finally {
        this.running = undefined;
        // Before the summary: what providers tell at the end belongs to the operation.
        await registry.close();
        await providers.close();
      }
      events.summary();
    } finally {
      engine.stop();
      events.cancel();
    }
    return deployment.failed;
  }

  private startingPoint(options: RefreshOptions): Snapshot {
    const snapshot = this.store.load();
    return options.clearPendingCreates ? { ...snapshot, pendingOperations: [] } : snapshot;
  }

  /** A program takes long to start, so the provider that it most likely needs starts at the same time. */
  private providers(
    kind: Kind,
    options: Omit<DynamicProviderOptions, "project">,
  ): { load: ProviderLoader; close(): Promise<void> } {
    const { mocks, providers: addresses = {} } = this.options;
    const start = async (): Promise<ProviderPort> => {
      const plugin = await startDynamicProvider({ project: this.project, ...options });
      return connectProvider(plugin.address, { end: plugin.stop });
    };
    const runsProgram = kind === "update" || kind === "preview";
    const early = runsProgram && !mocks ? start() : undefined;
    early?.catch(() => {});
    let unused = early;
    return {
      load: async (name) => {
        if (name === dynamicPackage) {
          const provider = unused ?? start();
          unused = undefined;
          return provider;
        }
        const address = addresses[name];
        if (address !== undefined) return connectProvider(address);
        if (name === pluginPackage) {
          const plugin = await startPackagePlugin({ directory: this.project.programDirectory, ...options });
          return connectProvider(plugin.address, { end: plugin.stop });
        }
        if (!mocks) throw needsProvider(`the package ${name}`);
        return mockProvider(mocks);
      },
      close: async () => {
        // One that could not be started has nothing to end; where it was needed, the operation has failed for it.
        const provider = await unused?.catch(() => undefined);
        if (provider) await endProvider(provider);
      },
    };
  }

  private result(kind: UpdateSummary["kind"], { stdout, stderr, changes, startTime }: Run): OperationResult {
    const config = Object.fromEntries(
      Object.entries(this.config.getAll()).map(([key, { value, secret = false }]) => [
        key,
        { value: secret ? "[secret]" : value, secret },
      ]),
    );
    const endTime = new Date();
    const summary: UpdateSummary = {
      kind,
      result: "succeeded",
      startTime,
      endTime,
      message: "",
      environment: {},
      config,
      resourceChanges: changes,
    };
    return { stdout, stderr, summary };
  }

  private file(extension: string): string {
    return join(resolve(this.options.stateDir), this.project.name, `${this.options.stackName}.${extension}`);
  }

  private secrets(): SecretsManager {
    if (this.secretsManager) return this.secretsManager;
    const provider = this.config.secretsProvider;
    this.secretsManager = provider
      ? SecretsManager.open(this.passphrase(), provider)
      : SecretsManager.create(this.passphrase());
    if (!provider) this.config.keepSecretsProvider(this.secretsManager.provider);
    return this.secretsManager;
  }

  /** Imported state may have been written under another salt. */
  private secretsOf(provider: SecretsProvider): SecretsManager {
    const own = this.config.secretsProvider;
    if (!own) this.config.keepSecretsProvider(provider);
    if (!own || own.state.salt === provider.state.salt) return this.secrets();
    return SecretsManager.open(this.passphrase(), provider);
  }

  private passphrase(): string {
    const given = this.options.secretsPassphrase ?? process.env["PULUMI_CONFIG_PASSPHRASE"];
    if (given !== undefined) return given;
    const path = this.file("passphrase");
    const kept = readIfPresent(path);
    if (kept) return kept;
    const made = randomBytes(24).toString("base64url");
    writeAtomically(path, made);
    return made;
  }
}
