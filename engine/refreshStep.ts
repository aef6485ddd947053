import type { Difference } from "./resourceProvider";
import type { ResourceState } from "./resourceState";
import { type Applied, Step, type StepContext, type StepOp } from "./steps";
import { isProviderType } from "./urn";
import { deepEquals, type PropertyMap } from "./values";

/** Brings state up to what the provider says exists. */
export class RefreshStep extends Step {
  readonly op = "refresh";
  override readonly logical = false;
  /** The refreshed state; undefined when the resource is gone. */
  refreshed: ResourceState | undefined;
  private difference: Difference | undefined;

  constructor(override readonly old: ResourceState) {
    super(old, undefined);
    this.refreshed = old;
  }

  /** What the refresh found, in terms of operations. */
  get resultOp(): StepOp {
    if (!this.refreshed) return "delete";
    if (this.refreshed === this.old) return "same";
    if (this.old.external) return deepEquals(this.old.outputs, this.refreshed.outputs) ? "same" : "update";
    return this.difference?.changed ? "update" : "same";
  }

  async apply(context: StepContext): Promise<Applied> {
    const { old } = this;
    if (!old.custom || isProviderType(old.type)) return {};
    const provider = await context.providerFor(old);
    const { id, outputs, inputs: newInputs, initError } = await provider.read(old, old);
    if (initError) {
      const reasons = initError.reasons.map((reason) => `\n* ${reason}`).join("");
      context.warn(old.urn, `Refreshed resource is in an unhealthy state:${reasons}`);
    }
    if (id === "") {
      this.refreshed = undefined;
      return {};
    }
    const inputs: PropertyMap = newInputs ?? old.inputs;
    const refreshed = { ...old, id, inputs, outputs, initErrors: initError?.reasons ?? [] };
    if (!deepEquals(inputs, old.inputs) || !deepEquals(outputs, old.outputs)) refreshed.modified = context.now();
    this.refreshed = refreshed;
    // What an `up` right after this would see: the refreshed state as old, the program's last inputs as new.
    if (!old.external) {
      this.difference = await provider.diff({ urn: old.urn, id }, refreshed, old.inputs, {
        preview: context.preview,
        ignoreChanges: old.ignoreChanges,
      });
      this.diffs.push(...this.difference.changedKeys);
    }
    return {};
  }
}
