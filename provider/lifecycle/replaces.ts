import type { BillReason } from "../bill/billFile";

/**
 * Which resources are replaced. The engine checks the new inputs of one that is in state together with the old ones, and
 * then, if it is replaced, as of a new one. Where `--replace` or a taint asks for it, the engine checks it as a new one
 * only: nothing tells that from a create.
 */
export class Replaces {
  private readonly inState = new Set<string>();
  private readonly conditions = new Map<string, readonly string[]>();

  /** It was checked together with its old inputs. */
  seenInState(urn: string | undefined): void {
    if (urn === undefined) return;
    this.inState.add(urn);
    this.conditions.delete(urn);
  }

  /** It is replaced only if one of these inputs, which are not known yet, turns out to be another. */
  onlyIfChanged(urn: string | undefined, names: readonly string[]): void {
    if (urn !== undefined) this.conditions.set(urn, names);
  }

  /** It is made anew, or no longer there. */
  forget(urn: string | undefined): void {
    if (urn === undefined) return;
    this.inState.delete(urn);
    this.conditions.delete(urn);
  }

  /** Why making it bills. */
  whyMade(urn: string | undefined): { reason: BillReason; ifChanged?: readonly string[] } {
    if (urn === undefined || !this.inState.has(urn)) return { reason: "create" };
    const ifChanged = this.conditions.get(urn);
    return { reason: "replace", ...(ifChanged === undefined ? {} : { ifChanged }) };
  }
}
