import { beforeEach, describe, expect, test } from "vitest";
import type { InProcessEngine, MemoryStore } from "../../../engine/inProcess";
import type { ResourceState } from "../../../engine/resourceState";
import { isProviderType, rootStackType } from "../../../engine/urn";
import { makeSecret } from "../../../engine/values";
import { type Declared, engineWith, FakeProvider, program, urnOf } from "./support/fakeProvider";

let provider: FakeProvider;
let store: MemoryStore;
let engine: InProcessEngine;

beforeEach(() => {
  provider = new FakeProvider();
  ({ store, engine } = engineWith(provider));
});

function things(): ResourceState[] {
  return store.load().resources.filter(({ type }) => type !== rootStackType && !isProviderType(type));
}

function only(name: string): ResourceState {
  const found = things().filter(({ urn }) => urn.endsWith(`::${name}`));
  expect(found).toHaveLength(1);
  return found[0] as ResourceState;
}

async function ups(...resources: Declared[]) {
  return engine.up(program(resources));
}

function argumentsOf(method: string): unknown {
  return provider.args.findLast((call) => call.method === method)?.args;
}

function openable(): { opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("create", () => {
  test("waits for the resources whose outputs it uses", async () => {
    await ups({ name: "a" }, { name: "b", uses: ["a"] });
    expect(provider.taken()).toEqual(["check a", "create a", "check b", "create b"]);
    expect(only("b").inputs).toEqual({ uses_a: "a-1" });
  });

  test("runs as many operations at once as allowed, and no more", async () => {
    ({ store, engine } = engineWith(provider, 3));
    const names = Array.from({ length: 9 }, (_, index) => `a${index}`);
    const gate = openable();
    provider.faults = names.map((name) => ({ method: "create", name, kind: "waits", until: gate.opened }));
    const run = ups(...names.map((name) => ({ name })));
    // The fourth is checked, and then waits for its turn.
    await expect.poll(() => provider.calls.filter((call) => call.startsWith("check"))).toHaveLength(4);
    expect(provider.calls.filter((call) => call.startsWith("create"))).toHaveLength(3);
    gate.open();
    await run;
    expect(things()).toHaveLength(9);
    expect(provider.calls.filter((call) => call.startsWith("create"))).toHaveLength(9);
  });

  test("keeps nothing of a plain failure, and starts nothing after it", async () => {
    provider.faults = [{ method: "create", name: "a", kind: "fails" }];
    const run = await ups({ name: "a" }, { name: "b", uses: ["a"] });
    expect(run.failed).toBe(true);
    expect(run.errors).toEqual(["create of a failed", "update failed"]);
    expect(provider.taken()).toEqual(["check a", "create a"]);
    expect(things()).toEqual([]);
    expect(store.load().pendingOperations).toEqual([]);
  });

  test("waits for running operations after another one failed, and keeps their results", async () => {
    const gate = openable();
    provider.faults = [
      { method: "create", name: "slow", kind: "waits", until: gate.opened },
      { method: "create", name: "bad", kind: "fails" },
    ];
    const run = ups({ name: "slow" }, { name: "bad" }, { name: "never", uses: ["slow"] });
    await expect.poll(() => provider.calls).toContain("create bad");
    gate.open();
    expect((await run).failed).toBe(true);
    expect(things().map(({ id }) => id)).toEqual(["slow-1"]);
    expect(provider.taken()).not.toContain("check never");
  });
});

describe("update and replace", () => {
  beforeEach(async () => {
    await ups({ name: "a", properties: { size: 1, fixed: 1 } }, { name: "b", uses: ["a"] });
    provider.taken();
  });

  test("gives diff the old outputs, and update the old outputs and the new inputs", async () => {
    await ups({ name: "a", properties: { size: 2, fixed: 1 } }, { name: "b", uses: ["a"] });
    expect(provider.taken()).toEqual(["check a", "diff a", "update a", "check b", "diff b"]);
    expect(argumentsOf("update")).toMatchObject({
      id: "a-1",
      olds: { size: 1, fixed: 1, made: "a-1" },
      oldInputs: { size: 1, fixed: 1 },
      news: { size: 2, fixed: 1 },
    });
  });

  test("keeps the old inputs and the thrown outputs of a failed update", async () => {
    provider.faults = [{ method: "update", name: "a", kind: "leaves", id: "other", properties: { task: 9 } }];
    await ups({ name: "a", properties: { size: 2, fixed: 1 } }, { name: "b", uses: ["a"] });
    expect(only("a")).toMatchObject({
      id: "a-1",
      inputs: { size: 1, fixed: 1 },
      outputs: { task: 9 },
      initErrors: ["a is not ready"],
    });
  });

  test("checks again with no old inputs before a replace, creates first and deletes last", async () => {
    const run = await ups({ name: "a", properties: { size: 1, fixed: 2 } }, { name: "b", uses: ["a"] });
    expect(run.changes).toEqual({ same: 1, replace: 1, update: 1 });
    expect(provider.taken()).toEqual([
      "check a",
      "diff a",
      "check a",
      "create a",
      "check b",
      "diff b",
      "update b",
      "delete a",
    ]);
    const checks = provider.args.filter(({ method, name }) => method === "check" && name === "a").slice(-2);
    expect(checks.map(({ args }) => (args as { olds: object }).olds)).toEqual([{ size: 1, fixed: 1 }, {}]);
    expect(argumentsOf("delete")).toMatchObject({ id: "a-1", properties: { made: "a-1" } });
  });

  test("deletes the old one in a later update when the replacement ended half-way", async () => {
    const wanted: Declared[] = [
      { name: "a", properties: { size: 1, fixed: 2 } },
      { name: "b", uses: ["a"] },
    ];
    provider.faults = [{ method: "create", name: "a", kind: "leaves", id: "new-a", properties: { made: "new-a" } }];
    await ups(...wanted);
    expect(things().map(({ id, delete: gone }) => [id, gone])).toEqual([
      ["new-a", false],
      ["a-1", true],
      ["b-2", false],
    ]);

    provider.faults = [];
    provider.taken();
    await ups(...wanted);
    expect(provider.taken()).toEqual(["check a", "diff a", "update a", "check b", "diff b", "update b", "delete a"]);
    expect(things().map(({ id }) => id)).toEqual(["new-a", "b-2"]);
  });

  test("replaces rather than updates where a half-way failure left both to do", async () => {
    provider.faults = [{ method: "update", name: "a", kind: "leaves", id: "a-1", properties: { task: 9 } }];
    await ups({ name: "a", properties: { size: 2, fixed: 1 } }, { name: "b", uses: ["a"] });
    provider.faults = [];
    provider.taken();
    await ups({ name: "a", properties: { size: 2, fixed: 2 } }, { name: "b", uses: ["a"] });
    expect(provider.taken()).toEqual(expect.arrayContaining(["create a", "delete a"]));
    expect(only("a").initErrors).toEqual([]);
  });

  test("ignores changes of the properties it is told to, at any depth", async () => {
    const ignored = { ignoreChanges: ["size", "deep.list[0].x"] };
    const deep = { list: [{ x: 1, y: 1 }] };
    await ups({ name: "a", properties: { size: 1, fixed: 1, deep }, goal: ignored });
    provider.taken();
    const changed = { list: [{ x: 2, y: 1 }] };
    const run = await ups({ name: "a", properties: { size: 5, fixed: 1, deep: changed }, goal: ignored });
    expect(run.changes).toEqual({ same: 2 });
    expect(only("a").inputs).toMatchObject({ size: 1, deep });
  });
});

describe("preview", () => {
  test("calls check and diff only, and returns the planned outputs", async () => {
    await ups({ name: "a", properties: { fixed: 1 } });
    provider.taken();
    const seen: unknown[] = [];
    const run = await engine.preview(async (port, root) => {
      await program([{ name: "a", properties: { fixed: 2 } }])(port, root);
      seen.push(port.lookUp(urnOf("a")));
    });
    expect(provider.taken()).toEqual(["check a", "diff a", "check a"]);
    expect(run.changes).toEqual({ same: 1, replace: 1 });
    expect(seen).toMatchObject([{ id: "", outputs: { fixed: 2 } }]);
    expect(only("a").inputs).toEqual({ fixed: 1 });
  });
});

describe("delete", () => {
  test("deletes in reverse order of dependency, and in parallel what is independent", async () => {
    await ups({ name: "a" }, { name: "b", uses: ["a"] }, { name: "c", uses: ["b"] }, { name: "d", uses: ["a"] });
    provider.taken();
    await engine.destroy();
    const calls = provider.taken();
    expect(calls[0]).toBe("delete c");
    expect(calls.slice(1, 3).sort()).toEqual(["delete b", "delete d"]);
    expect(calls[3]).toBe("delete a");
    expect(store.load()).toEqual({ resources: [], pendingOperations: [] });
  });

  test("keeps a resource that could not be deleted, and what it depends on", async () => {
    await ups({ name: "a" }, { name: "b", uses: ["a"] });
    provider.faults = [{ method: "delete", name: "b", kind: "fails" }];
    expect((await engine.destroy()).failed).toBe(true);
    expect(things().map(({ id }) => id)).toEqual(["a-1", "b-2"]);
  });

  test("refuses to delete a protected resource, keeps what that depends on, and deletes the rest", async () => {
    await ups({ name: "a" }, { name: "b", uses: ["a"], goal: { protect: true } }, { name: "c" });
    provider.taken();
    const run = await engine.destroy();
    expect(run.failed).toBe(true);
    expect(run.errors[0]).toContain("because it is protected");
    expect(provider.taken()).toEqual(["delete c"]);
    expect(things().map(({ urn }) => urn)).toEqual([urnOf("a"), urnOf("b")]);
  });

  test("forgets without a call what has retainOnDelete, and what has deletedWith", async () => {
    await ups(
      { name: "a" },
      { name: "b", goal: { retainOnDelete: true } },
      { name: "c", uses: ["a"], goal: { deletedWith: urnOf("a") } },
    );
    provider.taken();
    await engine.destroy();
    expect(provider.taken()).toEqual(["delete a"]);
    expect(things()).toEqual([]);
  });
});

describe("refresh", () => {
  beforeEach(async () => {
    provider.faults = [{ method: "create", name: "a", kind: "leaves", id: "half", properties: { task: 7 } }];
    await ups({ name: "a", properties: { size: 1 } });
    provider.faults = [];
    provider.taken();
  });

  test("reads with the stored outputs, and strips init errors when that returns", async () => {
    await engine.refresh();
    expect(provider.taken()).toEqual(["read a", "diff a"]);
    expect(argumentsOf("read")).toEqual({ urn: urnOf("a"), id: "half", properties: { task: 7 }, inputs: { size: 1 } });
    expect(only("a").initErrors).toEqual([]);

    const after = await ups({ name: "a", properties: { size: 1 } });
    expect(after.changes).toEqual({ same: 2 });
  });

  test("forgets what is gone, together with what refers to it", async () => {
    await ups({ name: "a", properties: { size: 1 } }, { name: "b", uses: ["a"] });
    provider.gone.add("half");
    const run = await engine.refresh();
    expect(run.changes).toEqual({ same: 2, delete: 1 });
    expect(things().map(({ id, dependencies }) => [id, dependencies])).toEqual([["b-2", []]]);
  });

  test("reads everything although one read fails, and keeps what could not be read", async () => {
    await ups({ name: "a", properties: { size: 1 } }, { name: "b" });
    provider.taken();
    provider.faults = [{ method: "read", name: "a", kind: "fails" }];
    const run = await engine.refresh();
    expect(run.failed).toBe(true);
    expect(provider.taken()).toEqual(expect.arrayContaining(["read a", "read b"]));
    expect(things().map(({ id }) => id)).toEqual(["half", "b-2"]);
  });
});

describe("aliases", () => {
  const component = (name: string, aliases: { name: string }[], children: Declared[]) =>
    engine.up(async (port, root) => {
      const goal = program([
        {
          name,
          goal: {
            type: "test:index:Group",
            custom: false,
            aliases: aliases.map((alias) => ({ ...emptyAlias, ...alias })),
          },
        },
      ]);
      await goal(port, root);
      await program(children)(port, `urn:pulumi:dev::shop::test:index:Group::${name}`);
    });
  const emptyAlias = { name: "", type: "", stack: "", project: "", parent: "", noParent: false };

  test("finds a renamed resource by its old name and leaves it as it is", async () => {
    await ups({ name: "a", properties: { size: 1 } });
    provider.taken();
    const goal = { aliases: [{ ...emptyAlias, name: "a" }] };
    const run = await ups({ name: "b", properties: { size: 1 }, goal });
    expect(run.changes).toEqual({ same: 2 });
    expect(provider.taken()).toEqual(["check b", "diff b"]);
    expect(only("b").id).toBe("a-1");
  });

  test("moves the children of a renamed component along, also those named after it", async () => {
    await component("old", [], [{ name: "old-child" }]);
    provider.taken();
    const run = await component("new", [{ name: "old" }], [{ name: "new-child" }]);
    expect(run.changes).toEqual({ same: 3 });
    expect(provider.taken()).toEqual(["check new-child", "diff new-child"]);
    expect(things().map(({ urn }) => urn)).toEqual([
      "urn:pulumi:dev::shop::test:index:Group::new",
      urnOf("new-child", "test:index:Group$"),
    ]);
  });

  test("refuses two resources that claim one old name", async () => {
    await ups({ name: "a" });
    const goal = { aliases: [{ urn: urnOf("a") }] };
    const run = await ups({ name: "b", goal }, { name: "c", goal });
    expect(run.failed).toBe(true);
    expect(run.errors.join()).toContain("Duplicate resource alias");
  });

  test("refuses two resources of one name", async () => {
    const run = await ups({ name: "a" }, { name: "a", properties: { size: 1 } });
    expect(run.errors).toEqual([`Duplicate resource URN '${urnOf("a")}'; try giving it a unique name`]);
  });
});

describe("secrets", () => {
  test("unwraps them for the provider and marks what comes back under the same keys", async () => {
    const properties = { s: makeSecret("hush"), deep: { x: makeSecret("quiet"), y: 1 }, list: ["p", makeSecret("q")] };
    await ups({ name: "a", properties, goal: { additionalSecretOutputs: ["made"] } });
    const plain = { s: "hush", deep: { x: "quiet", y: 1 }, list: ["p", "q"] };
    expect(argumentsOf("create")).toMatchObject({ properties: plain });
    expect(only("a").inputs).toEqual({ ...properties, list: makeSecret(["p", "q"]) });
    expect(only("a").outputs).toEqual({
      s: makeSecret("hush"),
      deep: { x: makeSecret("quiet"), y: 1 },
      list: makeSecret(["p", "q"]),
      made: makeSecret("a-1"),
    });
  });
});

describe("a crash", () => {
  test("in an update or a delete leaves the resource in state", async () => {
    await ups({ name: "a", properties: { size: 1 } });
    provider.faults = [{ method: "update", name: "a", kind: "waits", until: new Promise(() => {}) }];
    void ups({ name: "a", properties: { size: 2 } });
    await expect.poll(() => provider.calls).toContain("update a");
    const survivor = store.crash().load();
    expect(survivor.pendingOperations).toMatchObject([{ type: "updating" }]);
    expect(survivor.resources.at(-1)).toMatchObject({ id: "a-1", inputs: { size: 1 } });
  });
});

describe("cancel", () => {
  test("of an operation that ended is told to the provider, whose failure to hear it changes nothing", async () => {
    provider.cancel = async () => {
      provider.cancelled++;
      throw new Error("not heard");
    };
    expect((await ups({ name: "a" })).failed).toBe(false);
    expect(provider.cancelled).toBe(1);
  });
});
