import { type BaseState, baseState, rebuildBase } from "./baseState";
import { scheduleDeletes } from "./deleteOrder";
import type { InvokeResponse } from "./providerPort";
import type { ProviderRegistry } from "./providerRegistry";
import { RefreshStep } from "./refreshStep";
import type { ResourceProvider } from "./resourceProvider";
import { type Goal, makeGoal, type ResourceState, type Snapshot } from "./resourceState";
import { type ExecutorOptions, StepExecutor } from "./stepExecutor";
import { Bail, type ReadRequest, StepGenerator } from "./stepGenerator";
import type { Step } from "./steps";
import { createUrn, isProviderType, packageOf, parseUrn, providerTypePrefix, rootStackType } from "./urn";
import { deepEquals, type PropertyMap } from "./values";

export interface DeploymentOptions extends ExecutorOptions {
  stack: string;
  project: string;
  snapshot: Snapshot;
  registry: ProviderRegistry;
  /** The configuration a default provider gets. */
  providerConfig(packageName: string): PropertyMap;
  replaceTargets?: readonly string[];
  refresh?: boolean;
  now?: () => string;
}

/** The engine takes no more requests; the program ends. */
export class ShutDownError extends Error {
  override readonly name = "ShutDownError";
}

export interface FunctionCall {
  token: string;
  args: PropertyMap;
  /** Reference of an explicit provider; empty for the default one. */
  provider: string;
}

/** What a program (through gRPC, or directly in a test) asks of a deployment. */
export interface RegistrationPort {
  register(goal: Goal): Promise<ResourceState>;
  read(request: ReadRequest): Promise<ResourceState>;
  registerOutputs(urn: string, outputs: PropertyMap): Promise<void>;
  /** Calls a function of a provider. */
  invoke(call: FunctionCall): Promise<InvokeResponse>;
  /** A state this deployment has produced. */
  lookUp(urn: string): ResourceState | undefined;
}

/**
 * Runs a program. Resolves when it will register nothing more, throws when it failed ({@link Bail} when it has said why).
 * After the signal no request of the program is answered.
 */
export type Program = (port: RegistrationPort, signal: AbortSignal) => Promise<void>;

/** One update, preview, refresh or destroy. */
export class Deployment implements RegistrationPort {
  private base: BaseState;
  private readonly generator: StepGenerator;
  private readonly executor: StepExecutor;
  private readonly defaultProviders = new Map<string, Promise<string>>();
  private readonly waiting = new Set<(error: Error) => void>();
  private readonly news = new Map<string, ResourceState>();
  private events: Promise<void> = Promise.resolve();
  private stackOutputs: { urn: string; outputs: PropertyMap } | undefined;
  private sawError = false;
  private bailed = false;
  private readonly closing = new AbortController();
  private cancelRequested = false;

  constructor(private readonly options: DeploymentOptions) {
    this.base = baseState(options.snapshot.resources);
    const self = this;
    const context = {
      stack: options.stack,
      project: options.project,
      preview: options.preview,
      registry: options.registry,
      replaceTargets: new Set(options.replaceTargets),
      get base() {
        return self.base;
      },
      get deletes() {
        return self.generator.deletes;
      },
      providerFor: (state: ResourceState) => this.providerFor(state),
      now: options.now ?? (() => new Date().toISOString()),
      warn: (urn: string, message: string) => options.observer.diagnostic("warning", urn, message),
      info: (urn: string, message: string) => options.observer.diagnostic("info", urn, message),
      error: (urn: string, message: string) => this.reportError(urn, message),
    };
    this.generator = new StepGenerator(context);
    this.executor = new StepExecutor(context, options, (state) => this.news.set(state.urn, state));
  }

  /** Registers what the program asks for, then deletes what it no longer asks for. */
  async update(program: Program): Promise<void> {
    if (this.options.refresh && !(await this.refreshBase())) return this.conclude();
    this.warnOfPendingOperations();
    const ended = program(this, this.closing.signal);
    ended.catch(() => {});
    try {
      await Promise.race([ended, this.executor.cancelled]);
      await this.drained();
      if (!this.executor.isCancelled) await this.performDeletes();
    } catch (error) {
      if (!(error instanceof Bail)) this.reportError("", messageOf(error));
      this.fail();
    }
    await this.executor.idle();
    await this.finalizeStackOutputs();
    this.close();
    await ended.catch(() => {});
    await this.conclude();
  }

  async destroy(): Promise<void> {
    if (this.options.refresh && !(await this.refreshBase())) return this.conclude();
    this.warnOfPendingOperations();
    try {
      await this.performDeletes();
    } catch (error) {
      if (!(error instanceof Bail)) this.reportError("", messageOf(error));
      this.fail();
    }
    await this.executor.idle();
    await this.conclude();
  }

  async refresh(): Promise<void> {
    await this.refreshBase();
    await this.conclude();
  }

  /** Starts nothing more, and tells the providers so; what runs is waited for and kept. */
  async cancel(): Promise<void> {
    this.cancelRequested = true;
    this.stop();
    await this.options.registry.cancel();
  }

  get failed(): boolean {
    return this.sawError || this.bailed || this.executor.sawError || this.cancelRequested;
  }

  async register(goal: Goal): Promise<ResourceState> {
    const needsProvider = goal.custom && goal.provider === "" && !isProviderType(goal.type);
    const provider = needsProvider ? await this.defaultProvider(packageOf(goal.type)) : goal.provider;
    return this.submit(goal, (done) => this.generator.stepsFor({ ...goal, provider }, done));
  }

  async read(request: ReadRequest): Promise<ResourceState> {
    const provider = request.provider || (await this.defaultProvider(packageOf(request.type)));
    return this.submit(request, async (done) => this.generator.stepsForRead({ ...request, provider }, done));
  }

  async registerOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    if (parseUrn(urn).qualifiedType === rootStackType) {
      this.stackOutputs = { urn, outputs };
      return;
    }
    await this.enqueue(urn, () => this.keepOutputs(urn, outputs));
  }

  async invoke({ token, args, provider }: FunctionCall): Promise<InvokeResponse> {
    const reference = provider || (await this.defaultProvider(packageOf(token)));
    const called = this.options.registry.get(reference);
    if (!called) throw new Error(`unknown provider '${reference}'`);
    return called.invoke(token, args, this.options.preview);
  }

  lookUp(urn: string): ResourceState | undefined {
    return this.news.get(urn);
  }

  /** Reference of the default provider of a package, registered when it is first needed. */
  defaultProvider(packageName: string): Promise<string> {
    const known = this.defaultProviders.get(packageName);
    if (known) return known;
    const registered = this.register(
      makeGoal({
        type: `${providerTypePrefix}${packageName}`,
        name: "default",
        properties: this.options.providerConfig(packageName),
      }),
    ).then((state) => `${state.urn}::${state.id}`);
    this.defaultProviders.set(packageName, registered);
    return registered;
  }

  private async providerFor(state: ResourceState): Promise<ResourceProvider> {
    const { registry } = this.options;
    const find = (urn: string): ResourceState | undefined => this.base.olds.get(urn);
    return registry.get(state.provider) ?? registry.ensure(state.provider, find);
  }

  /** Generates steps one registration after the other, as their order may matter; the steps run in parallel. */
  private submit(
    subject: { parent: string; type: string; name: string },
    generate: (done: (state: ResourceState) => void) => Promise<Step[]>,
  ): Promise<ResourceState> {
    return new Promise((resolve, reject) => {
      if (this.closing.signal.aborted || this.executor.isCancelled) return reject(new ShutDownError());
      this.waiting.add(reject);
      const done = (state: ResourceState): void => {
        this.waiting.delete(reject);
        resolve(state);
      };
      const { stack, project } = this.options;
      const urn = createUrn(stack, project, subject.parent, subject.type, subject.name);
      this.enqueue(urn, async () => {
        const steps = await generate(done);
        await this.executor.submit(steps);
      }).catch(() => {});
    });
  }

  private enqueue(urn: string, event: () => Promise<void>): Promise<void> {
    const handled = this.events.then(async () => {
      if (this.executor.isCancelled) throw new ShutDownError();
      try {
        await event();
      } catch (error) {
        if (!(error instanceof Bail)) this.reportError(urn, messageOf(error));
        this.fail();
        throw new ShutDownError();
      }
    });
    this.events = handled.catch(() => {});
    return handled;
  }

  private async drained(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.events) {
      seen = this.events;
      await seen;
    }
  }

  private async keepOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    const step = this.executor.registered.get(urn);
    if (!step?.new_) throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
    const changed = !deepEquals(step.old?.outputs ?? {}, outputs);
    step.new_.outputs = outputs;
    this.options.observer.outputsRegistered(step);
    if (changed) await this.options.snapshotManager?.outputsRegistered(step.new_);
  }

  /** After an error the program may not have reached an output that is missing, so the old one is kept. */
  private async finalizeStackOutputs(): Promise<void> {
    if (!this.stackOutputs || !this.executor.registered.has(this.stackOutputs.urn)) return;
    const { urn, outputs } = this.stackOutputs;
    const old = this.failed ? this.base.olds.get(urn)?.outputs : undefined;
    await this.keepOutputs(urn, { ...old, ...outputs });
  }

  private async performDeletes(): Promise<void> {
    // An operation that still runs may fail, or need its old resource: deletions come when all have ended.
    await this.executor.idle();
    if (this.executor.isCancelled) return;
    const steps = this.generator.deleteSteps();
    const spared = new Set<ResourceState>();
    for (const group of scheduleDeletes(steps, this.base.graph)) {
      if (this.executor.isCancelled) return;
      for (const { resource } of this.executor.protectedSteps) this.spareDependencies(resource, spared);
      const chosen = group.filter((step) => !spared.has(step.resource));
      await Promise.all(chosen.map((step) => this.executor.submit([step]).then((running) => running.finished)));
    }
  }

  /** What could not be deleted keeps what it depends on. */
  private spareDependencies(resource: ResourceState, spared: Set<ResourceState>): void {
    for (const dependency of this.base.graph.dependenciesOf(resource)) {
      if (spared.has(dependency)) continue;
      spared.add(dependency);
      this.spareDependencies(dependency, spared);
    }
  }

  /** @returns false when a resource could not be read, or the deployment was cancelled */
  private async refreshBase(): Promise<boolean> {
    const steps = new Map(this.base.resources.map((resource) => [resource, new RefreshStep(resource)]));
    const executor = this.executor.ignoringErrors();
    const running = [...steps.values()].map((step) => executor.submit([step]).then(({ finished }) => finished));
    await Promise.all(running);
    const resources = rebuildBase(this.base.resources, (resource) => steps.get(resource)?.refreshed);
    this.base = baseState(resources);
    await this.options.snapshotManager?.rebase(resources);
    return !this.failed;
  }

  private warnOfPendingOperations(): void {
    const { preview, snapshot, observer, refresh } = this.options;
    const pending = snapshot.pendingOperations;
    if (preview || refresh || pending.length === 0) return;
    const lines = pending.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}\n`).join("");
    observer.diagnostic(
      "warning",
      "",
      `Attempting to deploy or update resources with ${pending.length} pending operations from previous deployment.\n` +
        `${lines}These resources are in an unknown state because the engine was interrupted while waiting for ` +
        "changes to these resources to complete. Once you have confirmed what became of them, clear them with a " +
        "refresh (`clearPendingCreates`).",
    );
  }

  private reportError(urn: string, message: string): void {
    this.sawError = true;
    this.options.observer.diagnostic("error", urn, message);
  }

  private fail(): void {
    this.bailed = true;
    this.stop();
  }

  private stop(): void {
    this.executor.cancel();
    this.close();
  }

  /** Ends the program: each request it still waits for is answered with a shut down. */
  private close(): void {
    this.closing.abort();
    for (const reject of this.waiting) reject(new ShutDownError());
    this.waiting.clear();
  }

  private async conclude(): Promise<void> {
    await this.options.snapshotManager?.finish();
    const kind = this.options.preview ? "preview" : "update";
    if (this.bailed) return;
    if (this.sawError || this.executor.sawError) this.options.observer.diagnostic("error", "", `${kind} failed`);
    else if (this.cancelRequested) this.options.observer.diagnostic("error", "", `${kind} canceled`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
