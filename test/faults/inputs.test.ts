import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectLedger, openWorld, requests, sharedWorld, tasks } from "../support/emulator";
import { describeDynamic, type Properties, registered, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const submit = "CreateAigcImageTask";
const world = sharedWorld();
let count = 0;

/** A resource of the running test's own. */
const fresh = () => new Lifecycle(world, `input-${count++}`);

const told = (failures: readonly { property: string; reason: string }[]) =>
  failures.map(({ property, reason }) => `${property} ${reason}`).join();

describe("an identifier of the user's own", () => {
  test("that two resources give to two requests is refused in preview: neither gets the other's picture", async () => {
    const [cat, dog] = [fresh(), fresh()];
    const sessionId = "one-for-two";
    expect((await cat.up(picture({ sessionId, prompt: "a cat" }))).failures).toEqual([]);
    expect(told((await dog.preview(picture({ sessionId, prompt: "a dog" }))).failures)).toContain("another resource");
    await dog.up(picture({ sessionId, prompt: "a dog" }));
    expect(dog.state).toBeUndefined();
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("that two resources give to one request is one picture", async () => {
    const [one, two] = [fresh(), fresh()];
    const args = picture({ sessionId: "one-for-one", prompt: "a cat with a hat" });
    await one.up(args);
    expect((await two.up(args)).failures).toEqual([]);
    expect(two.outputs["taskId"]).toBe(one.outputs["taskId"]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("goes with no scope", async () => {
    const { failures } = await fresh().preview(picture({ sessionId: "mine", sessionScope: "shared" }));
    expect(told(failures)).toMatch(/sessionScope is not allowed together with sessionId/);
    expectLedger(world, { billed: 0, intended: 0 });
  });
});

describe("keepers", () => {
  test.each([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
  ])("that are %s are refused at their path, over gRPC too", async (_, v) => {
    const { failures } = await fresh().preview(picture({ keepers: { v } }));
    expect(told(failures)).toMatch(/^keepers\.v is (NaN|Infinity)/);
    expectLedger(world, { billed: 0, intended: 0 });
  });

  test("that hold an asset: the same file at another path changes nothing, and a forced replace finds its picture", async () => {
    const hero = fresh();
    const asset = (path: string, hash = "5f4d") => ({
      logo: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", hash, path },
    });
    const args = (keepers: Properties) => registered(hero.urn, picture({ keepers }));
    const host = await world.host();
    const { inputs } = await host.check({}, args(asset("/a/logo.txt")));
    const created = await host.create(inputs);
    const moved = await host.check(inputs, args(asset("/b/logo.txt")));
    expect(moved.failures).toEqual([]);
    expect(moved.inputs["generationId"]).toBe(inputs["generationId"]);
    // The engine tells `diff` a hash alone.
    const { path: _, ...elided } = asset("/b/logo.txt").logo;
    for (const keepers of [asset("/b/logo.txt"), { logo: elided }]) {
      const answer = await host.diff(created.id, created.properties, { ...moved.inputs, keepers });
      expect(answer).toMatchObject({ changes: false, replaces: [] });
    }
    const forced = await host.check({}, args(asset("/b/logo.txt")));
    expect((await host.create(forced.inputs)).properties["taskId"]).toBe(created.properties["taskId"]);
    const other = await host.check(inputs, args(asset("/a/logo.txt", "0000")));
    expect((await host.diff(created.id, created.properties, other.inputs)).replaces).toEqual(["keepers"]);
    expect(JSON.stringify(created.properties)).not.toContain("logo.txt");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("an expireTime in the past", () => {
  const past = { outputConfig: { expireTime: "2020-01-01T00:00:00Z" } };

  test("is refused in preview where a picture would be generated, also in place of another", async () => {
    const hero = fresh();
    expect(told((await hero.preview(picture(past))).failures)).toContain("outputConfig.expireTime is in the past");
    await hero.up(picture());
    expect(told((await hero.preview(picture({ ...past, prompt: "a harbour" }))).failures)).toContain("is in the past");
    await hero.up(picture({ ...past, prompt: "a harbour" }));
    expect(requests(world, submit)).toBe(1);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("is no reason against taking over a picture, or keeping one", async () => {
    const hero = fresh();
    await hero.up(picture());
    expect((await hero.preview(picture(past))).failures).toEqual([]);
    const heir = fresh();
    const result = await heir.preview(picture({ ...past, adoptTaskId: hero.outputs["taskId"] }));
    expect(result.failures).toEqual([]);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("integers of extInfo beyond what a float holds: an edit of the last digit is another picture", async () => {
  const hero = fresh();
  const args = (seed: string) => picture({ extInfo: `{"seed":${seed}}` });
  await hero.up(args("9007199254740993"));
  expect((await hero.preview(args("9007199254740993"))).operation).toBe("same");
  expect((await hero.preview(args("9007199254740992"))).operation).toBe("replace");
  await hero.up(args("9007199254740992"));
  expect(new Set(tasks(world).map(({ sessionId }) => sessionId)).size).toBe(2);
  expectLedger(world, { billed: 2, intended: 2 });
});

test("inputs that a policy has changed after check are what the picture is known by", async () => {
  const { urn } = fresh();
  const host = await world.host();
  const { inputs } = await host.check({}, registered(urn, picture()));
  const first = await host.create({ ...inputs, negativePrompt: "people" });
  const stricter = await host.create({ ...inputs, negativePrompt: "people, animals" });
  expect(stricter.properties["taskId"]).not.toBe(first.properties["taskId"]);
  const again = await host.create({ ...inputs, negativePrompt: "people" });
  expect(again.properties["taskId"]).toBe(first.properties["taskId"]);
  expect((await host.diff(first.id, first.properties, { ...inputs, negativePrompt: "people" })).changes).toBe(false);
  expectLedger(world, { billed: 2, intended: 2 });
});

test.each(["sessionId", "adoptTaskId", "adoptFileIds"])(
  "an input that a policy changes anew at each `up` is no change, with a `%s` of the user's own too",
  async (property) => {
    const paid = fresh();
    await paid.up(picture());
    const { taskId, files } = paid.outputs as { taskId: string; files: { fileId: string }[] };
    const values = { sessionId: "hero", adoptTaskId: taskId, adoptFileIds: files.map(({ fileId }) => fileId) };
    const { urn } = fresh();
    const host = await world.host();
    // As the engine does: what `check` has completed is changed, and is what goes into state and comes back as old.
    const upOnce = async (olds: Properties) => {
      const given = { [property]: values[property as keyof typeof values] };
      const { inputs, failures } = await host.check(olds, registered(urn, picture(given)));
      expect(failures).toEqual([]);
      return { ...inputs, negativePrompt: "people" };
    };
    const first = await upOnce({});
    const { id, properties } = await host.create(first);
    const second = await upOnce(first);
    expect(second).toEqual(first);
    expect((await host.diff(id, properties, second)).changes).toBe(false);
    const billed = property === "sessionId" ? 2 : 1;
    expectLedger(world, { billed, intended: billed });
  },
);

// The engine tells a plugin of no alias.
describeDynamic("former URNs", () => {
  test.each([
    ["by the same process", undefined],
    ["by the next process", {}],
    ["by another machine", { newMachine: true }],
  ])("lead to what was sent under them and never reached state: %s", async (_, changes) => {
    const old = fresh();
    await old.up(picture());
    if (changes) await world.restart(changes);
    // State was lost, and then the resource was renamed with an alias.
    const renamed = fresh();
    const result = await renamed.up(picture({ formerUrns: [old.urn] }));
    expect(result.failures).toEqual([]);
    expect(renamed.outputs["url"]).toBe(old.outputs["url"]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("that come, go or change are no change, and are not stored", async () => {
    const hero = fresh();
    await hero.up(picture());
    expect((await hero.preview(picture({ formerUrns: [urnOf("before")] }))).operation).toBe("same");
    await hero.up(picture({ formerUrns: [urnOf("before")] }));
    expect(hero.outputs).not.toHaveProperty("formerUrns");
    expect((await hero.preview(picture({ formerUrns: [urnOf("long-before")] }))).operation).toBe("same");
    expect((await hero.preview(picture())).operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("an identifier of the user's own is told nowhere but under its own name, whatever goes wrong", async () => {
  const sessionId = "s3cr3t-identifier";
  const own = await openWorld({ env: { PULUMI_DEBUG: "true", NODE_DEBUG: "undici,http" } });
  const { emulator } = own;
  const hero = new Lifecycle(own);
  const heard: unknown[] = [];
  const hear = async (verb: Promise<unknown>) => heard.push(await verb.catch((error: Error) => String(error.stack)));
  const args = (changes: Properties = {}) => picture({ sessionId, timeoutSeconds: 30, ...changes });

  await hear(hero.preview(args()));
  emulator.fault({ kind: "errorCode", code: "InvalidParameter", action: submit, message: `bad ${sessionId}` });
  await hear(hero.up(args()));
  emulator.fault({ kind: "refuseConnection", action: submit, times: "always" });
  await hear(hero.up(args()));
  expect(hero.outputs["status"]).toBe("UNKNOWN");
  expect(hero.state?.id).toMatch(/^unknown:[0-9a-f]+$/);
  const unknown = hero.state;
  await hear(hero.up(args()));
  emulator.clearFaults();
  await hear(hero.refresh());
  await hear(hero.preview(args({ prompt: "a harbour" })));
  await hear(hero.up(args()));
  expect(hero.outputs["status"]).toBe("FINISH");
  const other = new Lifecycle(own, "other");
  await hear(other.up(args({ prompt: "another" })));
  heard.push((await own.host()).engine.lines, (await own.host()).output());
  await own.restart();
  await hear(other.up(args({ prompt: "another" })));
  await hear(hero.destroy());

  const names = (await readdir(own.journalDir(), { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const journal = await Promise.all(names.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")));
  expect(journal.length).toBeGreaterThan(0);
  const { engine, output } = await own.host();
  for (const text of [heard, engine.lines, output(), journal, names.map(({ name }) => name), unknown?.initErrors]) {
    expect(JSON.stringify(text)).not.toContain(sessionId);
  }
  // State has it under the name of the input, where the engine keeps it as secret as that is.
  const { sessionId: _, ...others } = unknown?.outputs ?? {};
  expect(JSON.stringify([others, unknown?.id])).not.toContain(sessionId);
  expectLedger(own, { billed: 1, intended: 2 });
});
