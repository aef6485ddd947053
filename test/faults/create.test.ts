import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Fault, RequestFault } from "../../emulator";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import { registered } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const world = sharedWorld();
const create = "CreateAigcImageTask";
let resources = 0;

/** A resource that no other test has. */
function newHero(): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`);
}

/** Its picture is there, and is the only task there is. */
function expectOnePicture(hero: Lifecycle): void {
  const accepted = tasks(world);
  expect(accepted).toHaveLength(1);
  expect(hero.outputs).toMatchObject({ status: "FINISH", taskId: accepted[0]?.taskId, attempt: 1 });
  expectLedger(world, { billed: 1, intended: 1 });
}

describe("the request never arrives", () => {
  test("a refused connection sends nothing, and the next `up` bills once", async () => {
    const hero = newHero();
    await (await world.host()).check({}, {}).catch(() => {});
    world.emulator.fault({ kind: "closedPort", seconds: 600 });
    const { error = "" } = await hero.up(picture());
    expect(error).toMatch(/nothing was sent/i);
    expect(hero.state).toBeUndefined();
    world.emulator.clearFaults();
    await hero.up(picture());
    expectOnePicture(hero);
  });

  test("a connection reset before anything was read bills once", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "refuseConnection", action: create });
    await hero.up(picture());
    expectOnePicture(hero);
  });
});

describe("the answer is lost, and the task is billed", () => {
  const lost: [string, RequestFault][] = [
    ["a reset before the first byte", { kind: "acceptThenReset" }],
    ["an answer after our own time limit", { kind: "acceptThenSlow", seconds: 600 }],
    ["a body that stalls after the headers", { kind: "acceptThenStall" }],
    ["a body cut in the middle of its JSON", { kind: "acceptThenCutBody" }],
    ["a gateway's page, 504", { kind: "acceptThenGatewayError", status: 504 }],
    ["a gateway's page, 502", { kind: "acceptThenGatewayError", status: 502 }],
    ["InternalError although it was accepted", { kind: "acceptThenInternalError" }],
    ["an answer without a TaskId", { kind: "answerWithoutTaskId" }],
    ["an answer larger than is read", { kind: "oversized" }],
  ];
  test.each(lost)("%s: the task is found and adopted", async (_, fault) => {
    const hero = newHero();
    world.emulator.fault({ ...fault, action: create });
    expect((await hero.up(picture())).error).toBeUndefined();
    expectOnePicture(hero);
    expect((await hero.up(picture())).operation).toBe("same");
  });

  test("a gateway's page for a request that was not accepted leads to one more request", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "gatewayError", status: 504, action: create });
    await hero.up(picture());
    expect(requests(world, create)).toBe(2);
    expectOnePicture(hero);
  });

  test("InternalError for a request that was not accepted leads to one more under the same SessionId", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "internalError", action: create });
    await hero.up(picture());
    expect(requests(world, create)).toBe(2);
    expectOnePicture(hero);
  });

  test("no answer to the request nor to any repeat: still one task, and it is found", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "acceptThenReset", action: create, times: "always" });
    await hero.up(picture());
    expectOnePicture(hero);
  });
});

describe("answers that only look odd", () => {
  test.each<[string, RequestFault]>([
    ["text/html as content type", { kind: "wrongContentType" }],
    ["a byte order mark", { kind: "bom" }],
    ["characters split across chunks", { kind: "splitChunks" }],
  ])("%s is read all the same", async (_, fault) => {
    const hero = newHero();
    world.emulator.fault({ ...fault, action: create });
    await hero.up(picture());
    expect(requests(world, create)).toBe(1);
    expectOnePicture(hero);
  });

  test("a redirect is not followed, and no credential goes there", async () => {
    let reached = 0;
    const elsewhere = createServer((_, answer) => {
      reached++;
      answer.end("{}");
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void elsewhere.close());
    const hero = newHero();
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    world.emulator.fault({ kind: "redirect", action: create, location });
    await hero.up(picture());
    expect(reached).toBe(0);
    expectOnePicture(hero);
  });
});

describe("the SessionId was used before", () => {
  test("by a process that died and left no journal: its task is adopted", async () => {
    const hero = newHero();
    await hero.up(picture({ outputConfig: { storageMode: "Temporary" } }));
    hero.state = undefined;
    await world.restart({ newMachine: true });
    const { operation, error } = await hero.up(picture({ outputConfig: { storageMode: "Temporary" } }));
    expect([operation, error]).toEqual(["create", undefined]);
    expectOnePicture(hero);
  });

  // A derived SessionId stands for its request, so only an explicit one can be another request's. It is told by the
  // request that the service echoes, not by a digest in SessionContext, which is the user's own field.
  test.each(["Permanent", "Temporary"])(
    "an explicit one by another request: %s: nothing is spent",
    async (storageMode) => {
      const sessionId = `session-of-the-shop-${storageMode}`;
      const args = picture({ sessionId, outputConfig: { storageMode } });
      const first = newHero();
      await first.up(args);
      await world.restart({ newMachine: true });
      const second = newHero();
      const { error = "" } = await second.up({ ...args, prompt: "a harbour at night" });
      expect(error).toContain("sessionId: task");
      expect(error).toContain(String(first.state?.id));
      expect(error).toContain("adoptTaskId");
      expect(error).not.toContain("harbour");
      expect(second.state).toBeUndefined();
      expect(tasks(world)).toHaveLength(1);
      expectLedger(world, { billed: 1, intended: 2 });
    },
  );

  test.each(["Permanent", "Temporary"])(
    "an explicit one by the same request, aliased: %s: adopted",
    async (storageMode) => {
      world.emulator.behaviour({ aliasedEcho: true });
      const args = picture({ sessionId: `session-under-an-alias-${storageMode}`, outputConfig: { storageMode } });
      const hero = newHero();
      await hero.up(args);
      const { files } = hero.outputs;
      hero.state = undefined;
      await world.restart({ newMachine: true });
      await hero.up(args);
      expect(hero.outputs["files"]).toEqual(files);
      expectLedger(world, { billed: 1, intended: 1 });
    },
  );
});

describe("the listing of tasks", () => {
  const temporary = picture({ outputConfig: { storageMode: "Temporary" } });

  test("a task that is listed only later is waited for", async () => {
    const hero = newHero();
    world.emulator.fault([
      { kind: "acceptThenReset", action: create },
      { kind: "listingLag", seconds: 0.08 },
    ]);
    await hero.up(temporary);
    expectOnePicture(hero);
  });

  test("a task on the third page is found, with a new ScrollToken a page, and a page that comes twice", async () => {
    const crowd = newHero();
    world.emulator.fault({ kind: "acceptThenReset", action: create });
    await crowd.up(temporary);
    const host = await world.host();
    // 205 newer tasks of the same application, sent as another program would.
    await Promise.all(
      Array.from({ length: 205 }, async (_, index) => {
        const other = new Lifecycle(world, `crowd-${index}`);
        const { inputs } = await host.check({}, registered(other.urn, { ...temporary, prompt: `${index}` }));
        await host.create(inputs);
      }),
    );
    const first = crowd.outputs["taskId"];
    crowd.state = undefined;
    await world.restart({ newMachine: true });
    world.emulator.fault({ kind: "duplicatePage", action: "DescribeTasks", after: 1 });
    await crowd.up(temporary);
    expect(crowd.outputs["taskId"]).toBe(first);
    expect(requests(world, "DescribeTasks")).toBeGreaterThanOrEqual(4);
    expectLedger(world, { billed: 206, intended: 206 });
  });
});

describe("refusals", () => {
  test.each([
    "FailedOperation",
    "FailedOperation.InvalidVodUser",
    "InvalidParameter",
    "InvalidParameterValue.FileId",
    "InvalidParameterValue.SessionContextTooLong",
    "InvalidParameterValue.SessionIdTooLong",
    "InvalidParameterValue.SubAppId",
    "UnauthorizedOperation",
    "LimitExceeded.Quota",
    "AuthFailure.SecretIdNotFound",
  ])("%s is told, bills nothing and is not repeated; the next `up` sends anew", async (code) => {
    const hero = newHero();
    world.emulator.fault({ kind: "errorCode", code, action: create });
    const { error = "" } = await hero.up(picture());
    expect(error).toContain(code);
    expect(error).toContain("billed nothing");
    expect(hero.state).toBeUndefined();
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
    await hero.up(picture());
    expectOnePicture(hero);
  });

  // InvalidParameterValue.SessionId, the duplicate, and InternalError are above: neither is a definite refusal.

  test("a service that is asked too much is given time, and bills once", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "throttle", action: create, times: 4 });
    await hero.up(picture());
    expect(requests(world, create)).toBe(5);
    expectOnePicture(hero);
  });

  test("a service that has no time for minutes, since another stack uses it up, is waited for", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "throttle", action: create, times: 20 });
    await hero.up(picture());
    expect(requests(world, create)).toBe(21);
    expectOnePicture(hero);
  });

  test("a service that never has time is given up after the time limit, unbilled, and is asked seldom until then", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "throttle", action: create, times: "always" });
    const { error = "" } = await hero.up(picture({ timeoutSeconds: 300 }));
    expect(error).toContain("RequestLimitExceeded");
    expect(requests(world, create)).toBeGreaterThan(7);
    expect(requests(world, create)).toBeLessThan(60);
    expect(hero.state).toBeUndefined();
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("a signature that expired is signed once more only if the clocks differ, and never in a loop", async () => {
    const expired: Fault = { kind: "errorCode", code: "AuthFailure.SignatureExpire", action: create, times: "always" };
    const hero = newHero();
    world.emulator.fault(expired);
    expect((await hero.up(picture())).error).toContain("SignatureExpire");
    expect(requests(world, create)).toBe(1);
    world.emulator.advance(3600);
    await hero.up(picture());
    expect(requests(world, create)).toBe(3);
    expectLedger(world, { billed: 0, intended: 1 });
  });
});
