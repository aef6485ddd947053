import type { OperationType, PendingOperation, ResourceState, Snapshot } from "./resourceState";
import { SameStep, type Step } from "./steps";
import { deepEquals, type PropertyValue } from "./values";

/**
 * One change of the state, small enough to be written at every step. Resources and operations are known by numbers:
 * those of the snapshot the deployment began with by their position, new ones by the next free number.
 */
export type SnapshotChange =
  | { kind: "begin"; operation: number; type: OperationType; resource: ResourceState }
  | { kind: "end"; operation: number }
  | { kind: "add"; number: number; resource: ResourceState }
  /** The resource `from` is unchanged, and moves to the place where it was registered now. */
  | { kind: "move"; number: number; from: number }
  | { kind: "remove"; number: number }
  | { kind: "change"; number: number; resource: ResourceState };

/** Where changes are kept. Both methods resolve only when a crash can no longer lose what they were given. */
export interface SnapshotPersister {
  append(changes: SnapshotChange[]): Promise<void>;
  rewrite(snapshot: Snapshot): Promise<void>;
}

const operationTypes: Partial<Record<Step["op"], OperationType>> = {
  create: "creating",
  "create-replacement": "creating",
  update: "updating",
  delete: "deleting",
  "delete-replaced": "deleting",
  read: "reading",
  "read-replacement": "reading",
};

/**
 * Keeps the state on disk in step with what is done: an operation is recorded before the provider is called, and its
 * result before anything that depends on it goes on.
 */
export class SnapshotManager {
  private base: ResourceState[];
  private readonly basePending: PendingOperation[];
  private readonly added: ResourceState[] = [];
  private readonly removed = new Set<ResourceState>();
  private readonly numbers = new Map<ResourceState, number>();
  private readonly operations = new Map<number, PendingOperation>();
  private nextOperation = 0;
  /** Moves wait for the next change that matters: losing one loses nothing. */
  private moves: SnapshotChange[] = [];
  private dirty = false;

  constructor(
    snapshot: Snapshot,
    private readonly persister: SnapshotPersister,
  ) {
    this.base = snapshot.resources;
    this.basePending = snapshot.pendingOperations;
    for (const resource of this.base) this.numbers.set(resource, this.numbers.size);
  }

  /** Records that a step begins. @returns a function that records how it ended */
  async begin(step: Step): Promise<(succeeded: boolean) => Promise<void>> {
    const type = operationTypes[step.op];
    if (type === undefined) return (succeeded) => this.endQuietly(step, succeeded);
    const operation = this.nextOperation++;
    const resource = step.resource;
    this.operations.set(operation, { resource, type });
    await this.write([{ kind: "begin", operation, type, resource }]);
    return (succeeded) => {
      this.operations.delete(operation);
      const changes: SnapshotChange[] = [{ kind: "end", operation }];
      if (succeeded) changes.push(...this.apply(step));
      return this.write(changes);
    };
  }

  /** The outputs a component or the stack registered after its own step. */
  async outputsRegistered(resource: ResourceState): Promise<void> {
    const number = this.numbers.get(resource);
    if (number !== undefined) await this.write([{ kind: "change", number, resource }]);
  }

  /** Writes the result of all steps into one file. */
  async finish(): Promise<void> {
    if (this.dirty) await this.persister.rewrite(this.snapshot());
  }

  /** A refresh has replaced the resources that the deployment began with. */
  async rebase(resources: ResourceState[]): Promise<void> {
    this.base = resources;
    this.numbers.clear();
    for (const resource of [...this.base, ...this.added]) this.numbers.set(resource, this.numbers.size);
    this.dirty = true;
    await this.persister.rewrite(this.snapshot());
  }

  /** Pending creates stay until a refresh is told to clear them: only the user can know what became of them. */
  snapshot(): Snapshot {
    const resources = [...this.added, ...this.base].filter((resource) => !this.removed.has(resource));
    const creating = this.basePending.filter(({ type }) => type === "creating");
    return { resources, pendingOperations: [...this.operations.values(), ...creating] };
  }

  private async endQuietly(step: Step, succeeded: boolean): Promise<void> {
    if (!succeeded) return;
    const from = step.old && this.numbers.get(step.old);
    const changes = this.apply(step);
    if (step instanceof SameStep && from !== undefined && !mustWrite(step.old, step.new_)) {
      this.moves.push({ kind: "move", number: this.numbers.get(step.new_) as number, from });
    } else {
      await this.write(changes);
    }
  }

  private async write(changes: SnapshotChange[]): Promise<void> {
    if (changes.length === 0) return;
    this.dirty = true;
    const moves = this.moves;
    this.moves = [];
    await this.persister.append([...moves, ...changes]);
  }

  private apply(step: Step): SnapshotChange[] {
    const { old, new_ } = step;
    switch (step.op) {
      case "replace":
      case "refresh":
        return [];
      case "create":
      case "create-replacement":
      case "read-replacement":
        return [...this.add(new_), ...this.change(old)];
      case "delete":
      case "delete-replaced":
      case "discard":
      case "discard-replaced":
        return this.remove(old);
      default:
        return [...this.remove(old), ...this.add(new_)];
    }
  }

  private add(resource: ResourceState | undefined): SnapshotChange[] {
    if (!resource) return [];
    const number = this.numbers.size;
    this.numbers.set(resource, number);
    this.added.push(resource);
    return [{ kind: "add", number, resource }];
  }

  private remove(resource: ResourceState | undefined): SnapshotChange[] {
    const number = resource && this.numbers.get(resource);
    if (!resource || number === undefined) return [];
    this.removed.add(resource);
    return [{ kind: "remove", number }];
  }

  private change(resource: ResourceState | undefined): SnapshotChange[] {
    const number = resource && this.numbers.get(resource);
    return resource && number !== undefined ? [{ kind: "change", number, resource }] : [];
  }
}

const comparedFields = [
  "urn",
  "type",
  "custom",
  "customTimeouts",
  "retainOnDelete",
  "provider",
  "parent",
  "deletedWith",
  "replaceWith",
  "protect",
  "inputs",
  "outputs",
] as const satisfies (keyof ResourceState)[];

/** An unchanged resource may still have got another parent, other options or other dependencies. */
function mustWrite(old: ResourceState, new_: ResourceState): boolean {
  const sorted = (state: ResourceState): PropertyValue => [...state.dependencies].sort();
  return (
    comparedFields.some((field) => !deepEquals(old[field] as PropertyValue, new_[field] as PropertyValue)) ||
    !deepEquals(sorted(old), sorted(new_))
  );
}

/** The state after these changes, which {@link SnapshotManager} wrote. */
export function replay(base: Snapshot, changes: Iterable<SnapshotChange>): Snapshot {
  const resources = new Map(base.resources.map((resource, number) => [number, resource]));
  const added: number[] = [];
  const operations = new Map<number, PendingOperation>();
  const pending = base.pendingOperations.filter(({ type }) => type === "creating");
  let any = false;
  for (const change of changes) {
    any = true;
    if (change.kind === "begin") operations.set(change.operation, { resource: change.resource, type: change.type });
    else if (change.kind === "end") operations.delete(change.operation);
    else if (change.kind === "remove") resources.delete(change.number);
    else if (change.kind === "change") resources.set(change.number, change.resource);
    else {
      const resource = change.kind === "move" ? resources.get(change.from) : change.resource;
      if (change.kind === "move") resources.delete(change.from);
      if (!resource) continue;
      resources.set(change.number, resource);
      added.push(change.number);
    }
  }
  if (!any) return base;
  const order = [...added, ...base.resources.keys()].filter((number) => resources.has(number));
  return {
    resources: order.map((number) => resources.get(number) as ResourceState),
    pendingOperations: [...operations.values(), ...pending],
  };
}
