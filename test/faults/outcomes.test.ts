import { describe, expect, test } from "vitest";
import type { FaultOf } from "../../emulator";
import { expectLedger, openWorld, requests, sharedWorld, tasks } from "../support/emulator";
import { registered } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

/** What `create` and `update` make of each thing that can be found of an intention. */

const world = sharedWorld();
const create = "CreateAigcImageTask";
const temporary = picture({ outputConfig: { storageMode: "Temporary" } });
const days = (count: number) => count * 86_400;
const always = { times: "always" } as const;
let resources = 0;

function newHero(): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`);
}

function expectOnePicture(hero: Lifecycle): void {
  expect(hero.outputs["status"]).toBe("FINISH");
  expect(tasks(world)).toHaveLength(1);
  expectLedger(world, { billed: 1, intended: 1 });
}

const fails = (errCodeExt: string, more: Partial<FaultOf<"taskFails">> = {}): FaultOf<"taskFails"> => ({
  kind: "taskFails",
  errCodeExt,
  ...more,
});
const moderated = fails("InvalidParameter.VoilationContent", always);

describe("ended for a lasting cause", () => {
  test("an `up` in a loop on a moderated prompt bills once", async () => {
    world.emulator.behaviour({ failedTasksCharged: true });
    world.emulator.fault(moderated);
    const hero = newHero();
    for (let night = 0; night < 10; night++) {
      const { reasons } = await hero.up(picture());
      expect(reasons.join()).toContain("content moderation");
      world.emulator.advance(days(1));
    }
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a changed prompt is another intention, and is generated", async () => {
    const hero = newHero();
    world.emulator.fault(fails("InvalidParameter.VoilationContent"));
    await hero.up(picture());
    const { operation } = await hero.up(picture({ prompt: "a lighthouse, politely" }));
    expect(operation).toBe("replace");
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("forced replaces and lost states send nothing again", async () => {
    world.emulator.fault(moderated);
    const hero = newHero();
    await hero.up(picture());
    await hero.up(picture(), { replace: true });
    hero.state = undefined;
    await world.restart();
    await hero.up(picture());
    hero.state = undefined;
    await world.restart({ newMachine: true });
    await hero.up(picture());
    expect(hero.outputs).toMatchObject({ status: "FAILED", taskId: tasks(world)[0]?.taskId });
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });
});

describe("ended for a passing cause", () => {
  test.each(["InternalError", "ModelGenerateFailed", "TaskTimeout"])(
    "%s: reported, and sent once more by the next `up`, as its preview says",
    async (cause) => {
      const hero = newHero();
      world.emulator.fault(fails(cause));
      const { reasons } = await hero.up(picture());
      expect(reasons.join()).toMatch(/attempt 2 of 5/);
      expect(requests(world, create)).toBe(1);
      expect((await hero.preview(picture())).operation).toBe("update");
      await hero.row("bills 1 image, GG 2.5, attempt 2 of 5");
      expect(requests(world, create)).toBe(1);
      await hero.up(picture());
      const [first, second] = tasks(world);
      expect(second?.sessionId).toBe(`${first?.sessionId}-2`);
      expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2, taskId: second?.taskId });
      expect(hero.state?.id).toBe(first?.taskId);
      expect((await hero.up(picture())).operation).toBe("same");
      expectLedger(world, { billed: 1, intended: 2 });
    },
  );

  test("after its resource had stopped waiting: reported first, and sent again only once a preview has said so", async () => {
    const hero = newHero();
    world.emulator.fault({ ...fails("ModelGenerateFailed"), seconds: 900 });
    const impatient = picture({ timeoutSeconds: 20 });
    await hero.up(impatient);
    world.emulator.advance(1000);
    const { operation, reasons } = await hero.up(impatient);
    expect(operation).toBe("update");
    expect(reasons.join()).toMatch(/attempt 2 of 5/);
    expect(requests(world, create)).toBe(1);
    await hero.preview(impatient);
    await hero.row("bills 1 image, GG 2.5, attempt 2 of 5");
    await hero.up(impatient);
    expect(requests(world, create)).toBe(2);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("a nightly `up` on a passing failure stops at five", async () => {
    world.emulator.behaviour({ failedTasksCharged: true });
    world.emulator.fault(fails("ModelGenerateFailed", always));
    const hero = newHero();
    for (let night = 1; night <= 8; night++) {
      const { reasons } = await hero.up(picture());
      if (night >= 5) expect(reasons.join()).toContain("attempt 5 of 5, so it is not sent again");
      world.emulator.advance(days(1));
    }
    expect(requests(world, create)).toBe(5);
    // Each attempt was announced by a preview of its own.
    expectLedger(world, { billed: 5, intended: 5 });
  });

  test("forced replaces share the five", async () => {
    world.emulator.fault(fails("ModelGenerateFailed", always));
    const hero = newHero();
    await hero.up(picture());
    // The process learns with an answer that the service's time was moved, so that every other night only asks.
    for (let night = 1; night <= 12; night++) {
      world.emulator.advance(60);
      await hero.up(picture(), { replace: true });
    }
    expect(tasks(world)).toHaveLength(5);
    expect(hero.outputs).toMatchObject({ status: "FAILED", attempt: 5 });
    expectLedger(world, { billed: 0, intended: 5 });
  });

  test("a crash in the middle of a retry is no further attempt", async () => {
    const hero = newHero();
    world.emulator.fault(fails("ModelGenerateFailed"));
    await hero.up(temporary);
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const retrying = hero.up(temporary);
    await world.emulator.waitUntil(() => tasks(world).length === 2);
    await hero.crash(retrying);
    await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2, taskId: tasks(world)[1]?.taskId });
    expect(tasks(world)).toHaveLength(2);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("a retry whose answer is lost is found, and is no further attempt", async () => {
    const hero = newHero();
    world.emulator.fault(fails("ModelGenerateFailed"));
    await hero.up(temporary);
    world.emulator.fault({ kind: "acceptThenReset", action: create });
    await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2 });
    expect(tasks(world)).toHaveLength(2);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("a retry whose answer is lost is found once it is listed, behind the attempt that failed", async () => {
    const hero = newHero();
    world.emulator.fault(fails("ModelGenerateFailed"));
    await hero.up(temporary);
    world.emulator.fault({ kind: "acceptThenReset", action: create });
    world.emulator.fault({ kind: "listingLag", seconds: 7_200 });
    await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "UNKNOWN", attempt: 2 });
    await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "UNKNOWN", attempt: 2 });
    world.emulator.advance(7_300);
    await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2, taskId: tasks(world)[1]?.taskId });
    expect(tasks(world)).toHaveLength(2);
    expectLedger(world, { billed: 1, intended: 2 });
  });
});

describe("never ran, being over the concurrency", () => {
  test.each(["RequestLimitExceeded", "FailedOperation"])(
    "%s: sent anew until the deadline, counted as no attempt",
    async (cause) => {
      const hero = newHero();
      world.emulator.fault(fails(cause, { times: 6 }));
      await hero.up(picture());
      expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 1, submission: 7 });
      expect(tasks(world)).toHaveLength(7);
      expectLedger(world, { billed: 1, intended: 1 });
    },
  );

  test("ends with the deadline, and the next `up` goes on", async () => {
    const own = await openWorld({
      emulator: { concurrency: 1 },
      config: { "tencent-aigc:maxConcurrentTasks": "2" },
    });
    own.emulator.behaviour({ overConcurrency: "failed" });
    own.emulator.fault({ kind: "stuck", seconds: 900 });
    const args = picture({ timeoutSeconds: 20 });
    await new Lifecycle(own, "other").up({ ...args, waitForCompletion: false });
    const hero = new Lifecycle(own);
    const { reasons } = await hero.up(args);
    expect(reasons.join()).toMatch(/never ran.*maxConcurrentTasks/);
    own.emulator.advance(1000);
    await hero.up(args);
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 1 });
    expectLedger(own, { billed: 2, intended: 2 });
  });
});

describe("UNKNOWN: sent, and nothing tells whether it became a task", () => {
  /** Its answers are lost, and the listing does not show its tasks. */
  async function unknown(args = temporary): Promise<Lifecycle> {
    const hero = newHero();
    world.emulator.behaviour({ tasksInListing: false });
    world.emulator.fault({ kind: "acceptThenReset", action: create, ...always });
    const { reasons } = await hero.up(args);
    expect(hero.outputs).toMatchObject({ status: "UNKNOWN", sentAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(hero.state?.id).toBe(`unknown:${tasks(world)[0]?.sessionId}`);
    const text = reasons.join();
    for (const way of ["adoptTaskId", "adoptFileIds", "keepers"]) expect(text).toContain(way);
    world.emulator.clearFaults();
    return hero;
  }

  test("the next `up` finds the task once it is listed", async () => {
    const hero = await unknown();
    world.emulator.behaviour({ tasksInListing: true });
    expect((await hero.up(temporary)).operation).toBe("update");
    expect(hero.outputs["taskId"]).toBe(tasks(world)[0]?.taskId);
    expectOnePicture(hero);
  });

  test("a Permanent picture is found by its name, though no task is ever listed", async () => {
    const hero = await unknown(picture());
    await hero.up(picture());
    expect(hero.outputs["files"]).toMatchObject([{ fileId: tasks(world)[0]?.files[0]?.fileId }]);
    expectOnePicture(hero);
  });

  test("a duplicate that is found nowhere stays UNKNOWN, night after night, and bills nothing more", async () => {
    const hero = await unknown();
    for (let night = 0; night < 6; night++) {
      const { reasons } = await hero.up(temporary);
      expect(reasons.join()).toContain("adoptTaskId");
      expect(hero.outputs["status"]).toMatch(/UNKNOWN|AGED/);
      world.emulator.advance(days(1));
    }
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a request that was never accepted is repeated under its SessionId and accepted then", async () => {
    const own = await openWorld();
    const hero = new Lifecycle(own);
    own.emulator.fault({ kind: "gatewayError", action: create, ...always });
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("UNKNOWN");
    own.emulator.clearFaults();
    own.emulator.advance(days(2));
    await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "FINISH", sessionId: tasks(own)[0]?.sessionId });
    expectLedger(own, { billed: 1, intended: 1 });
  });

  test.each([3, 7] as const)("after the window nothing is sent, with a window of %i days", async (windowDays) => {
    world.emulator.behaviour({ windowDays });
    const hero = newHero();
    world.emulator.fault({ kind: "gatewayError", action: create, ...always });
    await hero.up(temporary);
    world.emulator.clearFaults();
    const sent = requests(world, create);
    world.emulator.advance(days(3));
    // The first look tells the service's time.
    const { reasons } = await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("AGED");
    expect(reasons.join()).toMatch(/older than the 3 days.*adoptTaskId.*keepers/);
    expect(requests(world, create)).toBe(sent);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test.each([
    ["a refresh", (hero: Lifecycle) => hero.refresh()],
    ["a restart", () => world.restart()],
  ])("%s in between changes nothing of it", async (_, between) => {
    const hero = await unknown();
    const before = hero.outputs;
    await between(hero);
    expect(hero.outputs).toEqual(before);
    world.emulator.behaviour({ tasksInListing: true });
    await hero.up(temporary);
    expectOnePicture(hero);
  });

  test("its ways out: the task taken over by its id, unbilled", async () => {
    const hero = await unknown();
    const [task] = tasks(world);
    await hero.up({ ...temporary, adoptTaskId: task?.taskId });
    expect(hero.outputs["taskId"]).toBe(task?.taskId);
    expectOnePicture(hero);
  });

  test("its ways out: a changed keeper generates, and bills, another", async () => {
    const hero = await unknown();
    await hero.up({ ...temporary, keepers: { roll: 2 } });
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 1 });
    expectLedger(world, { billed: 2, intended: 2 });
  });
});

describe("AGED: older than the service answers for", () => {
  /** A crash, and nobody came back for four days. */
  async function aged(args = temporary): Promise<Lifecycle> {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 60 });
    const creating = hero.up(args);
    const { engine } = await world.host();
    await engine.seen((line) => line.urn === hero.urn && line.text.startsWith("PROCESSING"));
    await hero.crash(creating);
    world.emulator.advance(days(4));
    return hero;
  }

  test("a task that only the journal knows is not sent again, and says the ways out", async () => {
    const hero = await aged();
    const { reasons } = await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "AGED", taskId: tasks(world)[0]?.taskId });
    for (const way of ["adoptTaskId", "adoptFileIds", "keepers"]) expect(reasons.join()).toContain(way);
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("AGED");
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a Permanent picture is found by its name all the same", async () => {
    const hero = await aged(picture());
    await hero.up(picture());
    expectOnePicture(hero);
  });

  test("its ways out: a changed keeper generates, and bills, another", async () => {
    const hero = await aged();
    await hero.up(temporary);
    await hero.up({ ...temporary, keepers: { roll: 2 } });
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 1 });
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("a task in state that was not waited for, left for four days", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 60 });
    await hero.up({ ...temporary, timeoutSeconds: 20 });
    world.emulator.advance(days(4));
    const { reasons } = await hero.up({ ...temporary, timeoutSeconds: 20 });
    expect(hero.outputs).toMatchObject({ status: "AGED", taskId: tasks(world)[0]?.taskId });
    expect(reasons.join()).toContain("so nothing is sent");
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("the service's two ways to say that it forgot a task are told apart from any other error", async () => {
    world.emulator.behaviour({ afterWindowError: "InvalidParameterValue.TaskId" });
    const hero = await aged();
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("AGED");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("the media library", () => {
  test("a lost state and an empty runner on day 30 reuse the paid picture", async () => {
    const hero = newHero();
    await hero.up(picture());
    const { files } = hero.outputs;
    hero.state = undefined;
    world.emulator.advance(days(30));
    await world.restart({ newMachine: true });
    await hero.up(picture());
    await hero.row(/^reused, not billed/);
    expect(hero.outputs["files"]).toEqual(files);
    expectOnePicture(hero);
  });

  test("files that appear there only later are found in time by the SessionId", async () => {
    world.emulator.behaviour({ searchLagSeconds: 3_600 });
    const hero = newHero();
    await hero.up(picture());
    hero.state = undefined;
    await world.restart({ newMachine: true });
    await hero.up(picture());
    expect(hero.outputs["taskId"]).toBe(tasks(world)[0]?.taskId);
    expectOnePicture(hero);
  });

  test("the picture of a later attempt is the one that is reused", async () => {
    const hero = newHero();
    world.emulator.fault(fails("ModelGenerateFailed"));
    await hero.up(picture());
    await hero.up(picture());
    hero.state = undefined;
    world.emulator.advance(days(30));
    await world.restart({ newMachine: true });
    await hero.up(picture());
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2 });
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("a file whose name begins with the generation id is its picture, whatever the service adds to the name", async () => {
    const hero = newHero();
    const { inputs } = await (await world.host()).check({}, registered(hero.urn, picture()));
    const added = world.emulator.addMedia({ subAppId: 251007502, name: `${inputs["generationId"]}_1.png` });
    world.emulator.addMedia({ subAppId: 251007502, name: `${String(inputs["generationId"]).slice(0, -1)}-2` });
    await hero.up(picture());
    expect(hero.outputs["files"]).toMatchObject([{ fileId: added }]);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("names asked for together share requests", async () => {
    const own = Array.from({ length: 20 }, () => newHero());
    await world.host();
    await Promise.all(own.map((hero) => hero.up(picture())));
    expect(requests(world, "SearchMedia")).toBeLessThanOrEqual(10);
    expectLedger(world, { billed: 20, intended: 20 });
  });

  test("without it, and without tasks in the listing, a picture whose state and journal are lost ends in UNKNOWN", async () => {
    world.emulator.behaviour({ tasksInListing: false, filesInSearch: false });
    const hero = newHero();
    await hero.up(picture());
    hero.state = undefined;
    await world.restart({ newMachine: true });
    await hero.up(picture());
    expect(hero.outputs["status"]).toBe("UNKNOWN");
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a picture that has vanished is a new intention, as far as attempts are left", async () => {
    const hero = newHero();
    for (let made = 1; made <= 6; made++) {
      await hero.up(picture());
      if (hero.outputs["status"] !== "FINISH") break;
      world.emulator.deleteMedia(tasks(world).at(-1)?.files[0]?.fileId ?? "");
      await hero.refresh();
      expect(hero.state).toBeUndefined();
      world.emulator.advance(60);
    }
    expect(tasks(world)).toHaveLength(5);
    expect(hero.outputs["status"]).toBe("AGED");
    expectLedger(world, { billed: 5, intended: 5 });
  });
});

describe("what is not asked of the service", () => {
  test("whether the listing fills its SessionIds: without them the end is UNKNOWN, not a second bill", async () => {
    world.emulator.behaviour({ listingSessionIds: false });
    world.emulator.fault({ kind: "acceptThenReset", action: create, ...always });
    const hero = newHero();
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("UNKNOWN");
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a listing that names the type of a task otherwise is read all the same", async () => {
    world.emulator.behaviour({ listingTypeField: "Type" });
    world.emulator.fault({ kind: "acceptThenReset", action: create });
    const hero = newHero();
    await hero.up(temporary);
    expectOnePicture(hero);
  });

  test("a refused request that uses up its SessionId ends in a failure, not in a second bill", async () => {
    world.emulator.behaviour({ refusedSubmitUsesSessionId: true, overConcurrency: "refused" });
    const hero = newHero();
    world.emulator.fault({ kind: "errorCode", code: "FailedOperation.InvalidVodUser", action: create });
    await hero.up(temporary);
    await hero.up(temporary);
    expectOnePicture(hero);
  });
});
