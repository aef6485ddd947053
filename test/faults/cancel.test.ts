import { describe, expect, test } from "vitest";
import { expectLedger, openWorld, requests, tasks, type World, type WorldOptions } from "../support/emulator";
import { registered, urnOf } from "../support/host";
import { Lifecycle, picture, type Result } from "../support/lifecycle";

const create = "CreateAigcImageTask";
const cancelledText = "The update was cancelled. Nothing more was sent; the next `pulumi up` goes on.";
const atOnceMs = 2_000;

/** Waits take as long as they do for a user: none of them may hold a Cancel. */
const openSlowWorld = ({ config, ...options }: WorldOptions = {}) =>
  openWorld({ speed: 1, config: { "tencent-aigc:maxConcurrentTasks": "100", ...config }, ...options });

/** One is told in full what all of them have in common. */
function expectCancelled(results: readonly Result[], count: number): void {
  const errors = results.flatMap(({ error }) => error ?? []);
  expect(errors.filter((error) => error.includes(cancelledText))).toHaveLength(1);
  expect(errors.filter((error) => error.includes("for the same reason as"))).toHaveLength(count - 1);
}

function heroes(world: World, count: number): Lifecycle[] {
  return Array.from({ length: count }, (_, index) => new Lifecycle(world, `hero-${index + 1}`));
}

function waitForRequests(world: World, action: string, count: number): Promise<unknown> {
  return world.emulator.waitUntil(() => requests(world, action) >= count);
}

/** ^C: what the engine tells the provider at once. All that is under way must end, and nothing be sent for it. */
async function interrupt(world: World, under: readonly Promise<Result>[]): Promise<Result[]> {
  const host = await world.host();
  const began = performance.now();
  await host.cancel();
  const submits = requests(world, create);
  const results = await Promise.all(under);
  expect(performance.now() - began).toBeLessThan(atOnceMs);
  const before = requests(world);
  await world.restart();
  expect(requests(world, create)).toBe(submits);
  expect(requests(world)).toBe(before);
  return results;
}

test("^C ends what is queued, unbilled, and the next `up` goes on with the same task", async () => {
  const world = await openSlowWorld({ config: { "tencent-aigc:maxConcurrentTasks": "1" } });
  world.emulator.fault({ kind: "stuck", seconds: 600 });
  const all = heroes(world, 12);
  const { engine } = await world.host();
  const under = all.map((hero) => hero.up(picture()));
  await waitForRequests(world, create, 1);
  await engine.seen(({ text }) => text === "queued, 10 in front");
  const results = await interrupt(world, under);
  expectCancelled(results, 11);
  const [started] = all.filter(({ state }) => state !== undefined);
  expect(started?.state?.id).toBe(tasks(world)[0]?.taskId);
  expect(results.flatMap(({ reasons }) => reasons).join()).toContain("when the update was cancelled");
  world.emulator.advance(601);
  expectLedger(world, { billed: 1, intended: 12 });
  await Promise.all(all.map((hero) => hero.up(picture())));
  expect(all.map(({ outputs }) => outputs["status"])).toEqual(all.map(() => "FINISH"));
  expect(started?.state?.id).toBe(tasks(world)[0]?.taskId);
  expectLedger(world, { billed: 12, intended: 12 });
});

test("^C tells no new places in the queue to those who leave it", async () => {
  const world = await openSlowWorld({ config: { "tencent-aigc:maxConcurrentTasks": "1" } });
  world.emulator.fault({ kind: "stuck", seconds: 600 });
  const { engine } = await world.host();
  const under = heroes(world, 12).map((hero) => hero.up(picture()));
  await waitForRequests(world, create, 1);
  await engine.seen(({ text }) => text === "queued, 10 in front");
  const queued = () => engine.rows().filter((text) => text.startsWith("queued")).length;
  const before = queued();
  await interrupt(world, under);
  expect(queued()).toBe(before);
  world.emulator.advance(601);
  expectLedger(world, { billed: 1, intended: 12 });
});

test("^C ends what waits for its turn to be sent", async () => {
  const world = await openSlowWorld({ config: { "tencent-aigc:requestsPerSecond": "1" } });
  const all = heroes(world, 12);
  const under = all.map((hero) => hero.up(picture({ waitForCompletion: false })));
  await waitForRequests(world, create, 1);
  const results = await interrupt(world, under);
  const sent = tasks(world).length;
  expect(sent).toBeLessThan(4);
  expectCancelled(results, 12 - sent);
  await world.restart({ config: { "tencent-aigc:requestsPerSecond": undefined } });
  await Promise.all(all.map((hero) => hero.up(picture())));
  expectLedger(world, { billed: 12, intended: 12 });
});

describe("^C while a request is on the wire", () => {
  test.each([
    ["that the service never got", "stall"],
    ["that the service accepted", "acceptThenStall"],
  ] as const)("%s: `UNKNOWN` with the time of sending, and the next `up` repeats it, billed once", async (_, kind) => {
    const world = await openSlowWorld();
    world.emulator.fault({ kind, action: create });
    const hero = new Lifecycle(world);
    const under = hero.up(picture());
    await waitForRequests(world, create, 1);
    const [result] = await interrupt(world, [under]);
    expect(result?.reasons.join()).toContain("may have been billed");
    expect(hero.outputs).toMatchObject({ status: "UNKNOWN", sentAt: expect.stringMatching(/^\d{4}-/) });
    const { sessionId } = hero.outputs;
    await hero.up(picture());
    expect(hero.outputs).toMatchObject({ status: "FINISH", sessionId });
    expect(tasks(world).map((task) => task.sessionId)).toEqual([sessionId]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("an answer within a second is kept", async () => {
    const world = await openSlowWorld();
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 0.6, action: create });
    const hero = new Lifecycle(world);
    const under = hero.up(picture());
    await world.emulator.waitUntil(() => tasks(world).length === 1);
    await interrupt(world, [under]);
    expect(hero.outputs["taskId"]).toBe(tasks(world)[0]?.taskId);
    await hero.up(picture());
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a repeat of an `up` before leaves the time of the first request", async () => {
    const world = await openSlowWorld();
    world.emulator.fault({ kind: "stall", action: create, times: 2 });
    const hero = new Lifecycle(world);
    const first = hero.up(picture());
    await waitForRequests(world, create, 1);
    await interrupt(world, [first]);
    const { sentAt, sessionId } = hero.outputs;
    const second = hero.up(picture());
    await waitForRequests(world, create, 2);
    await interrupt(world, [second]);
    expect(hero.outputs).toMatchObject({ status: "UNKNOWN", sentAt, sessionId });
    await hero.up(picture());
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("^C between two repeats of a request without an answer: `UNKNOWN`, and the next `up` repeats it", async () => {
  const world = await openSlowWorld();
  world.emulator.fault({ kind: "gatewayError", action: create, times: "always" });
  const hero = new Lifecycle(world);
  const under = hero.up(picture());
  await waitForRequests(world, create, 2);
  await interrupt(world, [under]);
  expect(hero.outputs).toMatchObject({ status: "UNKNOWN", sentAt: expect.any(String) });
  world.emulator.clearFaults();
  await hero.up(picture());
  expect(hero.outputs["status"]).toBe("FINISH");
  expectLedger(world, { billed: 1, intended: 1 });
});

describe("^C while it waits for the picture", () => {
  async function waitingFor(world: World, count: number): Promise<{ all: Lifecycle[]; under: Promise<Result>[] }> {
    // A picture made before: the service's time is known.
    await new Lifecycle(world, "before").up(picture());
    world.emulator.fault({ kind: "stuck", seconds: 600, times: count });
    const all = heroes(world, count);
    return { all, under: all.map((hero) => hero.up(picture())) };
  }

  async function expectSameTasks(world: World, all: readonly Lifecycle[]): Promise<void> {
    const ids = tasks(world).map(({ taskId }) => taskId);
    for (const hero of all) expect(ids).toContain(hero.state?.id);
    world.emulator.clearFaults();
    world.emulator.advance(601);
    await Promise.all(all.map((hero) => hero.up(picture())));
    expect(all.map(({ outputs }) => outputs["status"])).toEqual(all.map(() => "FINISH"));
    expectLedger(world, { billed: all.length + 1, intended: all.length + 1 });
  }

  test("the task is in state, and the next `up` waits on for it", async () => {
    const world = await openSlowWorld();
    const { all, under } = await waitingFor(world, 1);
    await (await world.host()).engine.seen(({ text }) => text.startsWith("PROCESSING"));
    const [result] = await interrupt(world, under);
    expect(result?.reasons.join()).toContain("when the update was cancelled");
    await expectSameTasks(world, all);
  });

  test("a listing that stalls holds nothing", async () => {
    const world = await openSlowWorld();
    const { all, under } = await waitingFor(world, 4);
    const listings = requests(world, "DescribeTasks");
    world.emulator.fault({ kind: "stall", action: "DescribeTasks", times: "always" });
    await world.emulator.waitUntil(() => tasks(world).length === 5);
    await waitForRequests(world, "DescribeTasks", listings + 1);
    await interrupt(world, under);
    await expectSameTasks(world, all);
  });

  test("a look at a task that stalls holds nothing", async () => {
    const world = await openSlowWorld();
    const { all, under } = await waitingFor(world, 1);
    const looks = requests(world, "DescribeTaskDetail");
    world.emulator.fault({ kind: "stall", action: "DescribeTaskDetail", times: "always" });
    await waitForRequests(world, "DescribeTaskDetail", looks + 1);
    await interrupt(world, under);
    await expectSameTasks(world, all);
  });

  test("a task that the service never ran is in state as well", async () => {
    const world = await openSlowWorld();
    world.emulator.fault({ kind: "taskFails", errCodeExt: "RequestLimitExceeded", times: "always" });
    const hero = new Lifecycle(world);
    const under = hero.up(picture());
    await waitForRequests(world, create, 2);
    await waitForRequests(world, "DescribeTaskDetail", 2);
    // By the time another call is answered, the end of the task is known, and the wait for the next attempt has begun.
    await (await world.host()).check({}, registered(urnOf("another"), picture()));
    await interrupt(world, [under]);
    expect(hero.state?.id).toBe(tasks(world)[1]?.taskId);
    expect(hero.outputs["status"]).toBe("FAILED");
    world.emulator.clearFaults();
    await hero.up(picture());
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test.each([
  ["SearchMedia", picture()],
  ["DescribeTasks", picture({ outputConfig: { storageMode: "Temporary" } })],
] as const)("^C while %s stalls before anything is sent: an error that bills nothing", async (action, args) => {
  const world = await openSlowWorld();
  world.emulator.fault({ kind: "stall", action, times: "always" });
  const hero = new Lifecycle(world);
  const under = hero.up(args);
  await waitForRequests(world, action, 1);
  const [result] = await interrupt(world, [under]);
  expect(result?.error).toContain(cancelledText);
  expect(hero.state).toBeUndefined();
  expect(requests(world, create)).toBe(0);
  expectLedger(world, { billed: 0, intended: 1 });
});

test("^C while metadata are set: the picture is in state, and the next `up` sets them", async () => {
  const world = await openSlowWorld();
  world.emulator.fault({ kind: "stall", action: "ModifyMediaInfo" });
  const hero = new Lifecycle(world);
  const args = picture({ outputConfig: { mediaName: "hero" } });
  const under = hero.up(args);
  await waitForRequests(world, "ModifyMediaInfo", 1);
  await interrupt(world, [under]);
  expect(hero.outputs).toMatchObject({ status: "FINISH", taskId: tasks(world)[0]?.taskId });
  expect((await hero.up(args)).operation).toBe("update");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("^C while pictures are read leaves state as it was", async () => {
  const world = await openSlowWorld();
  const hero = new Lifecycle(world);
  await hero.up(picture());
  const before = hero.state;
  world.emulator.fault({ kind: "stall", action: "DescribeMediaInfos", times: "always" });
  const refreshing = hero.refresh().then(
    () => "read",
    (error: Error) => error.message,
  );
  await waitForRequests(world, "DescribeMediaInfos", 1);
  await (await world.host()).cancel();
  expect(await refreshing).toContain("The update was cancelled");
  expect(hero.state).toEqual(before);
  expectLedger(world, { billed: 1, intended: 1 });
});
