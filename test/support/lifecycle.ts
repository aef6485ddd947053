import type { World } from "./emulator";
import { type Failure, HostGone, InitFailed, type Properties, registered, urnOf } from "./host";

/** A resource as the engine keeps it in a stack's state. */
export interface ResourceState {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly initErrors: readonly string[];
}

export type Operation = "create" | "update" | "replace" | "same";

/** What became of one resource in an update or a preview. */
export interface Result {
  /** Absent where its inputs were refused. */
  readonly operation?: Operation;
  readonly failures: readonly Failure[];
  /** Stands in state, and is not ready. */
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
 * One resource of a stack, and what the engine does with it: the order of its calls, and what it keeps in state after
 * each. Old inputs go to `check` and old outputs to the others; what failed to become ready is updated the next time.
 */
export class Lifecycle {
  state: ResourceState | undefined;
  /** Replaced, and still to be deleted. */
  readonly pendingDeletes: ResourceState[] = [];
  private linesBefore = 0;

  constructor(
    readonly world: World,
    public name = "hero",
    private readonly stack = "dev",
  ) {}

  get urn(): string {
    return urnOf(this.name, this.stack);
  }

  get outputs(): Properties {
    return this.state?.outputs ?? {};
  }

  /** Renames it with an alias: it keeps its state. */
  rename(name: string): void {
    this.name = name;
  }

  /** What an `up` would do. */
  async preview(args: Properties): Promise<Result> {
    await this.begin();
    return (await this.plan(args, false)).result;
  }

  /** @param options.replace as `pulumi up --replace`, or after `pulumi state taint` */
  async up(args: Properties, options: { replace?: boolean } = {}): Promise<Result> {
    await this.begin();
    return this.deploy(args, options.replace ?? false);
  }

  /** Settles when its row has shown this text since the last `preview` or `up` began. */
  async row(text: string | RegExp): Promise<void> {
    const shows = (shown: string) => (typeof text === "string" ? shown === text : text.test(shown));
    const { engine } = await this.world.host();
    await engine.seen((line) => line.urn === this.urn && line.ephemeral && shows(line.text), this.linesBefore);
  }

  /** @returns whether it is still there */
  async refresh(): Promise<boolean> {
    if (!this.state) return false;
    const host = await this.world.host();
    const { id, properties } = await host.read(this.state.id, this.state.outputs);
    // What was read counts as ready, whatever it was before.
    this.state = id === "" ? undefined : { ...this.state, id, outputs: properties, initErrors: [] };
    return this.state !== undefined;
  }

  async destroy(): Promise<void> {
    await this.deletePending();
    if (this.state) await (await this.world.host()).delete(this.state.id, this.state.outputs);
    this.state = undefined;
  }

  /** The process is killed in the middle of what is under way: an engine finds its state as it was. */
  async crash(under: Promise<unknown>): Promise<void> {
    await (await this.world.host()).kill();
    await under;
    await this.world.restart();
  }

  private async plan(args: Properties, forced: boolean): Promise<{ result: Result; inputs: Properties }> {
    const host = await this.world.host();
    const program = registered(this.urn, args);
    const { state } = this;
    const { inputs, failures } = await host.check(state?.inputs ?? {}, program);
    const refused = (refusals: readonly Failure[]) => ({ result: { failures: refusals, reasons: [] }, inputs });
    const planned = (operation: Operation, checked = inputs) => ({
      result: { operation, failures: [], reasons: [] },
      inputs: checked,
    });
    if (failures.length > 0) return refused(failures);
    if (!state) return planned("create");
    const { changes, replaces } = await host.diff(state.id, state.outputs, inputs);
    if (forced || replaces.length > 0) {
      const anew = await host.check({}, program);
      return anew.failures.length > 0 ? refused(anew.failures) : planned("replace", anew.inputs);
    }
    return planned(changes || state.initErrors.length > 0 ? "update" : "same");
  }

  private async deploy(args: Properties, forced: boolean): Promise<Result> {
    let operation: Operation | undefined;
    try {
      const { result, inputs } = await this.plan(args, forced);
      operation = result.operation;
      if (operation === undefined) return result;
      const reasons = await this.apply(operation, inputs);
      await this.deletePending();
      return { operation, failures: [], reasons };
    } catch (error) {
      const text = error instanceof HostGone ? "the provider is gone" : (error as Error).message;
      return { ...(operation ? { operation } : {}), failures: [], reasons: [], error: text };
    }
  }

  private async apply(operation: Operation, inputs: Properties): Promise<readonly string[]> {
    const host = await this.world.host();
    const before = this.state;
    if (operation === "same" && before) {
      this.state = { ...before, inputs };
      return [];
    }
    try {
      if (operation === "update" && before) {
        const { properties } = await host.update(before.id, before.outputs, inputs);
        this.state = { id: before.id, inputs, outputs: properties, initErrors: [] };
      } else {
        const { id, properties } = await host.create(inputs);
        this.created({ id, inputs, outputs: properties, initErrors: [] });
      }
      return [];
    } catch (error) {
      if (!(error instanceof InitFailed)) throw error;
      const { id, properties, reasons } = error;
      // A failed update keeps the inputs from before it.
      if (operation === "update" && before) this.state = { ...before, outputs: properties, initErrors: reasons };
      else this.created({ id, inputs, outputs: properties, initErrors: reasons });
      return reasons;
    }
  }

  private created(state: ResourceState): void {
    if (this.state) this.pendingDeletes.push(this.state);
    this.state = state;
  }

  /** After the resources that are wanted, and only if none of them failed. */
  private async deletePending(): Promise<void> {
    if (this.state?.initErrors.length) return;
    const host = await this.world.host();
    for (let old = this.pendingDeletes[0]; old; old = this.pendingDeletes[0]) {
      await host.delete(old.id, old.outputs);
      this.pendingDeletes.shift();
    }
  }

  private async begin(): Promise<void> {
    this.linesBefore = (await this.world.host()).engine.lines.length;
  }
}
