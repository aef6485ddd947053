import type { ProviderRegistry } from "./providerRegistry";
import type { OperationResult, ResourceProvider } from "./resourceProvider";
import type { ResourceState } from "./resourceState";
import { isProviderType } from "./urn";

/** Names of operations, as in Pulumi's events. */
export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "discard"
  | "discard-replaced"
  | "refresh";

/** Tells the program the result of its registration. */
export type Complete = (state: ResourceState) => void;

export interface StepContext {
  readonly preview: boolean;
  readonly registry: ProviderRegistry;
  /** The provider of a custom resource, loaded from old state if needed. */
  providerFor(state: ResourceState): Promise<ResourceProvider>;
  /** URNs that this deployment deletes. */
  readonly deletes: ReadonlySet<string>;
  warn(urn: string, message: string): void;
  now(): string;
}

export interface Applied {
  /** Tells the program; only after the result is in state. */
  complete?: () => void;
  /** Set when the step failed although the resource exists; what it left is kept. */
  partialFailure?: Error;
}

export abstract class Step {
  abstract readonly op: StepOp;
  /** False for the parts of a replacement, which are not counted. */
  readonly logical: boolean = true;
  readonly keys: string[] = [];
  readonly diffs: string[] = [];

  constructor(
    readonly old: ResourceState | undefined,
    readonly new_: ResourceState | undefined,
  ) {}

  /** The state the step is about. */
  get resource(): ResourceState {
    return (this.new_ ?? this.old) as ResourceState;
  }

  get urn(): string {
    return this.resource.urn;
  }

  abstract apply(context: StepContext): Promise<Applied>;
}

export class SameStep extends Step {
  readonly op = "same";

  constructor(
    override readonly old: ResourceState,
    override readonly new_: ResourceState,
    private readonly done?: Complete,
  ) {
    super(old, new_);
  }

  async apply(context: StepContext): Promise<Applied> {
    this.new_.id = this.old.id;
    this.new_.outputs = this.old.outputs;
    if (isProviderType(this.new_.type)) await context.registry.same(this.new_, this.old.inputs);
    return { complete: () => this.done?.(this.new_) };
  }
}

export class CreateStep extends Step {
  readonly op: StepOp;
  override readonly logical: boolean;

  constructor(
    old: ResourceState | undefined,
    override readonly new_: ResourceState,
    private readonly done: Complete,
    override readonly keys: string[] = [],
    override readonly diffs: string[] = [],
  ) {
    super(old, new_);
    this.op = old ? "create-replacement" : "create";
    this.logical = !old;
  }

  async apply(context: StepContext): Promise<Applied> {
    const state = this.new_;
    let result: OperationResult = { id: "", outputs: {} };
    if (state.custom) {
      result = isProviderType(state.type)
        ? await context.registry.create(state.urn, state.inputs, context.preview)
        : await (await context.providerFor(state)).create(
            state.urn,
            state.inputs,
            state.customTimeouts.create,
            context.preview,
          );
      state.outputs = result.outputs;
    }
    state.id = result.id;
    state.created = state.modified = context.now();
    // What is replaced is deleted after everything else.
    if (this.old) this.old.delete = true;
    return finish(state, result, this.done);
  }
}

export class UpdateStep extends Step {
  readonly op = "update";

  constructor(
    override readonly old: ResourceState,
    override readonly new_: ResourceState,
    private readonly done: Complete,
    override readonly diffs: string[],
    private readonly ignoreChanges: string[],
  ) {
    super(old, new_);
  }

  async apply(context: StepContext): Promise<Applied> {
    const { old, new_: state } = this;
    Object.assign(state, { id: old.id, created: old.created, modified: old.modified });
    let result: OperationResult = { id: old.id, outputs: {} };
    if (state.custom) {
      result = isProviderType(state.type)
        ? await context.registry.update(state.urn, old.id, state.inputs)
        : await (await context.providerFor(state)).update({ urn: state.urn, id: old.id }, old, state.inputs, {
            preview: context.preview,
            ignoreChanges: this.ignoreChanges,
            timeout: state.customTimeouts.update,
          });
      state.outputs = result.outputs;
      state.modified = context.now();
    }
    const applied = finish(state, result, this.done);
    // What exists was not made with the new inputs: the old ones are kept, with the new outputs.
    if (applied.partialFailure) state.inputs = { ...old.inputs };
    return applied;
  }
}

function finish(state: ResourceState, result: OperationResult, done: Complete): Applied {
  if (!result.initError) return { complete: () => done(state) };
  state.initErrors = result.initError.reasons;
  return { partialFailure: result.initError };
}

/** Reports that a resource is replaced; create and delete steps do it. */
export class ReplaceStep extends Step {
  readonly op = "replace";

  constructor(
    old: ResourceState,
    new_: ResourceState,
    override readonly keys: string[] = [],
    override readonly diffs: string[] = [],
  ) {
    super(old, new_);
  }

  async apply(): Promise<Applied> {
    return {};
  }
}

export class DeleteStep extends Step {
  override readonly logical: boolean;

  constructor(
    override readonly old: ResourceState,
    /** A replacement for it exists. */
    replaced = false,
  ) {
    super(old, undefined);
    this.logical = !replaced;
  }

  get op(): StepOp {
    if (this.old.external) return this.logical ? "discard" : "discard-replaced";
    return this.logical ? "delete" : "delete-replaced";
  }

  async apply(context: StepContext): Promise<Applied> {
    const { old } = this;
    if (this.logical && old.protect) throw new DeleteProtectedError(old.urn);
    if (!context.preview && this.reachesProvider(context)) {
      if (isProviderType(old.type)) await context.registry.delete(`${old.urn}::${old.id}`);
      else await (await context.providerFor(old)).delete(old, old, old.customTimeouts.delete);
    }
    return {};
  }

  private reachesProvider(context: StepContext): boolean {
    const { old } = this;
    const goesWithAnother = old.deletedWith !== "" && context.deletes.has(old.deletedWith);
    return old.custom && !old.external && !old.retainOnDelete && !goesWithAnother;
  }
}

export class DeleteProtectedError extends Error {
  override readonly name = "DeleteProtectedError";

  constructor(urn: string) {
    super(
      `resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, remove the \`protect\` ` +
        "flag from the resource in your Pulumi program and run `up`",
    );
  }
}

/** Reads a resource that the stack does not own (`get`). */
export class ReadStep extends Step {
  readonly op: StepOp;
  override readonly logical: boolean;

  constructor(
    old: ResourceState | undefined,
    override readonly new_: ResourceState,
    private readonly done: Complete,
    private readonly replacing = false,
  ) {
    super(old, new_);
    this.op = replacing ? "read-replacement" : "read";
    this.logical = !replacing;
  }

  async apply(context: StepContext): Promise<Applied> {
    const state = this.new_;
    const provider = await context.providerFor(state);
    const result = await provider.read(state, { inputs: state.inputs, outputs: state.inputs });
    if (result.id === "") throw new Error(`resource '${state.id}' does not exist`);
    state.id = result.id;
    state.outputs = result.outputs;
    if (this.old && this.replacing) this.old.delete = true;
    if (this.old) Object.assign(state, { created: this.old.created, modified: this.old.modified });
    return finish(state, result, this.done);
  }
}
