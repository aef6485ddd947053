import { previousUrns } from "./aliases";
import type { BaseState } from "./baseState";
import { parsePropertyPath, resetAtPath } from "./propertyPath";
import type { CheckFailure } from "./providerPort";
import type { Checked, Difference, ResourceProvider } from "./resourceProvider";
import { type Goal, makeState, type ResourceState } from "./resourceState";
import {
  type Complete,
  CreateStep,
  DeleteStep,
  ReadStep,
  ReplaceStep,
  SameStep,
  type Step,
  type StepContext,
  UpdateStep,
} from "./steps";
import { createUrn, isProviderType } from "./urn";
import { changedKeys, deepEquals, isSecret, type PropertyMap, type PropertyValue } from "./values";

/** Stops step generation; the error has been reported. */
export class Bail extends Error {
  override readonly name = "Bail";
}

export interface GeneratorContext extends StepContext {
  readonly stack: string;
  readonly project: string;
  readonly base: BaseState;
  /** URNs to be replaced although nothing changed. */
  readonly replaceTargets: ReadonlySet<string>;
  error(urn: string, message: string): void;
  info(urn: string, message: string): void;
}

export interface ReadRequest {
  id: string;
  type: string;
  name: string;
  parent: string;
  provider: string;
  properties: PropertyMap;
  dependencies: string[];
  additionalSecretOutputs: string[];
}

/**
 * Turns registrations into steps, one at a time: which of create, update, replace or same it is, and in which order the
 * provider is called. It follows Pulumi's own step generator, without deletions before a replacement.
 */
export class StepGenerator {
  readonly urns = new Set<string>();
  readonly deletes = new Set<string>();
  /** Found by an alias: old URN to new, and new to old. */
  readonly aliased = new Map<string, string>();
  private readonly aliases = new Map<string, string>();
  private readonly operations = {
    sames: new Set<string>(),
    creates: new Set<string>(),
    updates: new Set<string>(),
    replaces: new Set<string>(),
    reads: new Set<string>(),
  };

  constructor(private readonly context: GeneratorContext) {}

  async stepsFor(goal: Goal, done: Complete): Promise<Step[]> {
    const urn = this.claimUrn(goal);
    const found = this.findOld(goal, urn);
    const old = found.old;
    const state = newState(goal, urn, old, found.alias);
    const provider = await this.loadProvider(state);
    const wasExternal = old?.external === true;
    const forced = this.isTargetedReplace(urn, old);

    let invalid = found.invalid;
    if (state.custom) {
      const fresh = wasExternal || forced || !old;
      const news = old && !fresh ? this.withIgnoredChanges(goal, urn, old) : goal.properties;
      const checked = await this.check(urn, provider, fresh ? undefined : old?.inputs, news);
      invalid = this.reportFailures(state, checked.failures) || invalid;
      state.inputs = checked.inputs;
    } else if (old) {
      state.inputs = this.withIgnoredChanges(goal, urn, old);
    }
    if (invalid) throw new Bail(`resource ${urn} is invalid`);

    if (old && wasExternal) {
      this.operations.creates.add(urn);
      return [new CreateStep(old, state, done), new ReplaceStep(old, state)];
    }
    if (old) return this.stepsFromDiff(goal, old, state, provider, done);
    this.operations.creates.add(urn);
    return [new CreateStep(undefined, state, done)];
  }

  stepsForRead(request: ReadRequest, done: Complete): Step[] {
    const urn = this.claimUrn(request);
    const old = this.context.base.olds.get(urn);
    const state = makeState({
      urn,
      type: request.type,
      id: request.id,
      inputs: request.properties,
      outputs: {},
      parent: request.parent,
      external: true,
      dependencies: request.dependencies,
      provider: request.provider,
      additionalSecretOutputs: request.additionalSecretOutputs,
    });
    if (request.id === "") throw new Error(`Expected an ID for ${urn}`);
    if (old && !old.external && old.id !== request.id) {
      this.operations.replaces.add(urn);
      return [new ReadStep(old, state, done, true), new ReplaceStep(old, state)];
    }
    this.operations.reads.add(urn);
    return [new ReadStep(old, state, done)];
  }

  /** Deletions of what is pending deletion or was not registered; sorted by {@link scheduleDeletes}. */
  deleteSteps(): Step[] {
    const steps: Step[] = [];
    for (const resource of this.context.base.resources) {
      if (resource.delete) {
        steps.push(new DeleteStep(resource, true));
      } else if (!this.isOperatedOn(resource.urn)) {
        steps.push(new DeleteStep(resource));
      } else {
        continue;
      }
      this.deletes.add(resource.urn);
    }
    return steps;
  }

  private claimUrn(resource: { parent: string; type: string; name: string }): string {
    const { stack, project } = this.context;
    if (resource.parent !== "" && !this.urns.has(resource.parent)) {
      throw new Error(`could not find parent resource ${resource.parent}`);
    }
    const urn = createUrn(stack, project, resource.parent, resource.type, resource.name);
    if (this.urns.has(urn)) {
      this.context.error(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
      throw new Bail(`duplicate resource URN ${urn}`);
    }
    this.urns.add(urn);
    return urn;
  }

  private findOld(
    goal: Goal,
    urn: string,
  ): { old: ResourceState | undefined; alias: string | undefined; invalid: boolean } {
    let invalid = false;
    const claimed = this.aliased.get(urn);
    if (claimed !== undefined) {
      invalid = true;
      this.context.error(
        urn,
        `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimed}'`,
      );
    }
    const { stack, project } = this.context;
    const candidates = previousUrns(goal, { stack, project, aliasOf: (other) => this.aliases.get(other) });
    // The URN itself comes first: otherwise the wrong resource could be picked.
    for (const candidate of [urn, ...candidates]) {
      const old = this.context.base.olds.get(candidate);
      if (!old) continue;
      if (candidate === urn) return { old, alias: undefined, invalid };
      const rival = this.urns.has(candidate) ? urn : this.aliased.get(candidate);
      if (rival !== undefined) {
        invalid = true;
        this.context.error(
          urn,
          `Duplicate resource alias '${candidate}' applied to resource with URN '${urn}' conflicting with resource with ` +
            `URN '${rival}'`,
        );
      }
      this.aliased.set(candidate, urn);
      this.aliases.set(urn, candidate);
      this.context.registry.registerAlias(urn, candidate);
      return { old, alias: candidate, invalid };
    }
    return { old: undefined, alias: undefined, invalid };
  }

  private async loadProvider(state: ResourceState): Promise<ResourceProvider | undefined> {
    return state.custom && !isProviderType(state.type) ? this.context.providerFor(state) : undefined;
  }

  private isTargetedReplace(urn: string, old: ResourceState | undefined): boolean {
    return this.context.replaceTargets.has(urn) || old?.taint === true;
  }

  private withIgnoredChanges(goal: Goal, urn: string, old: ResourceState): PropertyMap {
    const inputs = structuredClone(goal.properties);
    const invalid = goal.ignoreChanges.filter((text) => {
      const path = parsePropertyPath(text);
      return path && !resetAtPath(path, old.inputs, inputs);
    });
    if (invalid.length > 0) {
      const paths = JSON.stringify(invalid.join(", "));
      this.context.info(urn, `cannot ignore changes in added or removed elements of the path: ${paths}`);
    }
    return inputs;
  }

  private async check(
    urn: string,
    provider: ResourceProvider | undefined,
    olds: PropertyMap | undefined,
    news: PropertyMap,
  ): Promise<Checked> {
    return (provider ?? this.context.registry).check(urn, olds, news, this.context.preview);
  }

  private reportFailures(state: ResourceState, failures: CheckFailure[]): boolean {
    const { urn, type } = state;
    const name = urn.slice(urn.lastIndexOf("::") + 2);
    for (const { property, reason } of failures) {
      const problem =
        property === ""
          ? `${type} resource '${name}' has a problem: ${reason}`
          : `${type} resource '${name}': property ${property} value ${describe(state.inputs[property])} has a problem: ${reason}`;
      this.context.error(urn, problem);
    }
    return failures.length > 0;
  }

  private async stepsFromDiff(
    goal: Goal,
    old: ResourceState,
    state: ResourceState,
    provider: ResourceProvider | undefined,
    done: Complete,
  ): Promise<Step[]> {
    const { urn } = state;
    const difference = await this.diff(goal, old, state, provider);
    if (difference.changed && difference.replaceKeys.length > 0) {
      return this.replace(goal, old, state, provider, difference, done);
    }
    // What is unchanged, but whose last operation ended half-way, is updated too, so that the provider can finish it.
    if (difference.changed || old.initErrors.length > 0) {
      this.operations.updates.add(urn);
      return [new UpdateStep(old, state, done, difference.changedKeys, goal.ignoreChanges)];
    }
    this.operations.sames.add(urn);
    return [new SameStep(old, state, done)];
  }

  private async diff(
    goal: Goal,
    old: ResourceState,
    state: ResourceState,
    provider: ResourceProvider | undefined,
  ): Promise<Difference> {
    const { urn } = state;
    const { replaces } = this.operations;
    if (this.isTargetedReplace(urn, old)) return replaceBecause("id");
    if (state.replaceWith.some((other) => replaces.has(other))) return replaceBecause("replaceWith");
    if (state.deletedWith !== "" && replaces.has(state.deletedWith)) return replaceBecause("deletedWith");
    if (this.providerChanged(old, state)) return replaceBecause("provider");
    if (isProviderType(state.type)) return this.context.registry.diff(urn, old, state.inputs, this.context.preview);
    if (!provider) {
      const keys = deepEquals(old.inputs, state.inputs) ? [] : changedKeys(old.inputs, state.inputs);
      const changed = !deepEquals(old.inputs, state.inputs);
      return { changed, changedKeys: keys, replaceKeys: [] };
    }
    const identity = { urn, id: old.id };
    return provider.diff(identity, old, state.inputs, {
      preview: this.context.preview,
      ignoreChanges: goal.ignoreChanges,
    });
  }

  /** Only a change between component and custom resource counts: no provider here asks to be replaced. */
  private providerChanged(old: ResourceState, state: ResourceState): boolean {
    if (old.provider === state.provider) return false;
    return old.provider === "" || state.provider === "";
  }

  private async replace(
    goal: Goal,
    old: ResourceState,
    state: ResourceState,
    provider: ResourceProvider | undefined,
    difference: Difference,
    done: Complete,
  ): Promise<Step[]> {
    const { urn } = state;
    if (state.protect && old.protect) {
      const message =
        `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
        "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
      this.context.error(urn, message);
      if (!this.context.preview) throw new Bail(message);
    }
    this.operations.replaces.add(urn);

    // A replacement starts afresh: defaults taken over from the old inputs are computed again.
    if (state.custom && !this.isTargetedReplace(urn, old)) {
      const checked = await this.check(urn, provider, undefined, goal.properties);
      if (this.reportFailures(state, checked.failures)) throw new Bail(`resource ${urn} has check errors`);
      state.inputs = checked.inputs;
    }
    const { replaceKeys: keys, changedKeys: diffs } = difference;
    // The old one is deleted at the end, after everything that depended on it has been updated.
    return [new CreateStep(old, state, done, keys, diffs), new ReplaceStep(old, state, keys, diffs)];
  }

  private isOperatedOn(urn: string): boolean {
    const current = this.aliased.get(urn) ?? urn;
    const { sames, updates, replaces, reads } = this.operations;
    return sames.has(current) || updates.has(current) || replaces.has(current) || reads.has(current);
  }
}

/** A replacement that the engine decides, without asking the provider. */
function replaceBecause(key: string): Difference {
  return { changed: true, replaceKeys: [key], changedKeys: [] };
}

function newState(goal: Goal, urn: string, old: ResourceState | undefined, alias: string | undefined): ResourceState {
  return makeState({
    urn,
    type: goal.type,
    custom: goal.custom,
    inputs: structuredClone(goal.properties),
    parent: goal.parent,
    provider: goal.provider,
    dependencies: goal.dependencies,
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    aliases: alias === undefined ? [] : [alias],
    protect: goal.protect ?? false,
    retainOnDelete: goal.retainOnDelete ?? false,
    deletedWith: goal.deletedWith,
    replaceWith: goal.replaceWith,
    ignoreChanges: goal.ignoreChanges,
    customTimeouts: goal.customTimeouts,
    created: old?.created,
    modified: old?.modified,
  });
}

/** A value as Pulumi prints it in a failed check: secrets hidden. */
function describe(value: PropertyValue | undefined): string {
  if (value === undefined || value === null) return "{<nil>}";
  if (typeof value === "string") return `{${value}}`;
  return `{${JSON.stringify(value, (_key, node: PropertyValue) => (isSecret(node) ? "[secret]" : node))}}`;
}
