import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, type Fault, faultKinds, startEmulator } from "../../../emulator";
import { call, car, overSocket, send, type Wire } from "./stranger";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({
    frozen: true,
    concurrency: 100,
    taskSeconds: 10,
    submitsPerSecond: 1000,
    readsPerSecond: 1000,
  });
});
afterEach(() => emulator.close());

const tested = new Set<string>();
function fault(fault: Fault): void {
  tested.add(fault.kind);
  emulator.fault(fault);
}

function submit(): Promise<Wire> {
  return overSocket(emulator, "CreateAigcImageTask", car(), (text) => text.endsWith("}") || text.endsWith("0\r\n\r\n"));
}

async function create(changes: object = {}): Promise<string> {
  const { response } = await call(emulator, "CreateAigcImageTask", car(changes));
  expect(response.Error).toBeUndefined();
  return response.TaskId;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
async function read(action: string, parameters: object): Promise<any> {
  return (await call(emulator, action, parameters)).response;
}

/** Ends every task, and says how many there are that cost. */
function billed(): number {
  emulator.advance(10);
  return emulator.ledger().billed;
}

describe("on the wire", () => {
  test("refuseConnection: reset, nothing answered, nothing accepted", async () => {
    fault({ kind: "refuseConnection", action: "CreateAigcImageTask" });
    expect(await submit()).toEqual({ text: "", end: "reset" });
    expect([billed(), emulator.ledger().tasks.length]).toEqual([0, 0]);
  });

  test("closedPort: connections are truly refused, until faults are cleared", async () => {
    await create();
    fault({ kind: "closedPort", seconds: 3600 });
    const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1");
    const [error] = await once(socket, "error");
    expect(error.code).toBe("ECONNREFUSED");
    emulator.clearFaults();
    await create();
    expect(billed()).toBe(2);
  });

  test("closedPort: the port opens again by itself", async () => {
    fault({ kind: "closedPort", seconds: 0.05 });
    const opened = () => create().catch((error) => error.code);
    await expect.poll(opened, { timeout: 5000 }).toMatch(/-AigcImageTask-/);
    expect(billed()).toBe(1);
  });

  test("gatewayError: an HTML page, nothing accepted", async () => {
    fault({ kind: "gatewayError" });
    const answer = await call(emulator, "CreateAigcImageTask", car());
    expect([answer.status, answer.headers["content-type"]]).toEqual([502, "text/html"]);
    expect(answer.text).toContain("<html>");
    expect(billed()).toBe(0);
  });

  test("redirect: to where it is told, nothing accepted", async () => {
    fault({ kind: "redirect", status: 302, location: "http://127.0.0.1:9/elsewhere" });
    const { status, headers } = await call(emulator, "CreateAigcImageTask", car());
    expect([status, headers["location"]]).toEqual([302, "http://127.0.0.1:9/elsewhere"]);
    expect(billed()).toBe(0);
  });

  test("slow: nothing is accepted before the time has passed, then everything is as ever", async () => {
    fault({ kind: "slow", seconds: 90 });
    const answer = call(emulator, "CreateAigcImageTask", car());
    await emulator.waitUntil((ledger) => ledger.requests["CreateAigcImageTask"] === 1);
    emulator.advance(89);
    expect(emulator.ledger().tasks).toHaveLength(0);
    emulator.advance(1);
    expect((await answer).response.TaskId).toBeDefined();
    expect(billed()).toBe(1);
  });

  test("acceptThenReset: accepted and billed, reset before the first byte", async () => {
    fault({ kind: "acceptThenReset" });
    expect(await submit()).toEqual({ text: "", end: "reset" });
    expect(billed()).toBe(1);
  });

  test("acceptThenStall: accepted, half an answer, and the connection stays open", async () => {
    fault({ kind: "acceptThenStall" });
    const { text, end } = await overSocket(emulator, "CreateAigcImageTask", car(), (sofar) => sofar.includes("TaskId"));
    const [head = "", body = ""] = text.split("\r\n\r\n");
    const promised = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect([end, body.length]).toEqual(["open", Math.floor(promised / 2)]);
    expect(billed()).toBe(1);
  });

  test("acceptThenCutBody: accepted, half an answer, and the connection closes", async () => {
    fault({ kind: "acceptThenCutBody" });
    const { text, end } = await overSocket(emulator, "CreateAigcImageTask", car());
    const [head = "", body = ""] = text.split("\r\n\r\n");
    const promised = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect([end, body.length]).toEqual(["closed", Math.floor(promised / 2)]);
    expect(billed()).toBe(1);
  });

  test("acceptThenGatewayError: accepted, answered by a gateway", async () => {
    fault({ kind: "acceptThenGatewayError" });
    const { status, text } = await call(emulator, "CreateAigcImageTask", car());
    expect([status, text.startsWith("<html>")]).toEqual([504, true]);
    expect(billed()).toBe(1);
  });

  test("acceptThenSlow: accepted at once, answered when the time has passed", async () => {
    fault({ kind: "acceptThenSlow", seconds: 90 });
    const answer = call(emulator, "CreateAigcImageTask", car());
    let answered = false;
    void answer.then(() => {
      answered = true;
    });
    await emulator.waitUntil((ledger) => ledger.tasks.length === 1);
    emulator.advance(89);
    expect(answered).toBe(false);
    emulator.advance(1);
    expect((await answer).response.TaskId).toBe(emulator.ledger().tasks[0]?.taskId);
    expect(billed()).toBe(1);
  });

  test("oversized: an answer of more than 10 MB", async () => {
    fault({ kind: "oversized" });
    const { text } = await call(emulator, "CreateAigcImageTask", car());
    expect(text.length).toBeGreaterThan(10 * 1024 * 1024);
    expect(JSON.parse(text).Response.TaskId).toBeDefined();
    expect(billed()).toBe(1);
  });

  test("wrongContentType and bom: a proper answer in the wrong dress", async () => {
    fault({ kind: "wrongContentType" });
    fault({ kind: "bom" });
    const html = await call(emulator, "CreateAigcImageTask", car());
    expect([html.headers["content-type"], JSON.parse(html.text).Response.TaskId]).toEqual([
      "text/html",
      expect.any(String),
    ]);
    const marked = await call(emulator, "CreateAigcImageTask", car());
    expect([marked.text.charCodeAt(0), JSON.parse(marked.text.slice(1)).Response.TaskId]).toEqual([
      0xfeff,
      expect.any(String),
    ]);
    expect(billed()).toBe(2);
  });

  test("splitChunks: one byte a chunk", async () => {
    const taskId = await create({ Prompt: "车🚗" });
    fault({ kind: "splitChunks", action: "DescribeTaskDetail" });
    const { text } = await overSocket(emulator, "DescribeTaskDetail", { TaskId: taskId }, (sofar) =>
      sofar.endsWith("0\r\n\r\n"),
    );
    expect(text).toMatch(/transfer-encoding: chunked/i);
    const [, body = ""] = text.split("\r\n\r\n");
    expect(body.startsWith("1\r\n{\r\n1\r\n")).toBe(true);
    const whole = await read("DescribeTaskDetail", { TaskId: taskId });
    expect(whole.AigcImageTask.Input.Prompt).toBe("车🚗");
  });
});

describe("in the answer", () => {
  test.each([
    ["throttle", {}, "RequestLimitExceeded"],
    ["internalError", {}, "InternalError"],
    ["errorCode", { code: "LimitExceeded.Quota" }, "LimitExceeded.Quota"],
  ] as const)("%s: an error, nothing accepted", async (kind, parameters, code) => {
    fault({ kind, ...parameters });
    const { status, response } = await call(emulator, "CreateAigcImageTask", car({ SessionId: "s" }));
    expect([status, response.Error.Code]).toEqual([200, code]);
    await create({ SessionId: "s" });
    expect(billed()).toBe(1);
  });

  test("acceptThenInternalError: accepted, answered as an error", async () => {
    fault({ kind: "acceptThenInternalError" });
    const { response } = await call(emulator, "CreateAigcImageTask", car());
    expect([response.Error.Code, response.TaskId]).toEqual(["InternalError", undefined]);
    expect(billed()).toBe(1);
  });

  test("answerWithoutTaskId: accepted, answered without it", async () => {
    fault({ kind: "answerWithoutTaskId" });
    expect(Object.keys(await read("CreateAigcImageTask", car()))).toEqual(["RequestId"]);
    expect(billed()).toBe(1);
  });

  test("unknownStatus: one read shows a status that no source names", async () => {
    const taskId = await create();
    fault({ kind: "unknownStatus", action: "DescribeTaskDetail" });
    expect((await read("DescribeTaskDetail", { TaskId: taskId })).Status).toBe("REVIEWING");
    expect((await read("DescribeTaskDetail", { TaskId: taskId })).Status).toBe("PROCESSING");
  });

  test("progressBackwards: an ended task is running again, for one read", async () => {
    const taskId = await create();
    emulator.advance(10);
    const seen = async () => {
      const { Status, AigcImageTask: task } = await read("DescribeTaskDetail", { TaskId: taskId });
      return [Status, task.Status, task.Progress, task.Output.FileInfos.length];
    };
    expect(await seen()).toEqual(["FINISH", "FINISH", 100, 1]);
    fault({ kind: "progressBackwards" });
    expect(await seen()).toEqual(["PROCESSING", "PROCESSING", 10, 0]);
    expect(await seen()).toEqual(["FINISH", "FINISH", 100, 1]);
  });

  test("duplicatePage: the ScrollToken leads to the same page once more, first or later", async () => {
    for (const name of ["a", "b", "c"]) await create({ SessionContext: name });
    fault({ kind: "duplicatePage" });
    fault({ kind: "duplicatePage", after: 2 });
    const seen: string[] = [];
    let token = "";
    do {
      const page = await read("DescribeTasks", { Limit: 1, ScrollToken: token });
      seen.push(page.TaskSet[0].SessionContext);
      token = page.ScrollToken;
    } while (token);
    expect(seen.join("")).toBe("ccbba");
  });
});

describe("in the task", () => {
  async function ended(changes: object = {}) {
    const taskId = await create(changes);
    emulator.advance(10);
    return read("DescribeTaskDetail", { TaskId: taskId });
  }

  test("taskFails: it ends with the codes told, unbilled", async () => {
    fault({ kind: "taskFails", errCode: 60000, errCodeExt: "ResourceNotFound", message: "no such picture" });
    fault({ kind: "taskFails", errCode: 0, errCodeExt: "InternalError" });
    const { Status, AigcImageTask: task } = await ended();
    expect([Status, task.Status, task.ErrCode, task.ErrCodeExt, task.Message, task.Output.FileInfos]).toEqual([
      "FINISH",
      "FINISH",
      60000,
      "ResourceNotFound",
      "no such picture",
      [],
    ]);
    const { AigcImageTask: extOnly } = await ended();
    expect([extOnly.ErrCode, extOnly.ErrCodeExt]).toEqual([0, "InternalError"]);
    expect(emulator.ledger()).toMatchObject({ billed: 0, billedImages: 0, failed: 2 });
  });

  test("taskFails: moderation is spelt as the behaviour says", async () => {
    const moderated: Fault = { kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" };
    fault(moderated);
    expect((await ended()).AigcImageTask.ErrCodeExt).toBe("InvalidParameter.VoilationContent");
    emulator.behaviour({ moderationSpelling: "Violation" });
    fault(moderated);
    expect((await ended()).AigcImageTask.ErrCodeExt).toBe("InvalidParameter.ViolationContent");
  });

  test("emptyFiles: a success with nothing in it is not billed", async () => {
    fault({ kind: "emptyFiles" });
    const { AigcImageTask: task } = await ended();
    expect([task.Status, task.ErrCode, task.Output.FileInfos]).toEqual(["FINISH", 0, []]);
    expect(emulator.ledger()).toMatchObject({ billed: 0, failed: 1 });
  });

  test("partialFiles: fewer than asked, billed as many as came", async () => {
    fault({ kind: "partialFiles", files: 2 });
    const four = { ModelName: "Kling", ModelVersion: "2.1", OutputConfig: { OutputImageCount: 4 } };
    expect((await ended(four)).AigcImageTask.Output.FileInfos).toHaveLength(2);
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: 2 });
  });

  test("aborted: the task ends so", async () => {
    fault({ kind: "aborted" });
    expect((await ended()).Status).toBe("ABORTED");
    expect(emulator.ledger()).toMatchObject({ billed: 0, failed: 1, tasks: [{ status: "ABORTED" }] });
  });

  test("stuck: the task runs for as long as told, or for ever", async () => {
    fault({ kind: "stuck", seconds: 3600 });
    fault({ kind: "stuck" });
    const hour = await create();
    const ever = await create();
    const status = async (taskId: string) => (await read("DescribeTaskDetail", { TaskId: taskId })).Status;
    emulator.advance(3599);
    expect([await status(hour), await status(ever)]).toEqual(["PROCESSING", "PROCESSING"]);
    emulator.advance(1);
    expect([await status(hour), await status(ever)]).toEqual(["FINISH", "PROCESSING"]);
  });

  test("listingLag and searchLag: one task is listed, one task's files are found, later than the rest", async () => {
    fault({ kind: "listingLag", seconds: 30 });
    fault({ kind: "searchLag", seconds: 30, after: 1 });
    const permanent = (MediaName: string) => ({ OutputConfig: { StorageMode: "Permanent", MediaName } });
    await create(permanent("first"));
    await create(permanent("second"));
    emulator.advance(10);
    const seen = async () => [
      (await read("DescribeTasks", {})).TaskSet.length,
      (await read("SearchMedia", {})).TotalCount,
    ];
    expect(await seen()).toEqual([1, 1]);
    emulator.advance(30);
    expect(await seen()).toEqual([2, 2]);
  });
});

describe("a script of faults", () => {
  const codes = async (count: number) => {
    const seen: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { response } = await call(emulator, "CreateAigcImageTask", car());
      seen.push(response?.Error?.Code ?? (response?.TaskId ? "ok" : "broken"));
    }
    return seen;
  };

  test("lets `after` requests pass, then spoils `times`", async () => {
    emulator.fault({ kind: "throttle", after: 2, times: 2 });
    expect(await codes(5)).toEqual(["ok", "ok", "RequestLimitExceeded", "RequestLimitExceeded", "ok"]);
  });

  test("plays faults of one stage one after another", async () => {
    emulator.fault([{ kind: "throttle" }, { kind: "internalError" }, { kind: "errorCode", code: "X" }]);
    expect(await codes(4)).toEqual(["RequestLimitExceeded", "InternalError", "X", "ok"]);
  });

  test("plays faults of different stages on one request", async () => {
    emulator.fault([{ kind: "taskFails" }, { kind: "acceptThenReset" }]);
    expect((await submit()).end).toBe("reset");
    emulator.advance(10);
    expect(emulator.ledger()).toMatchObject({ billed: 0, failed: 1 });
  });

  test("waits for its action, for `*` any, and for its prompt", async () => {
    emulator.fault({ kind: "throttle", action: "DescribeTasks" });
    expect(await codes(1)).toEqual(["ok"]);
    expect((await read("DescribeTasks", {})).Error.Code).toBe("RequestLimitExceeded");

    emulator.fault({ kind: "throttle", action: "*" });
    expect((await read("SearchMedia", {})).Error.Code).toBe("RequestLimitExceeded");

    emulator.fault({ kind: "throttle", prompt: "unlucky" });
    expect(await codes(1)).toEqual(["ok"]);
    const unlucky = await read("CreateAigcImageTask", car({ Prompt: "an unlucky car" }));
    expect(unlucky.Error.Code).toBe("RequestLimitExceeded");
  });

  test("goes on always, until cleared", async () => {
    emulator.fault({ kind: "throttle", times: "always" });
    expect(new Set(await codes(5))).toEqual(new Set(["RequestLimitExceeded"]));
    emulator.clearFaults();
    expect(await codes(1)).toEqual(["ok"]);
  });

  test("counts every request in the ledger, whatever came of it", async () => {
    emulator.fault([{ kind: "refuseConnection" }, { kind: "gatewayError" }, { kind: "acceptThenReset" }]);
    await submit();
    await submit();
    await submit();
    await call(emulator, "CreateAigcImageTask", car(), { secretKey: "wrong" });
    expect(emulator.ledger().requests).toEqual({ CreateAigcImageTask: 4 });
  });

  test.each([
    [{ kind: "explode" }, /refuseConnection, gatewayError/],
    [{}, /kind is one of/],
    [{ kind: "throttle", time: 2 }, /no field "time"/],
    [{ kind: "throttle", times: 0 }, /times cannot be 0/],
    [{ kind: "throttle", after: -1 }, /after cannot be -1/],
    [null, /a fault is an object/],
  ])("refuses %j, and says what is allowed", (wrong, message) => {
    expect(() => emulator.fault(wrong as Fault)).toThrow(message);
  });

  test("a half-wrong list sets nothing", async () => {
    expect(() => emulator.fault([{ kind: "throttle" }, { kind: "explode" } as unknown as Fault])).toThrow(RangeError);
    expect(await codes(1)).toEqual(["ok"]);
  });
});

test("closing ends a stalled connection and a slow request", async () => {
  emulator.fault([{ kind: "acceptThenStall" }, { kind: "slow", action: "DescribeTasks", seconds: 3600 }]);
  const stalled = call(emulator, "CreateAigcImageTask", car());
  const slow = call(emulator, "DescribeTasks", {});
  const ends = Promise.allSettled([stalled, slow]);
  await emulator.waitUntil((ledger) => ledger.tasks.length === 1 && ledger.requests["DescribeTasks"] === 1);
  await emulator.close();
  expect((await ends).map((end) => end.status)).toEqual(["rejected", "rejected"]);
  await expect(send(emulator.url, "GET", {})).rejects.toThrow(/ECONNREFUSED/);
});

test("every kind of fault there is has its test above", () => {
  expect([...tested].sort()).toEqual([...Object.keys(faultKinds), "closedPort"].sort());
});
