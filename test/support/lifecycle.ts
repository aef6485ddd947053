import type { EngineEvent } from "../../engine/events";
import { InProcessEngine, type InProcessProgram, type InProcessRun, MemoryStore } from "../../engine/inProcess";
import { type CheckFailure, InitError, type ProviderPort } from "../../engine/providerPort";
import { makeGoal, type ResourceState as StoredState } from "../../engine/resourceState";
import type { World } from "./emulator";
import { type Host, type Properties, projectName, registered, sent, taskType, urnOf, wire } from "./host";

/** A resource as the engine keeps it in a stack's state. */
export type ResourceState = Pick<StoredState, "id" | "inputs" | "initErrors"> & { readonly outputs: Properties };

export type Operation = "create" | "update" | "replace" | "same";

/** What became of one resource in an update or a preview. */
export interface Result {
  /** Absent where its inputs were refused. */
  readonly operation?: Operation;
  readonly failures: readonly CheckFailure[];
  /** It is in state, and is not ready. */
  readonly reasons: readonly string[];
  /** Failed, and left the state as it was. */
  readonly error?: string;
}

export const subAppId = 251007502;

/** The least there is to ask for, with what is given changed in it. */
export function picture(changes: Properties = {}): Properties {
  return { subAppId, modelName: "GG", modelVersion: "2.5", prompt: "a lighthouse at dawn", ...changes };
}

/**
 * One resource of a stack, deployed by the engine to the provider process of a world. All resources of a world share that
 * process, so that they are one update until `world.restart`.
 */
export class Lifecycle {
  private store = new MemoryStore();
  private readonly names: [string, ...string[]];
  private linesBefore = 0;
  private killEngine: () => void = () => {};

  constructor(
    readonly world: World,
    name = "hero",
    private readonly stack = "dev",
  ) {
    this.names = [name];
  }

  /** What it is called now. */
  get name(): string {
    return this.names[0];
  }

  get urn(): string {
    return urnOf(this.name, this.stack);
  }

  get state(): ResourceState | undefined {
    const state = this.resources().find((resource) => !resource.delete);
    return state && { ...state, outputs: state.outputs ?? {} };
  }

  /** Changes what is in state, or loses it. */
  set state(changed: ResourceState | undefined) {
    const snapshot = this.store.load();
    const resources = snapshot.resources.flatMap((resource) => {
      if (resource.type !== taskType || resource.delete) return [resource];
      return changed ? [{ ...resource, ...changed, outputs: wire(changed.outputs) }] : [];
    });
    this.store = MemoryStore.of({ ...snapshot, resources });
  }

  /** Replaced, and still to be deleted. */
  get pendingDeletes(): StoredState[] {
    return this.resources().filter((resource) => resource.delete);
  }

  get outputs(): Properties {
    return this.state?.outputs ?? {};
  }

  /** Renames it with an alias: it keeps its state. */
  rename(name: string): void {
    this.names.unshift(name);
  }

  /** What an `up` would do. */
  async preview(args: Properties): Promise<Result> {
    const result = await this.operate((engine) => engine.preview(this.program(args)));
    if (result.error !== undefined) throw new Error(result.error);
    return result;
  }

  /** @param options.replace as `pulumi up --replace`, or after `pulumi state taint` */
  up(args: Properties, options: { replace?: boolean } = {}): Promise<Result> {
    const replace = options.replace ? [this.urn] : [];
    return this.operate((engine) => engine.up(this.program(args), { replace }));
  }

  /** Settles when its row has shown this text since the last `preview` or `up` began. */
  async row(text: string | RegExp): Promise<void> {
    const shows = (shown: string) => (typeof text === "string" ? shown === text : text.test(shown));
    const { engine } = await this.world.host();
    await engine.seen((line) => line.urn === this.urn && line.ephemeral && shows(line.text), this.linesBefore);
  }

  /** @returns whether it is still there */
  async refresh(): Promise<boolean> {
    const { error } = await this.operate((engine) => engine.refresh());
    if (error !== undefined) throw new Error(error);
    return this.state !== undefined;
  }

  async destroy(): Promise<void> {
    const { error } = await this.operate((engine) => engine.destroy());
    if (error !== undefined) throw new Error(error);
  }

  /** Engine and provider are killed in the middle of what is under way. */
  async crash(under: Promise<unknown>): Promise<void> {
    this.store = this.store.crash();
    this.killEngine();
    await (await this.world.host()).kill();
    await under;
    await this.world.restart();
  }

  private resources(): StoredState[] {
    return this.store.load().resources.filter(({ type }) => type === taskType);
  }

  private program(args: Properties): InProcessProgram {
    return async (port, root) => {
      await port.register(
        makeGoal({
          type: taskType,
          name: this.name,
          parent: root,
          aliases: this.names.slice(1).map((name) => ({ urn: urnOf(name, this.stack) })),
          properties: sent(registered(this.urn, args)),
        }),
      );
    };
  }

  private async operate(run: (engine: InProcessEngine) => Promise<InProcessRun>): Promise<Result> {
    const host = await this.world.host();
    this.linesBefore = host.engine.lines.length;
    const heard = new Heard();
    let operation: Operation | undefined;
    const engine = new InProcessEngine({
      loadProvider: async () => heard.through(host),
      store: this.store,
      stack: this.stack,
      project: projectName,
      onEvent: (event) => {
        operation ??= operationIn(event, this.urn);
      },
    });
    const killed = new Promise<"killed">((resolve) => {
      this.killEngine = () => resolve("killed");
    });
    const ended = await Promise.race([run(engine), killed]);
    const { failures, reasons } = heard;
    const error = ended === "killed" ? "the engine was killed" : heard.errorOf(ended);
    return { ...(operation ? { operation } : {}), failures, reasons, ...(error === undefined ? {} : { error }) };
  }
}

/** What a provider answered in one operation, where it did not simply succeed. */
class Heard {
  failures: CheckFailure[] = [];
  reasons: string[] = [];
  private error: string | undefined;

  errorOf({ failed, errors }: InProcessRun): string | undefined {
    if (this.error !== undefined) return this.error;
    const explained = this.failures.length > 0 || this.reasons.length > 0;
    return failed && !explained ? errors.join("\n") : undefined;
  }

  /** The same provider. It belongs to the world, which has configured it and ends it. */
  through({ provider, capabilities }: Host): ProviderPort {
    return {
      configure: async () => capabilities,
      check: async (request) => {
        const answer = await this.listen(provider.check(request));
        this.failures = answer.failures;
        return answer;
      },
      diff: (request) => this.listen(provider.diff(request)),
      create: (request) => this.listen(provider.create(request)),
      read: (request) => this.listen(provider.read(request)),
      update: (request) => this.listen(provider.update(request)),
      delete: (request) => this.listen(provider.delete(request)),
      cancel: async () => {},
      close: async () => {},
    };
  }

  private async listen<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof InitError) this.reasons = error.reasons;
      else this.error = (error as Error).message;
      throw error;
    }
  }
}

const operations: Partial<Record<string, Operation>> = {
  same: "same",
  create: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
};

function operationIn({ resourcePreEvent }: EngineEvent, urn: string): Operation | undefined {
  const metadata = resourcePreEvent?.metadata;
  return metadata?.urn === urn ? operations[metadata.op] : undefined;
}
