import fc from "fast-check";
import { expect, test } from "vitest";
import { Deployment } from "../../../engine/deployment";
import { EventStream } from "../../../engine/events";
import { InProcessEngine, MemoryStore } from "../../../engine/inProcess";
import { ProviderRegistry } from "../../../engine/providerRegistry";
import { dependencyUrns, makeGoal, type Snapshot } from "../../../engine/resourceState";
import { replay, type SnapshotChange, SnapshotManager } from "../../../engine/snapshotManager";
import { isProviderType, parseProviderReference, rootStackType } from "../../../engine/urn";
import { type Declared, FakeProvider, type Fault, program } from "./support/fakeProvider";

const names = ["a", "b", "c", "d"];

/** Up to four resources; each may use those before it, and has one property that updates and one that replaces. */
const programs = fc
  .tuple(...names.map(() => fc.option(fc.record({ size: fc.nat(2), fixed: fc.nat(1), uses: fc.subarray([0, 1, 2]) }))))
  .map((slots): Declared[] => {
    const present = names.filter((_, index) => slots[index]);
    return present.map((name) => {
      const { size = 0, fixed = 0, uses = [] } = slots[names.indexOf(name)] ?? {};
      const used = uses.filter((other) => other < names.indexOf(name) && slots[other]).map((other) => names[other]);
      return { name, properties: { size, fixed }, uses: used as string[] };
    });
  });

const faults = fc.array(
  fc
    .record({
      method: fc.constantFrom("check", "diff", "create", "read", "update", "delete"),
      name: fc.constantFrom(...names),
      kind: fc.constantFrom("fails", "leaves"),
    })
    .map((fault): Fault => {
      const leaves = fault.kind === "leaves" && (fault.method === "create" || fault.method === "update");
      return {
        ...fault,
        ...(leaves ? { kind: "leaves", id: "", properties: { half: true } } : { kind: "fails" }),
      } as Fault;
    }),
  { maxLength: 2 },
);

const commands = fc.array(
  fc.record({
    kind: fc.constantFrom("up", "up", "up", "preview", "refresh", "destroy", "crash"),
    program: programs,
    faults,
    crashAfter: fc.nat(12),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Each resource comes after those it depends on, and no URN occurs twice among those that are not to be deleted. */
function checkOrder({ resources }: Snapshot): void {
  const seen = new Set<string>();
  const current = new Set<string>();
  for (const state of resources) {
    const needs = [...dependencyUrns(state), state.parent].filter((urn) => urn !== "");
    if (state.provider !== "") needs.push(parseProviderReference(state.provider).urn);
    for (const urn of needs) expect(seen).toContain(urn);
    if (!state.delete) expect(current).not.toContain(state.urn);
    if (!state.delete) current.add(state.urn);
    seen.add(state.urn);
  }
}

test("loses nothing that a provider made, if calls fail or the engine is killed at any point", async () => {
  const counts: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const provider = new FakeProvider();
      let store = new MemoryStore();
      for (const step of steps) {
        provider.faults = step.faults;
        const engine = new InProcessEngine({ loadProvider: async () => provider, store, parallel: 2 });
        counts[step.kind] = (counts[step.kind] ?? 0) + 1;
        if (step.kind === "up") await engine.up(program(step.program));
        if (step.kind === "preview") {
          const before = store.load();
          await engine.preview(program(step.program));
          expect(store.load()).toEqual(before);
        }
        if (step.kind === "refresh") await engine.refresh();
        if (step.kind === "destroy") await engine.destroy();
        if (step.kind === "crash") {
          const dying = store;
          const until = dying.appends + step.crashAfter;
          const done = engine.up(program(step.program)).then(() => true);
          while (dying.appends < until && !(await Promise.race([done, tick()])));
          store = dying.crash();
        }
        const snapshot = store.load();
        checkOrder(snapshot);
        const known = new Set(snapshot.resources.map(({ id }) => id));
        const pending = new Set(snapshot.pendingOperations.map(({ resource }) => resource.urn));
        for (const [id, name] of provider.alive) {
          const interrupted = [...pending].some((urn) => urn.endsWith(`::${name}`));
          expect(known.has(id) || interrupted, `${id} is in state`).toBe(true);
        }
      }
      // Without faults, the engine reaches what is asked for, and deletes everything it knows of.
      provider.faults = [];
      const engine = new InProcessEngine({ loadProvider: async () => provider, store });
      expect((await engine.up(program([{ name: "a", properties: { size: 1 } }]))).errors).toEqual([]);
      const ours = store.load().resources.filter(({ type }) => type !== rootStackType && !isProviderType(type));
      expect(ours.map(({ urn }) => urn.split("::").at(-1))).toEqual(["a"]);
      expect((await engine.destroy()).errors).toEqual([]);
      expect(store.load().resources).toEqual([]);
    }),
    { numRuns: 150, seed: 20251 },
  );
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(20);
});

const tick = (): Promise<false> => new Promise((resolve) => setImmediate(() => resolve(false)));

test("the journal holds the same state as memory after each step", async () => {
  const provider = new FakeProvider();
  const store = new MemoryStore();
  const engine = new InProcessEngine({ loadProvider: async () => provider, store });
  await engine.up(program([{ name: "a", properties: { fixed: 1 } }, { name: "b", uses: ["a"] }, { name: "c" }]));

  const base = store.load();
  const written: SnapshotChange[] = [];
  const compared: [Snapshot, Snapshot][] = [];
  const manager = new SnapshotManager(base, {
    append: async (changes) => {
      written.push(...structuredClone(changes));
      compared.push([replay(store.load(), written), structuredClone(manager.snapshot())]);
    },
    rewrite: async () => {},
  });
  const deployment = new Deployment({
    stack: "dev",
    project: "shop",
    preview: false,
    parallel: 1,
    snapshot: base,
    registry: new ProviderRegistry(async () => provider),
    snapshotManager: manager,
    observer: new EventStream(() => {}, "update"),
    providerConfig: () => ({}),
  });
  const wanted = program([{ name: "a", properties: { fixed: 2 } }, { name: "b", uses: ["a"] }, { name: "d" }]);
  await deployment.update(async (port) => {
    const root = await port.register(makeGoal({ type: rootStackType, name: "shop-dev", custom: false }));
    await wanted(port, root.urn);
  });
  expect(deployment.failed).toBe(false);
  expect(compared.length).toBeGreaterThan(8);
  for (const [replayed, inMemory] of compared) expect(replayed).toEqual(inMemory);
});
