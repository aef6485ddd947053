import { describe, expect, test } from "vitest";
import type { Fault, RequestFault } from "../../emulator";
import { expectLedger, openWorld, requests, sharedWorld, tasks } from "../support/emulator";
import type { Properties } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const world = sharedWorld();
const create = "CreateAigcImageTask";
const describeTask = "DescribeTaskDetail";
let resources = 0;

function newHero(): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`);
}

function expectOnePicture(hero: Lifecycle): void {
  expect(requests(world, create)).toBe(1);
  expect(hero.outputs).toMatchObject({ status: "FINISH", taskId: tasks(world)[0]?.taskId });
  expect(hero.state?.initErrors).toEqual([]);
  expectLedger(world, { billed: 1, intended: 1 });
}

const impatient = picture({ timeoutSeconds: 20 });

describe("a task that takes longer than is waited for", () => {
  test("stays in state with its id, and the next `up` waits on for it", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    const { operation, reasons } = await hero.up(impatient);
    const [task] = tasks(world);
    expect(operation).toBe("create");
    expect(reasons.join()).toMatch(/still PROCESSING after 20 s.*nothing more is sent or billed/);
    expect(hero.state).toMatchObject({ id: task?.taskId, outputs: { status: "PROCESSING", taskId: task?.taskId } });
    world.emulator.advance(1000);
    expect((await hero.up(impatient)).operation).toBe("update");
    expectOnePicture(hero);
    expect((await hero.up(impatient)).operation).toBe("same");
  });

  test("can time out any number of times", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    for (const operation of ["create", "update", "update"]) {
      const result = await hero.up(impatient);
      expect([result.operation, result.reasons.length]).toEqual([operation, 1]);
    }
    world.emulator.advance(1000);
    await hero.up(impatient);
    expectOnePicture(hero);
  });

  test("a refresh between timeout and `up` does not hide the task", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    await hero.up(impatient);
    await hero.refresh();
    expect(hero.state?.initErrors).toEqual([]);
    expect((await hero.preview(impatient)).operation).toBe("update");
    world.emulator.advance(1000);
    await hero.up(impatient);
    expectOnePicture(hero);
  });

  test("a refresh after it has ended finds the picture, and the next `up` has nothing to do", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    await hero.up(impatient);
    world.emulator.advance(1000);
    await hero.refresh();
    expect((await hero.up(impatient)).operation).toBe("same");
    expectOnePicture(hero);
  });

  test("is asked about once more right before the deadline", async () => {
    // A task that is 1000 s old is asked about every 10 s, so a deadline after 19 s leaves one look at the very end.
    const own = await openWorld({ speed: 10 });
    const hero = new Lifecycle(own);
    own.emulator.fault({ kind: "stuck", seconds: 2000 });
    await hero.up(picture({ timeoutSeconds: 1 }));
    await own.restart();
    own.emulator.advance(1000);
    const before = requests(own, describeTask);
    const waiting = hero.up(picture({ timeoutSeconds: 19 }));
    await own.emulator.waitUntil((ledger) => (ledger.requests[describeTask] ?? 0) === before + 2);
    own.emulator.advance(1000);
    expect((await waiting).reasons).toEqual([]);
    expect(requests(own, describeTask)).toBe(before + 3);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(own, { billed: 1, intended: 1 });
  });
});

describe("statuses", () => {
  test("WAITING, PROCESSING and FINISH follow one another in the row", async () => {
    const own = await openWorld({ emulator: { concurrency: 1 }, config: { "tencent-aigc:maxConcurrentTasks": "2" } });
    own.emulator.fault({ kind: "stuck", seconds: 900, times: 2 });
    const args = picture({ timeoutSeconds: 3_600 });
    await new Lifecycle(own, "first").up({ ...args, waitForCompletion: false });
    const second = new Lifecycle(own, "second");
    const creating = second.up(args);
    for (const status of [/^WAITING/, /^PROCESSING/]) {
      await second.row(status);
      own.emulator.advance(900);
    }
    await creating;
    expect(second.outputs["status"]).toBe("FINISH");
    expectLedger(own, { billed: 2, intended: 2 });
  });

  test("one that nobody has heard of is waited on", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "unknownStatus", action: describeTask, times: 3 });
    await hero.up(picture());
    expectOnePicture(hero);
  });

  test("one that never changes is asked about at a pace, and stays in state", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "unknownStatus", action: describeTask, times: "always" });
    const { reasons } = await hero.up(impatient);
    expect(reasons.join()).toContain("still REVIEWING");
    expect(hero.outputs).toMatchObject({ status: "REVIEWING", taskId: tasks(world)[0]?.taskId });
    // 20 s, every quarter of a second at the most.
    expect(requests(world, describeTask)).toBeLessThanOrEqual(20 * 4 + 2);
    world.emulator.clearFaults();
    await hero.up(impatient);
    expectOnePicture(hero);
  });

  test("progress that goes backwards, and an end that is taken back, are waited through", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "progressBackwards", action: describeTask, times: 4 });
    await hero.up(picture());
    expectOnePicture(hero);
  });
});

describe("an end without a picture", () => {
  const several = picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 3 } });
  const ends: [string, Fault, Properties, string][] = [
    ["ABORTED", { kind: "aborted" }, { errCodeExt: "OperationCanceled" }, "the task was cancelled"],
    ["FINISH with ErrCode only", { kind: "taskFails", errCodeExt: "" }, { errCode: 70000 }, "not documented"],
    [
      "FINISH with ErrCodeExt only",
      { kind: "taskFails", errCode: 0, errCodeExt: "InvalidParameter" },
      { errCodeExt: "InvalidParameter" },
      "the model refused a parameter",
    ],
    [
      "FINISH with an ErrCodeExt that nobody has heard of",
      { kind: "taskFails", errCodeExt: "Surprise" },
      { errCodeExt: "Surprise" },
      "not documented",
    ],
    ["FINISH without a file", { kind: "emptyFiles" }, {}, "reported success but gave no file"],
  ];
  test.each(ends)("%s is a failure in state that no `up` repeats", async (_, fault, codes, meaning) => {
    const hero = newHero();
    world.emulator.fault(fault);
    const first = await hero.up(picture());
    expect(first.reasons.join()).toContain(meaning);
    expect(hero.outputs).toMatchObject({ status: "FAILED", taskId: tasks(world)[0]?.taskId, ...codes });
    const second = await hero.up(picture());
    expect(second.reasons).toEqual(first.reasons);
    expect(second.reasons.join()).toContain("is not sent again");
    const { engine } = await world.host();
    expect(engine.rows(hero.urn).filter((text) => text.startsWith("bills"))).toEqual(["bills up to 1 image, GG 2.5"]);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test.each(["Voilation", "Violation"] as const)("moderation is known by its spelling %s", async (spelling) => {
    world.emulator.behaviour({ moderationSpelling: spelling });
    const hero = newHero();
    world.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" });
    const { reasons } = await hero.up(picture());
    expect(reasons.join()).toMatch(/content moderation refused.*Change what was refused/);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test.each<[string, () => void]>([
    ["without an error", () => world.emulator.fault({ kind: "partialFiles", files: 1 })],
    ["with an error beside them", () => world.emulator.behaviour({ partialOutput: "withError" })],
  ])("fewer images than asked, %s, are a success with a warning", async (_, set) => {
    set();
    const hero = newHero();
    await hero.up(several);
    const files = tasks(world)[0]?.files.length;
    expect(hero.outputs["files"]).toHaveLength(files ?? 0);
    const { engine } = await world.host();
    const warning = await engine.seen((line) => line.severity === "warning" && line.urn === hero.urn);
    expect(warning.text).toContain(`${files} of 3 images`);
    expect((await hero.up(several)).operation).toBe("same");
    expectOnePicture(hero);
  });
});

describe("the service cannot be asked", () => {
  test.each([0, 1, 2, 3])("for a while, at look %i: the picture is waited for", async (after) => {
    const hero = newHero();
    world.emulator.fault([
      { kind: "internalError", action: describeTask, after },
      { kind: "refuseConnection", action: describeTask, after: after + 1 },
      { kind: "throttle", action: describeTask, after: after + 2 },
      { kind: "acceptThenCutBody", action: describeTask, after: after + 3 },
    ]);
    await hero.up(picture());
    expectOnePicture(hero);
  });

  test.each<[string, RequestFault]>([
    ["a right that was taken away", { kind: "errorCode", code: "UnauthorizedOperation" }],
    ["a key that was revoked", { kind: "errorCode", code: "AuthFailure.SecretIdNotFound" }],
    ["a gateway that is down", { kind: "gatewayError", status: 503 }],
  ])("%s: the task stays in state, and the next `up` finds its picture", async (_, fault) => {
    const hero = newHero();
    world.emulator.fault({ ...fault, action: describeTask, times: "always" });
    const { reasons } = await hero.up(picture());
    expect(hero.state?.id).toBe(tasks(world)[0]?.taskId);
    expect(reasons.join()).toMatch(/was accepted, but the service cannot be asked.*nothing more is sent or billed/);
    world.emulator.clearFaults();
    await hero.up(picture());
    expectOnePicture(hero);
  });
});

describe("not waiting", () => {
  test("returns with the TaskId, and waits when told to, unbilled", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    const { reasons } = await hero.up(picture({ waitForCompletion: false }));
    expect(reasons).toEqual([]);
    expect(hero.outputs).toMatchObject({ status: "PROCESSING", taskId: tasks(world)[0]?.taskId });
    world.emulator.advance(1000);
    expect((await hero.up(picture())).operation).toBe("update");
    expectOnePicture(hero);
  });
});
