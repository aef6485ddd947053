import { describe, expect, test } from "vitest";
import { expectLedger, openWorld, requests, sharedWorld, tasks } from "../support/emulator";
import { testDynamic } from "../support/host";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

const world = sharedWorld();
const create = "CreateAigcImageTask";
const always = { times: "always" } as const;
const days = (count: number) => count * 86_400;
const hours = (count: number) => count * 3_600;
const temporary = picture({ outputConfig: { storageMode: "Temporary" } });
const lostAnswers = { kind: "acceptThenReset", action: create, ...always } as const;
let resources = 0;

function newHero(name = `hero-${++resources}`, stack?: string): Lifecycle {
  return new Lifecycle(world, name, stack);
}

/** A request that was accepted, of which nothing but its SessionId is known. */
async function unknown(hero: Lifecycle, args: Record<string, unknown>): Promise<void> {
  world.emulator.behaviour({ tasksInListing: false });
  world.emulator.fault(lostAnswers);
  await hero.up(args);
  expect(hero.outputs["status"]).toBe("UNKNOWN");
  world.emulator.clearFaults();
  world.emulator.behaviour({ tasksInListing: true });
}

describe("an edit between a send and the next `up`", () => {
  test.each([
    ["a sessionId that is set", undefined, "other"],
    ["a sessionId that is changed", "mine", "other"],
    ["a sessionId that is removed", "mine", undefined],
  ])("%s: goes on under the SessionId that was sent", async (_, before, after) => {
    const hero = newHero();
    const unique = { prompt: `${hero.name} at dawn` };
    const own = (id: string | undefined) => (id === undefined ? {} : { sessionId: `${id}-${hero.name}` });
    await unknown(hero, { ...temporary, ...unique, ...own(before) });
    await hero.up({ ...temporary, ...unique, ...own(after) });
    expect(hero.outputs).toMatchObject({
      status: "FINISH",
      sessionId: tasks(world)[0]?.sessionId,
    });
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of what was killed before its state: the journal knows what was sent", async () => {
    const hero = newHero();
    const sessionId = `killed-${hero.name}`;
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const creating = hero.up({ ...temporary, sessionId });
    await world.emulator.waitUntil(() => tasks(world).length === 1);
    await hero.crash(creating);
    await hero.up({ ...temporary, sessionId: `edited-${hero.name}` });
    expect(hero.outputs).toMatchObject({ status: "FINISH", sessionId });
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of what was killed before it was accepted: it is sent under the SessionId that the journal keeps", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "slow", seconds: 600, action: create });
    const creating = hero.up({ ...temporary, sessionId: `killed-${hero.name}` });
    await world.emulator.waitUntil(() => requests(world, create) === 1);
    await hero.crash(creating);
    world.emulator.clearFaults();
    await hero.up({ ...temporary, sessionId: `edited-${hero.name}` });
    expect(hero.outputs).toMatchObject({ status: "FINISH", sessionId: `killed-${hero.name}` });
    expect(new Set(tasks(world).map((task) => task.sessionId)).size).toBe(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a mediaName that is added after a destroy, four days later, on the same machine", async () => {
    const hero = newHero();
    await hero.up(picture());
    await hero.destroy();
    world.emulator.advance(days(4));
    await world.restart();
    await hero.up(picture({ outputConfig: { mediaName: "lighthouse" } }));
    expect(hero.outputs["outputConfig"]).toHaveProperty("mediaName", "lighthouse");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a mediaName that changes after the state was lost, four days later, on another machine", async () => {
    const hero = newHero();
    await hero.up(picture({ outputConfig: { mediaName: "lighthouse" } }));
    hero.state = undefined;
    world.emulator.advance(days(4));
    await world.restart({ newMachine: true });
    await hero.up(picture({ outputConfig: { mediaName: "tower" } }));
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a sessionScope that is added keeps the picture, after a destroy too", async () => {
    const hero = newHero();
    await hero.up(picture());
    await hero.up(picture({ sessionScope: `shared-${hero.name}` }));
    await hero.destroy();
    await world.restart();
    await hero.up(picture({ sessionScope: `shared-${hero.name}` }));
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a rename with an alias keeps the picture, after a destroy and a forced replace too", async () => {
    const hero = newHero();
    await hero.up(picture());
    hero.rename(`${hero.name}-renamed`);
    await hero.up(picture());
    await hero.up(picture(), { replace: true });
    await hero.destroy();
    await world.restart();
    await hero.up(picture());
    expectLedger(world, { billed: 1, intended: 1 });
  });

  // The engine tells a plugin of no alias.
  testDynamic("a rename with an alias, of what was killed before its state, finds its task", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const creating = hero.up(temporary);
    await world.emulator.waitUntil(() => tasks(world).length === 1);
    const formerUrn = hero.urn;
    await hero.crash(creating);
    hero.rename(`${hero.name}-renamed`);
    await hero.up({ ...temporary, formerUrns: [formerUrn] });
    expect(hero.outputs).toMatchObject({ status: "FINISH" });
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("a SessionId of the user's own", () => {
  test("a later attempt is found by the generation id, on another machine on day 4", async () => {
    const hero = newHero();
    const args = picture({ sessionId: `own-${hero.name}` });
    world.emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed" });
    await hero.up(args);
    await hero.up(args);
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2 });
    hero.state = undefined;
    world.emulator.advance(days(4));
    await world.restart({ newMachine: true });
    await hero.up(args);
    expect(hero.outputs["status"]).toBe("FINISH");
    // The first attempt failed: one image, two tasks.
    expect(tasks(world)).toHaveLength(2);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("that another program has used: its task is not taken, and nothing is sent", async () => {
    const hero = newHero();
    const sessionId = `foreign-${hero.name}`;
    world.emulator.addTask({ SubAppId: subAppId, SessionId: sessionId, ModelName: "GG", Prompt: "something else" });
    const { error } = await hero.up(picture({ sessionId }));
    expect(error).toMatch(/sessionId: task .* another request.*nothing is billed/i);
    expect(error).not.toContain(sessionId);
    expect(hero.state).toBeUndefined();
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("that begins like a thousand other files' names hides nobody's picture", async () => {
    const hero = newHero();
    await hero.up(picture());
    hero.state = undefined;
    for (let index = 0; index < 5_100; index++) world.emulator.addMedia({ subAppId, name: `p${index}` });
    world.emulator.advance(days(4));
    await world.restart({ newMachine: true });
    const other = newHero();
    await Promise.all([hero.up(picture()), other.up(picture({ prompt: "another", sessionId: "p" }))]);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 2, intended: 2 });
  });
});

test("an equal request under one SessionId, in another process: its picture is found again after a destroy", async () => {
  const own = picture({ sessionId: "of-two-processes" });
  await newHero().up(own);
  await world.restart();
  const other = newHero();
  await other.up(own);
  await other.destroy();
  await world.restart();
  expect((await other.up(own)).error).toBeUndefined();
  expect(other.outputs["taskId"]).toBe(tasks(world)[0]?.taskId);
  expectLedger(world, { billed: 1, intended: 1 });
});

describe("any file of the intention is its picture", () => {
  test("a failure in one stack's state, and the picture that another stack made of the same scope", async () => {
    const scope = { sessionScope: `shared-${++resources}` };
    const [first, second] = [newHero("shared", "one"), newHero("shared", "two")];
    world.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" });
    await first.up(picture(scope));
    expect(first.outputs["status"]).toBe("FAILED");
    world.emulator.advance(days(4));
    await world.restart({ newMachine: true });
    await second.up(picture(scope));
    await world.restart({ newMachine: true });
    await first.up(picture(scope));
    expect(first.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("names with an ending of the service's own", async () => {
    world.emulator.behaviour({ mediaNameEnding: "_1.png" });
    const hero = newHero();
    await hero.up(picture());
    hero.state = undefined;
    world.emulator.advance(days(30));
    await world.restart({ newMachine: true });
    await hero.up(picture());
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("a destroy on another machine, and an `up` there at the end of the window", () => {
  /** The new machine knows nothing but what it has seen in state. */
  async function startAnewElsewhere(hero: Lifecycle, args: Record<string, unknown>): Promise<void> {
    world.emulator.advance(hours(71.6));
    await world.restart({ newMachine: true });
    await hero.destroy();
    world.emulator.fault({ kind: "gatewayError", action: create, ...always });
    await hero.up(args);
    world.emulator.clearFaults();
    world.emulator.advance(hours(2.5));
    await hero.up(args);
  }

  test("a task that still runs is the one that was paid for", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", times: 1 });
    await hero.up(temporary);
    const [task] = tasks(world);
    await startAnewElsewhere(hero, temporary);
    expect(hero.outputs["taskId"]).toBe(task?.taskId);
    // It has not ended, and so is not billed yet.
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test.each(["a task", "a request without an answer"])(
    "%s of which nothing can be seen any more is not paid for again",
    async (what) => {
      const hero = newHero();
      if (what === "a task") {
        world.emulator.fault({ kind: "stuck", times: 1 });
        await hero.up(temporary);
      } else {
        await unknown(hero, temporary);
      }
      world.emulator.advance(days(4));
      await hero.up(temporary);
      expect(hero.outputs["status"]).toBe("AGED");
      await world.restart({ newMachine: true });
      await hero.destroy();
      await hero.up(temporary);
      expect(hero.outputs["status"]).toBe("AGED");
      expect(tasks(world)).toHaveLength(1);
      expectLedger(world, { billed: what === "a task" ? 0 : 1, intended: 1 });
    },
  );

  test("a success whose files were not seen is the one that was paid for", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "finishWithoutFiles", ...always });
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("FAILED");
    const [task] = tasks(world);
    await startAnewElsewhere(hero, temporary);
    expect(hero.outputs["taskId"]).toBe(task?.taskId);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test.each(["derived", "the user's own"])("a request without an answer, its SessionId %s", async (whose) => {
    const hero = newHero();
    const args = whose === "derived" ? temporary : { ...temporary, sessionId: `own-${hero.name}` };
    await unknown(hero, args);
    await startAnewElsewhere(hero, args);
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("a look with one wrong answer", () => {
  test("`no such task` of a young Temporary picture, on a forced replace, is no proof", async () => {
    const hero = newHero();
    await hero.up(temporary);
    world.emulator.advance(hours(1));
    world.emulator.fault({ kind: "unknownTask", ...always });
    const { reasons } = await hero.up(temporary, { replace: true });
    expect(hero.outputs["taskId"]).toBe(tasks(world)[0]?.taskId);
    expect(hero.outputs["status"]).not.toBe("AGED");
    expect(reasons.join()).toContain("it answers for a task for 3 days");
    world.emulator.clearFaults();
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a Temporary picture that another machine has seen in state is not made again on a forced replace", async () => {
    const hero = newHero();
    await hero.up(temporary);
    await world.restart({ newMachine: true });
    await hero.up(temporary);
    world.emulator.advance(days(4));
    await hero.up(temporary, { replace: true });
    expect(hero.outputs["status"]).toBe("AGED");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test.each([1, 2, "always"] as const)("a success without its files, told %s times", async (times) => {
    const hero = newHero();
    world.emulator.behaviour({ searchLagSeconds: 100_000 });
    world.emulator.fault({ kind: "finishWithoutFiles", times });
    await hero.up(picture());
    world.emulator.clearFaults();
    world.emulator.behaviour({ searchLagSeconds: 0 });
    await hero.up(picture());
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a file without a URL is a file, and its URL is told by a later verb", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "fileWithoutUrl" });
    await hero.up(picture());
    expect(hero.outputs).toMatchObject({ status: "FINISH", files: [{ fileId: tasks(world)[0]?.files[0]?.fileId }] });
    await hero.up(picture());
    expect(hero.outputs["url"]).toMatch(/^http/);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a file that is told absent once, on a forced replace", async () => {
    const hero = newHero();
    await hero.up(picture());
    world.emulator.advance(hours(1));
    world.emulator.fault({ kind: "fileAbsent" });
    await hero.up(picture(), { replace: true });
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a file that is told absent once, in a refresh", async () => {
    const hero = newHero();
    await hero.up(picture());
    world.emulator.advance(hours(1));
    world.emulator.fault({ kind: "fileAbsent" });
    expect(await hero.refresh()).toBe(true);
    expect((await hero.up(picture())).operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a part of several files: the others are taken in by a later refresh", async () => {
    const several = picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 3 } });
    const hero = newHero();
    world.emulator.fault({ kind: "partOfFiles", files: 1, action: "DescribeTaskDetail" });
    await hero.up(several);
    expect(hero.outputs["files"]).toHaveLength(1);
    await hero.refresh();
    expect(hero.outputs["files"]).toHaveLength(3);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("files that a refresh completes keep the URLs that are stored, so that nothing made from them is billed", async () => {
  world.emulator.fault({ kind: "partOfFiles", files: 1, times: "always" });
  const several = { modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 3 } };
  const hero = newHero();
  await hero.up(picture(several));
  const { url } = hero.outputs;
  world.emulator.clearFaults();
  world.emulator.behaviour({ urlVaries: true });
  await hero.refresh();
  expect(hero.outputs["fileUrls"]).toHaveLength(3);
  expect(hero.outputs["url"]).toBe(url);
  expectLedger(world, { billed: 1, intended: 1 });
});

describe("a look that cannot be answered", () => {
  test("before a first send is asked again until the deadline, then fails with nothing sent", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "errorCode", code: "FailedOperation", action: "SearchMedia", ...always });
    const { error } = await hero.up(picture({ timeoutSeconds: 60 }));
    expect(error).toMatch(/media library could not be read.*nothing is billed/);
    world.emulator.clearFaults();
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("once, holds nothing up", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "errorCode", code: "FailedOperation", action: "SearchMedia" });
    expect((await hero.up(picture())).error).toBeUndefined();
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("for want of a permission, is said at once", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: "SearchMedia", ...always });
    const { error } = await hero.up(picture());
    expect(error).toMatch(/^.*The key may not call this action.*permission.*media library could not be read/);
    expect(requests(world, "SearchMedia")).toBe(1);
    world.emulator.clearFaults();
    expectLedger(world, { billed: 0, intended: 1 });
  });
});

describe("an answer that says less than what happened", () => {
  test.each([
    "FailedOperation.DBError",
    "FailedOperation.NetWorkError",
    "InternalError",
    "ServiceUnavailable",
    "ResourceBusy",
    "ResourceUnavailable",
  ])("accepted, then answered with %s: one bill, told as one that may have been", async (code) => {
    const hero = newHero();
    world.emulator.behaviour({ tasksInListing: false });
    world.emulator.fault({ kind: "acceptThenErrorCode", code, action: create });
    world.emulator.fault({ kind: "errorCode", code, action: create, after: 1, ...always });
    const { reasons } = await hero.up(temporary);
    expect(hero.outputs["status"]).toMatch(/UNKNOWN|FINISH/);
    if (hero.outputs["status"] === "UNKNOWN") expect(reasons.join()).toContain("may have been billed");
    world.emulator.clearFaults();
    world.emulator.advance(days(4));
    await world.restart({ newMachine: true });
    await hero.up(temporary);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a submission that the journal knows is found where the listing shows no SessionIds", async () => {
    world.emulator.behaviour({ listingSessionIds: false });
    const hero = newHero();
    world.emulator.fault({ kind: "taskFails", errCodeExt: "RequestLimitExceeded", times: 2 });
    await hero.up({ ...temporary, waitForCompletion: false });
    const creating = hero.up(temporary);
    await world.emulator.waitUntil(() => tasks(world).length >= 1);
    await creating;
    for (let night = 0; night < 3; night++) await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 3 });
  });
});

describe("the window", () => {
  test("a refusal on day 0 and a send on day 4: the new intent has its own time", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "errorCode", code: "InvalidParameter", action: create });
    expect((await hero.up(temporary)).error).toBeDefined();
    world.emulator.advance(days(4));
    await world.restart();
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const creating = hero.up(temporary);
    await world.emulator.waitUntil(() => tasks(world).length === 1);
    await hero.crash(creating);
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("is judged when a repeat is signed, not when it began to wait for a slot", async () => {
    const own = await openWorld({ config: { "tencent-aigc:maxConcurrentTasks": "1" } });
    const [late, first] = [new Lifecycle(own, "late"), new Lifecycle(own, "first")];
    own.emulator.behaviour({ tasksInListing: false });
    own.emulator.fault({ ...lostAnswers });
    await late.up(temporary);
    expect(late.outputs["status"]).toBe("UNKNOWN");
    own.emulator.clearFaults();
    own.emulator.advance(hours(70));
    await own.restart();
    own.emulator.fault({ kind: "stuck", seconds: hours(3) });
    const inFront = first.up(picture({ prompt: "in front", timeoutSeconds: 200_000 }));
    await own.emulator.waitUntil(() => tasks(own).length === 2);
    const repeated = late.up({ ...temporary, timeoutSeconds: 200_000 });
    await late.row(/queued/);
    own.emulator.advance(hours(4));
    await Promise.all([inFront, repeated]);
    expect(late.outputs["status"]).toBe("AGED");
    expect(tasks(own)).toHaveLength(2);
    expectLedger(own, { billed: 2, intended: 2 });
  });

  test.each([8, -8])("holds on a machine whose clock is %i hours from the service's", async (offset) => {
    const own = await openWorld({ emulator: { clockOffsetSeconds: hours(-offset) } });
    const hero = new Lifecycle(own);
    own.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const creating = hero.up(temporary);
    await own.emulator.waitUntil(() => tasks(own).length === 1);
    await hero.crash(creating);
    own.emulator.advance(hours(74));
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("AGED");
    expectLedger(own, { billed: 1, intended: 1 });
  });

  test("times that cannot be read mean now: a running task is looked at and waited for", async () => {
    const own = await openWorld();
    const hero = new Lifecycle(own);
    own.emulator.fault([
      { kind: "stuck", seconds: 900 },
      { kind: "zeroTimes", ...always },
    ]);
    await hero.up({ ...temporary, timeoutSeconds: 20 });
    expect(hero.outputs["status"]).toBe("PROCESSING");
    own.emulator.advance(1_000);
    await own.restart();
    await hero.up({ ...temporary, timeoutSeconds: 20 });
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(own, { billed: 1, intended: 1 });
  });
});

describe("an end that was ordered", () => {
  const until = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");

  test("an unchanged program with a nightly refresh bills once, long after the files have expired", async () => {
    const own = await openWorld();
    const hero = new Lifecycle(own);
    const args = picture({ outputConfig: { expireTime: until(hours(20)) } });
    await hero.up(args);
    for (let night = 0; night < 5; night++) {
      own.emulator.advance(days(1));
      await own.restart({ newMachine: true });
      expect(await hero.refresh()).toBe(true);
      expect((await hero.up(args)).operation).toBe("same");
    }
    expectLedger(own, { billed: 1, intended: 1 });
  });

  test("on a forced replace nothing is sent: it ended as ordered", async () => {
    const own = await openWorld();
    const hero = new Lifecycle(own);
    const args = picture({ outputConfig: { expireTime: until(hours(20)) } });
    await hero.up(args);
    own.emulator.advance(days(2));
    await own.restart();
    await hero.up(args, { replace: true });
    expectLedger(own, { billed: 1, intended: 1 });
  });

  test("a refresh stores nothing that depends on the time of day", async () => {
    const own = await openWorld();
    const hero = new Lifecycle(own);
    await hero.up(temporary);
    const before = hero.outputs;
    own.emulator.advance(days(8));
    await own.restart();
    await hero.refresh();
    expect(hero.outputs).toEqual(before);
    expectLedger(own, { billed: 1, intended: 1 });
  });
});

describe("two resources with one intention", () => {
  test("one of which does not wait, and which differ in metadata: one bill, each with its own waiting", async () => {
    const scope = { sessionScope: `twins-${++resources}` };
    const [waits, leaves] = [newHero("waits"), newHero("leaves")];
    world.emulator.fault({ kind: "stuck", seconds: 300 });
    const waiting = waits.up(picture({ ...scope, timeoutSeconds: 100_000 }));
    await leaves.up(picture({ ...scope, waitForCompletion: false, outputConfig: { classId: 7 } }));
    expect(leaves.outputs["status"]).toBe("PROCESSING");
    world.emulator.advance(400);
    await waiting;
    expect(waits.outputs["status"]).toBe("FINISH");
    expect(leaves.outputs["taskId"]).toBe(waits.outputs["taskId"]);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("a refused SessionId of the user's own holds no slot", async () => {
  const own = await openWorld({ config: { "tencent-aigc:maxConcurrentTasks": "1" } });
  own.emulator.behaviour({ tasksInListing: true });
  own.emulator.addTask({ SubAppId: subAppId, SessionId: "foreign", ModelName: "GG", Prompt: "something else" });
  const [foreign, other] = [new Lifecycle(own, "foreign"), new Lifecycle(own, "other")];
  expect((await foreign.up(picture({ sessionId: "foreign" }))).error).toBeDefined();
  await other.up(picture({ timeoutSeconds: 60 }));
  expect(other.outputs["status"]).toBe("FINISH");
  expectLedger(own, { billed: 1, intended: 2 });
});

test("once the sessionId that another request has used is changed, as the error says, the picture comes about", async () => {
  const hero = newHero();
  const sessionId = `taken-${hero.name}`;
  world.emulator.addTask({ SubAppId: subAppId, SessionId: sessionId, ModelName: "GG", Prompt: "something else" });
  expect((await hero.up(picture({ sessionId }))).error).toBeDefined();
  await world.restart();
  await hero.up(picture());
  expect(hero.outputs["status"]).toBe("FINISH");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("an UNKNOWN request under a sessionId that turns out another's is sent once under a new one", async () => {
  const hero = newHero();
  const sessionId = `lost-${hero.name}`;
  world.emulator.fault({ kind: "gatewayError", action: create, ...always });
  await hero.up(picture({ sessionId }));
  expect(hero.outputs["status"]).toBe("UNKNOWN");
  world.emulator.clearFaults();
  world.emulator.addTask({ SubAppId: subAppId, SessionId: sessionId, ModelName: "GG", Prompt: "something else" });
  await world.restart({ newMachine: true });
  await hero.up(picture({ sessionId: `new-${hero.name}` }));
  expect(hero.outputs).toMatchObject({ status: "FINISH", sessionId: `new-${hero.name}` });
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a Temporary task under it that only echoes another prompt is no proof that ours was refused: nothing is sent", async () => {
  const hero = newHero();
  const sessionId = `lost-${hero.name}`;
  world.emulator.fault({ kind: "gatewayError", action: create, ...always });
  await hero.up({ ...temporary, sessionId });
  world.emulator.clearFaults();
  world.emulator.addTask({ SubAppId: subAppId, SessionId: sessionId, ModelName: "GG", Prompt: "something else" });
  await world.restart({ newMachine: true });
  const { error } = await hero.up({ ...temporary, sessionId: `new-${hero.name}` });
  expect(error).toMatch(/adoptTaskId.*keepers/);
  expectLedger(world, { billed: 0, intended: 1 });
});

test("an own request without an answer comes before what another stack has sent under the id that it points to", async () => {
  const own = await openWorld();
  const [shop, second] = [new Lifecycle(own, "shared", "one"), new Lifecycle(own, "shared", "two")];
  own.emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed", times: 2 });
  await shop.up(temporary);
  await shop.up(temporary);
  const scoped = { ...temporary, sessionScope: "shared" };
  own.emulator.fault([
    { kind: "acceptThenSlow", seconds: 600, action: create },
    { kind: "stuck", seconds: 30 },
  ]);
  const killed = second.up(scoped);
  await own.emulator.waitUntil(() => tasks(own).length === 3);
  await second.crash(killed);
  own.emulator.clearFaults();
  own.emulator.advance(60);
  await shop.up(scoped);
  await second.up(scoped);
  expect(second.outputs["taskId"]).toBe(tasks(own)[2]?.taskId);
  // Both stacks had begun before they shared a scope, so there are two pictures, and each is in a state.
  expectLedger(own, { billed: 2, intended: 2 });
});
