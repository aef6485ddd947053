import { InProcessEngine, type InProcessProgram, MemoryStore } from "../../../../engine/inProcess";
import { type Capabilities, InitError, type ProviderPort } from "../../../../engine/providerPort";
import { type Goal, makeGoal, type ResourceState } from "../../../../engine/resourceState";
import { changedKeys, type PropertyMap } from "../../../../engine/values";

type Method = "check" | "diff" | "create" | "read" | "update" | "delete";

/** What a method does for a resource instead of succeeding. */
export type Fault = { method: Method; name: string } & (
  | { kind: "fails" }
  | { kind: "leaves"; id: string; properties: PropertyMap }
  | { kind: "waits"; until: Promise<void> }
);

export const thingType = "pulumi-nodejs:dynamic/test:Thing";

/**
 * A provider that keeps its resources in memory and records its calls. Properties whose name starts with `fixed`
 * replace; `gone` are ids that `read` no longer finds.
 */
export class FakeProvider implements ProviderPort {
  readonly calls: string[] = [];
  readonly args: { method: string; name: string; args: object }[] = [];
  readonly alive = new Map<string, string>();
  readonly gone = new Set<string>();
  faults: Fault[] = [];
  private made = 0;

  /** Calls of `cancel`. */
  cancelled = 0;
  capabilities: Capabilities | undefined;

  async configure(): Promise<Capabilities | undefined> {
    return this.capabilities;
  }

  async cancel(): Promise<void> {
    this.cancelled++;
  }

  async close(): Promise<void> {}

  check: ProviderPort["check"] = async (request) => {
    await this.called("check", nameOf(request.urn), request);
    return { inputs: structuredClone(request.news), failures: [] };
  };

  diff: ProviderPort["diff"] = async (request) => {
    await this.called("diff", nameOf(request.urn), request);
    const keys = changedKeys(request.oldInputs, request.news);
    const replaces = keys.filter((key) => key.startsWith("fixed"));
    const changes = keys.length > 0 ? "some" : "none";
    return { changes, replaces };
  };

  create: ProviderPort["create"] = async (request) => {
    const name = nameOf(request.urn);
    const id = `${name}-${++this.made}`;
    await this.called("create", name, request, id);
    this.alive.set(id, name);
    return { id, properties: { ...structuredClone(request.properties), made: id } };
  };

  read: ProviderPort["read"] = async (request) => {
    await this.called("read", nameOf(request.urn), request);
    return { id: this.gone.has(request.id) ? "" : request.id, properties: structuredClone(request.properties) };
  };

  update: ProviderPort["update"] = async (request) => {
    await this.called("update", nameOf(request.urn), request, request.id);
    return { properties: { ...structuredClone(request.news), made: request.id } };
  };

  delete: ProviderPort["delete"] = async (request) => {
    await this.called("delete", nameOf(request.urn), request);
    this.alive.delete(request.id);
  };

  /** The calls since this was last asked, each as method and resource. */
  taken(): string[] {
    return this.calls.splice(0);
  }

  private async called(method: Method, name: string, args: object, id = ""): Promise<void> {
    this.calls.push(`${method} ${name}`);
    this.args.push({ method, name, args });
    for (const fault of this.faults.filter((other) => other.method === method && other.name === name)) {
      if (fault.kind === "waits") await fault.until;
      if (fault.kind === "fails") throw new Error(`${method} of ${name} failed`);
      if (fault.kind === "leaves") {
        if (method === "create") this.alive.set(fault.id || id, name);
        throw new InitError(fault.id || id, fault.properties, [`${name} is not ready`]);
      }
    }
    // A turn of the event loop, as over a socket, so that parallel operations overlap.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** A resource of a test's program; `uses` names resources whose id is an input and whose URN a dependency. */
export interface Declared {
  name: string;
  properties?: PropertyMap;
  uses?: string[];
  goal?: Partial<Goal>;
}

/** A program that registers the resources as soon as what they use is there. */
export function program(resources: Declared[]): InProcessProgram {
  return async (port, root) => {
    const made = new Map<string, Promise<ResourceState>>();
    for (const { name, properties = {}, uses = [], goal = {} } of resources) {
      const registered = Promise.all(uses.map((used) => made.get(used) as Promise<ResourceState>)).then((states) => {
        const urns = states.map(({ urn }) => urn);
        const inputs = Object.fromEntries(states.map((state) => [`uses_${nameOf(state.urn)}`, state.id || "unknown"]));
        return port.register(
          makeGoal({
            type: thingType,
            name,
            parent: root,
            properties: { ...properties, ...inputs },
            dependencies: urns,
            propertyDependencies: Object.fromEntries(states.map(({ urn }) => [`uses_${nameOf(urn)}`, [urn]])),
            ...goal,
          }),
        );
      });
      registered.catch(() => {});
      made.set(name, registered);
    }
    await Promise.all(made.values());
  };
}

export function urnOf(name: string, parentType = ""): string {
  return `urn:pulumi:dev::shop::${parentType}${thingType}::${name}`;
}

export function engineWith(provider: FakeProvider, parallel = 4) {
  const store = new MemoryStore();
  return { store, engine: new InProcessEngine({ loadProvider: async () => provider, store, parallel }) };
}
