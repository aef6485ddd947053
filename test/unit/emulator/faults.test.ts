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

  test("stall: no answer ever comes, and nothing is accepted", async () => {
    fault({ kind: "stall", action: "DescribeTasks", times: 2 });
    const ends: string[] = [];
    for (const attempt of [1, 2]) {
      void call(emulator, "DescribeTasks", {}).then(
        () => ends.push("answered"),
        () => ends.push("broken"),
      );
      await emulator.waitUntil((ledger) => ledger.requests["DescribeTasks"] === attempt);
    }
    expect((await read("DescribeTasks", {})).TaskSet).toEqual([]);
    emulator.advance(86_400);
    expect(ends).toEqual([]);
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

  test("acceptThenErrorCode: accepted and billed, answered with any code", async () => {
    fault({ kind: "acceptThenErrorCode", action: "CreateAigcImageTask" });
    fault({ kind: "acceptThenErrorCode", code: "LimitExceeded", message: "enough", action: "CreateAigcImageTask" });
    const first = await read("CreateAigcImageTask", car());
    expect([first.Error.Code, first.TaskId]).toEqual(["FailedOperation.DBError", undefined]);
    expect((await read("CreateAigcImageTask", car())).Error).toEqual({ Code: "LimitExceeded", Message: "enough" });
    expect(billed()).toBe(2);
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

  test("unknownTask: a task is not known, as often as told, though it goes on", async () => {
    const taskId = await create();
    fault({ kind: "unknownTask", times: 2 });
    const code = async () => (await read("DescribeTaskDetail", { TaskId: taskId })).Error?.Code;
    expect([await code(), await code(), await code()]).toEqual(["ResourceNotFound", "ResourceNotFound", undefined]);
    expect(billed()).toBe(1);
  });

  const files = {
    ModelName: "Kling",
    ModelVersion: "2.1",
    OutputConfig: { StorageMode: "Permanent", OutputImageCount: 3 },
  };
  const fileInfos = async (TaskId: string) =>
    (await read("DescribeTaskDetail", { TaskId })).AigcImageTask.Output.FileInfos;

  test("finishWithoutFiles: a success with no file for one read; the library has it", async () => {
    const taskId = await create(files);
    emulator.advance(10);
    fault({ kind: "finishWithoutFiles" });
    const { Status, AigcImageTask: task } = await read("DescribeTaskDetail", { TaskId: taskId });
    expect([Status, task.Status, task.ErrCode, task.ErrCodeExt, task.Output.FileInfos]).toEqual([
      "FINISH",
      "FINISH",
      0,
      "",
      [],
    ]);
    expect((await read("SearchMedia", {})).TotalCount).toBe(3);
    expect(await fileInfos(taskId)).toHaveLength(3);
  });

  test("filesLate: a success with no file until the time has passed; billed and in the library from the end on", async () => {
    fault({ kind: "filesLate", seconds: 60 });
    const taskId = await create(files);
    emulator.advance(69);
    expect(await fileInfos(taskId)).toEqual([]);
    expect((await read("DescribeTaskDetail", { TaskId: taskId })).Status).toBe("FINISH");
    expect((await read("SearchMedia", {})).TotalCount).toBe(3);
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: 3 });
    emulator.advance(1);
    expect(await fileInfos(taskId)).toHaveLength(3);
  });

  test("fileWithoutUrl: a FileId and an empty FileUrl for one read", async () => {
    const taskId = await create(files);
    emulator.advance(10);
    fault({ kind: "fileWithoutUrl" });
    const urls = async () => (await fileInfos(taskId)).map((file: { FileUrl: string }) => file.FileUrl !== "");
    const ids = (await fileInfos(taskId)).map((file: { FileId: string }) => file.FileId);
    expect(ids).toEqual(emulator.ledger().tasks[0]?.files.map((file) => file.fileId));
    fault({ kind: "fileWithoutUrl" });
    expect([await urls(), await urls()]).toEqual([
      [false, false, false],
      [true, true, true],
    ]);
  });

  test("partOfFiles: the first files of a task, by its detail or by the search, for one read", async () => {
    const taskId = await create(files);
    emulator.advance(10);
    fault({ kind: "partOfFiles", files: 2, action: "DescribeTaskDetail" });
    fault({ kind: "partOfFiles", action: "SearchMedia" });
    const all = emulator.ledger().tasks[0]?.files.map((file) => file.fileId) ?? [];
    const told = async () => (await fileInfos(taskId)).map((file: { FileId: string }) => file.FileId);
    const found = async () =>
      (await read("SearchMedia", {})).MediaInfoSet.map((media: { FileId: string }) => media.FileId);
    expect([await told(), await told()]).toEqual([all.slice(0, 2), all]);
    expect([await found(), (await found()).length]).toEqual([all.slice(0, 1), 3]);
    expect(emulator.ledger().billedImages).toBe(3);
  });

  test("fileAbsent: files that exist are told as not existing, as often as told", async () => {
    await create(files);
    emulator.advance(10);
    const FileIds = emulator.ledger().tasks[0]?.files.map((file) => file.fileId) ?? [];
    fault({ kind: "fileAbsent", times: 2 });
    const seen = async () => {
      const { MediaInfoSet, NotExistFileIdSet } = await read("DescribeMediaInfos", { FileIds });
      return [MediaInfoSet.length, NotExistFileIdSet.length];
    };
    expect([await seen(), await seen(), await seen()]).toEqual([
      [0, 3],
      [0, 3],
      [3, 0],
    ]);
  });

  test("zeroTimes: a task's times are no times, in its detail and in the listing", async () => {
    const taskId = await create();
    const zero = "0000-00-00T00:00:00Z";
    const times = ({ CreateTime, BeginProcessTime, FinishTime }: Record<string, string>) => [
      CreateTime,
      BeginProcessTime,
      FinishTime,
    ];
    fault({ kind: "zeroTimes", times: 3 });
    expect(times(await read("DescribeTaskDetail", { TaskId: taskId }))).toEqual([zero, zero, ""]);
    emulator.advance(10);
    expect(times(await read("DescribeTaskDetail", { TaskId: taskId }))).toEqual([zero, zero, zero]);
    expect(times((await read("DescribeTasks", {})).TaskSet[0])).toEqual([zero, zero, zero]);
    expect(times((await read("DescribeTasks", {})).TaskSet[0]).filter((time) => time === zero)).toEqual([]);
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
    [{ kind: "throttle", times: 0 }, /times of throttle cannot be 0: it is an integer from 1/],
    [{ kind: "throttle", after: -1 }, /after of throttle cannot be -1/],
    [{ kind: "throttle", seconds: 1 }, /kind throttle has no field "seconds": it has message/],
    [{ kind: "acceptThenGatewayError", status: "abc" }, /status of acceptThenGatewayError .*200 to 599/],
    [{ kind: "gatewayError", status: 99 }, /200 to 599/],
    [{ kind: "gatewayError", prompt: "a car" }, /no field "prompt"/],
    [{ kind: "redirect", location: "http://x/\n" }, /location of redirect/],
    [{ kind: "slow", seconds: 1e13 }, /seconds of slow .*0 to 1000000000/],
    [{ kind: "slow", seconds: null }, /seconds of slow cannot be null/],
    [{ kind: "closedPort", seconds: 3e6 }, /0 to 86400/],
    [{ kind: "closedPort", times: 2 }, /no field "times": it has seconds/],
    [{ kind: "throttle", action: "DescribeTask" }, /action of throttle .*DescribeTasks/],
    [{ kind: "unknownTask", action: "SearchMedia" }, /action of unknownTask .*one of \*, DescribeTaskDetail/],
    [{ kind: "constructor" }, /kind is one of/],
    [null, /a fault is an object/],
  ])("refuses %j, and says what is allowed", (wrong, message) => {
    expect(() => emulator.fault(wrong as Fault)).toThrow(message);
  });

  test("a fault that could change nothing in an answer waits for one that it can change", async () => {
    emulator.fault([{ kind: "fileAbsent" }, { kind: "finishWithoutFiles" }]);
    const taskId = await create({ OutputConfig: { StorageMode: "Permanent" } });
    const task = () => read("DescribeTaskDetail", { TaskId: taskId });
    expect((await task()).Status).toBe("PROCESSING");
    expect((await read("DescribeMediaInfos", { FileIds: ["0"] })).NotExistFileIdSet).toEqual(["0"]);
    emulator.advance(10);
    expect((await task()).AigcImageTask.Output.FileInfos).toEqual([]);
    const [file] = (await task()).AigcImageTask.Output.FileInfos;
    const media = { FileIds: [file.FileId] };
    expect((await read("DescribeMediaInfos", media)).NotExistFileIdSet).toEqual([file.FileId]);
    expect((await read("DescribeMediaInfos", media)).NotExistFileIdSet).toEqual([]);
  });

  test("a refused submit leaves a task's fault for the one that is accepted", async () => {
    emulator.fault({ kind: "aborted" });
    expect((await read("CreateAigcImageTask", car({ ModelName: "no such model" }))).Error.Code).toBe(
      "InvalidParameter",
    );
    await create();
    emulator.advance(10);
    expect(emulator.ledger()).toMatchObject({ billed: 0, tasks: [{ status: "ABORTED" }] });
  });

  test("cannot grow without end", async () => {
    const many = Array.from({ length: 10_000 }, () => ({ kind: "throttle" }) as const);
    emulator.fault(many);
    expect(() => emulator.fault({ kind: "throttle" })).toThrow(/at most 10000 faults/);
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
  expect([...tested].sort()).toEqual(Object.keys(faultKinds).sort());
});
