import { Deployment, type RegistrationPort } from "./deployment";
import { type EngineEvent, EventStream, type OpMap } from "./events";
import { normalizeUrns } from "./normalizeUrns";
import type { ProviderLoader } from "./providerPort";
import { ProviderRegistry } from "./providerRegistry";
import { makeGoal, type Snapshot } from "./resourceState";
import { replay, type SnapshotChange, SnapshotManager, type SnapshotPersister } from "./snapshotManager";
import { rootStackType } from "./urn";
import type { PropertyMap } from "./values";

/** State in memory that behaves like state on disk: it holds copies, and keeps what was written before a crash. */
export class MemoryStore implements SnapshotPersister {
  private base: Snapshot = { resources: [], pendingOperations: [] };
  private changes: SnapshotChange[] = [];
  private writable = true;
  /** How often a step waited for its record. */
  appends = 0;

  async append(changes: SnapshotChange[]): Promise<void> {
    if (!this.writable) return new Promise(() => {});
    this.appends++;
    this.changes.push(...structuredClone(changes));
  }

  async rewrite(snapshot: Snapshot): Promise<void> {
    if (!this.writable) return new Promise(() => {});
    this.base = structuredClone(normalizeUrns(snapshot));
    this.changes = [];
  }

  /** The state that an engine finds which starts now. */
  load(): Snapshot {
    return structuredClone(normalizeUrns(replay(this.base, this.changes)));
  }

  /** The process dies: nothing more is written, and a wait for a write never ends. */
  crash(): MemoryStore {
    this.writable = false;
    return MemoryStore.of(this.load());
  }

  static of(snapshot: Snapshot): MemoryStore {
    const store = new MemoryStore();
    store.base = snapshot;
    return store;
  }
}

/** Registers a program's resources; `root` is the URN of the stack. */
export type InProcessProgram = (port: RegistrationPort, root: string) => Promise<void>;

export interface InProcessOptions {
  loadProvider: ProviderLoader;
  store: SnapshotPersister & { load(): Snapshot };
  config?: PropertyMap;
  /** @default 4 */
  parallel?: number;
  stack?: string;
  project?: string;
  onEvent?: (event: EngineEvent) => void;
}

export interface InProcessRun {
  failed: boolean;
  changes: OpMap;
  errors: string[];
}

/** The engine's logic without processes, sockets or files, for tests that need thousands of runs. */
export class InProcessEngine {
  private running: Deployment | undefined;

  constructor(private readonly options: InProcessOptions) {}

  up(program: InProcessProgram, settings: { replace?: string[]; refresh?: boolean } = {}): Promise<InProcessRun> {
    return this.run("update", settings, (deployment) => deployment.update(this.withRoot(program)));
  }

  preview(program: InProcessProgram, settings: { replace?: string[] } = {}): Promise<InProcessRun> {
    return this.run("preview", settings, (deployment) => deployment.update(this.withRoot(program)));
  }

  refresh(): Promise<InProcessRun> {
    return this.run("refresh", {}, (deployment) => deployment.refresh());
  }

  destroy(): Promise<InProcessRun> {
    return this.run("destroy", {}, (deployment) => deployment.destroy());
  }

  async cancel(): Promise<void> {
    await this.running?.cancel();
  }

  private withRoot(program: InProcessProgram): (port: RegistrationPort) => Promise<void> {
    const { stack = "dev", project = "shop" } = this.options;
    return async (port) => {
      const root = await port.register(makeGoal({ type: rootStackType, name: `${project}-${stack}`, custom: false }));
      await program(port, root.urn);
      await port.registerOutputs(root.urn, {});
    };
  }

  private async run(
    kind: "update" | "preview" | "refresh" | "destroy",
    settings: { replace?: string[]; refresh?: boolean },
    operate: (deployment: Deployment) => Promise<void>,
  ): Promise<InProcessRun> {
    const { store, loadProvider, config = {}, parallel = 4, stack = "dev", project = "shop" } = this.options;
    const snapshot = store.load();
    const events = new EventStream(this.options.onEvent ?? (() => {}), kind);
    const registry = new ProviderRegistry(loadProvider);
    const deployment = new Deployment({
      stack,
      project,
      preview: kind === "preview",
      parallel,
      snapshot,
      registry,
      ...(kind === "preview" ? {} : { snapshotManager: new SnapshotManager(snapshot, store) }),
      observer: events,
      providerConfig: () => config,
      replaceTargets: settings.replace ?? [],
      refresh: settings.refresh ?? false,
    });
    this.running = deployment;
    await operate(deployment);
    await registry.close();
    return { failed: deployment.failed, changes: events.changes, errors: events.errors };
  }
}
