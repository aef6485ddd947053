import { describe, expect, onTestFinished, test } from "vitest";
import { RateLimit } from "../../../emulator/rateLimit";
import { createVodClient } from "../../../provider/vod/client";
import { parseEndpoint } from "../../../provider/vod/endpoint";
import { create, day, emulator, read, refusal, start, status } from "./frozenEmulator";
import { call, car, subAppId } from "./stranger";

describe("a task", () => {
  test("goes from PROCESSING with growing progress to FINISH, by the emulator's clock", async () => {
    await start();
    const taskId = await create();
    const seen: [string, string, number, string][] = [];
    for (let step = 0; step < 4; step += 1) {
      const { Status, AigcImageTask: task, FinishTime } = await read("DescribeTaskDetail", { TaskId: taskId });
      seen.push([Status, task.Status, task.Progress, FinishTime === "" ? "" : "ended"]);
      emulator.advance(4);
    }
    expect(seen).toEqual([
      ["PROCESSING", "PROCESSING", 0, ""],
      ["PROCESSING", "PROCESSING", 40, ""],
      ["PROCESSING", "PROCESSING", 80, ""],
      ["FINISH", "FINISH", 100, "ended"],
    ]);
  });

  test("costs nothing before it has ended", async () => {
    await start();
    await create();
    expect(emulator.ledger()).toMatchObject({ billed: 0, billedImages: 0, failed: 0 });
    emulator.advance(10);
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: 1, failed: 0 });
  });

  test("is forgotten after three days, by its own detail and by the listing; the ledger keeps it", async () => {
    await start();
    const taskId = await create();
    emulator.advance(3 * day - 1);
    expect(await status(taskId)).toBe("FINISH");
    expect((await read("DescribeTasks", {})).TaskSet).toHaveLength(1);
    emulator.advance(2);
    expect((await read("DescribeTaskDetail", { TaskId: taskId })).Error.Code).toBe("ResourceNotFound");
    emulator.behaviour({ afterWindowError: "InvalidParameterValue.TaskId" });
    expect((await read("DescribeTaskDetail", { TaskId: taskId })).Error.Code).toBe("InvalidParameterValue.TaskId");
    expect((await read("DescribeTasks", {})).TaskSet).toEqual([]);
    expect(emulator.ledger().billed).toBe(1);
  });

  test("belongs to its application", async () => {
    await start();
    const taskId = await create();
    expect((await read("DescribeTaskDetail", { TaskId: taskId, SubAppId: subAppId })).Error).toBeUndefined();
    expect((await read("DescribeTaskDetail", { TaskId: taskId, SubAppId: 5 })).Error.Code).toBe("ResourceNotFound");
  });

  test("can be forgotten at a test's wish", async () => {
    await start();
    const taskId = await create();
    emulator.forgetTask(taskId);
    expect((await read("DescribeTaskDetail", { TaskId: taskId })).Error.Code).toBe("ResourceNotFound");
    expect((await read("DescribeTasks", { SubAppId: subAppId })).TaskSet).toEqual([]);
    expect(emulator.ledger().tasks).toHaveLength(1);
  });
});

describe("the SessionId", () => {
  test("is refused again inside three days, without the first TaskId", async () => {
    await start();
    await create({ SessionId: "once" });
    emulator.advance(3 * day - 1);
    const { Error: error, TaskId } = await read("CreateAigcImageTask", car({ SessionId: "once" }));
    expect([error.Code, TaskId]).toEqual(["InvalidParameterValue.SessionId", undefined]);
    emulator.advance(1);
    expect(await refusal({ SessionId: "once" })).toBeUndefined();
    expect(emulator.ledger().tasks).toHaveLength(2);
  });

  test("is refused inside seven days where the behaviour says so", async () => {
    await start();
    emulator.behaviour({ windowDays: 7 });
    await create({ SessionId: "once" });
    emulator.advance(7 * day - 1);
    expect(await refusal({ SessionId: "once" })).toBe("InvalidParameterValue.SessionId");
    emulator.advance(1);
    expect(await refusal({ SessionId: "once" })).toBeUndefined();
  });

  test("is refused after a task that failed, too", async () => {
    await start();
    emulator.fault({ kind: "taskFails" });
    await create({ SessionId: "once" });
    emulator.advance(10);
    expect(await refusal({ SessionId: "once" })).toBe("InvalidParameterValue.SessionId");
  });

  test("counts in its application only, and empty not at all", async () => {
    await start();
    for (const changes of [{ SessionId: "a" }, { SessionId: "a", SubAppId: 5 }, { SessionId: "" }, { SessionId: "" }]) {
      expect(await refusal(changes)).toBeUndefined();
    }
  });

  test("is not used up by a refused submit, unless the behaviour says so", async () => {
    await start();
    expect(await refusal({ SessionId: "once", Prompt: "" })).toBe("InvalidParameter");
    expect(await refusal({ SessionId: "once" })).toBeUndefined();
    emulator.behaviour({ refusedSubmitUsesSessionId: true });
    expect(await refusal({ SessionId: "twice", Prompt: "" })).toBe("InvalidParameter");
    expect(await refusal({ SessionId: "twice" })).toBe("InvalidParameterValue.SessionId");
  });
});

describe("the concurrency quota", () => {
  test("makes tasks wait their turn, one at a time", async () => {
    await start();
    const taskIds = [await create(), await create(), await create()];
    const statuses = () => Promise.all(taskIds.map(status));
    expect(await statuses()).toEqual(["PROCESSING", "WAITING", "WAITING"]);
    emulator.advance(10);
    expect(await statuses()).toEqual(["FINISH", "PROCESSING", "WAITING"]);
    emulator.advance(15);
    expect(await statuses()).toEqual(["FINISH", "FINISH", "PROCESSING"]);
    emulator.advance(5);
    expect(await statuses()).toEqual(["FINISH", "FINISH", "FINISH"]);
  });

  test("runs as many at once as it is set to", async () => {
    await start({ concurrency: 2 });
    const taskIds = [await create(), await create(), await create()];
    expect(await Promise.all(taskIds.map(status))).toEqual(["PROCESSING", "PROCESSING", "WAITING"]);
  });

  test("lets the highest priority go first, then the oldest", async () => {
    await start();
    const names: Record<string, string> = {};
    for (const [name, priority] of Object.entries({ first: 0, low: -10, plain: 0, plainToo: 0, high: "10" })) {
      names[await create({ TasksPriority: priority })] = name;
    }
    const order: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      const { TaskSet } = await read("DescribeTasks", { Status: "PROCESSING" });
      order.push(names[TaskSet[0].TaskId] ?? "");
      emulator.advance(10);
    }
    expect(order).toEqual(["first", "high", "plain", "plainToo", "low"]);
  });

  test("refuses at submit where the behaviour says so, and takes it when the slot is free", async () => {
    await start();
    emulator.behaviour({ overConcurrency: "refused" });
    await create();
    expect(await refusal({ SessionId: "later" })).toBe("RequestLimitExceeded");
    emulator.advance(10);
    expect(await refusal({ SessionId: "later" })).toBeUndefined();
    expect(emulator.ledger().tasks).toHaveLength(2);
  });

  test("takes and fails at once where the behaviour says so, which is never charged", async () => {
    await start();
    emulator.behaviour({ overConcurrency: "failed", failedTasksCharged: true });
    await create();
    const { Status, AigcImageTask: task } = await read("DescribeTaskDetail", { TaskId: await create() });
    expect([Status, task.ErrCode, task.ErrCodeExt]).toEqual(["FINISH", 70000, "RequestLimitExceeded"]);
    emulator.advance(10);
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: 1, failed: 1 });
  });
});

describe("the rate limit", () => {
  test("takes 20 submits in one second, refuses the next, and takes 20 in the second after", () => {
    const limit = new RateLimit();
    const taken = (milliseconds: number) => {
      try {
        limit.count("CreateAigcImageTask", 20, milliseconds);
        return 1;
      } catch (error) {
        expect(error).toMatchObject({ code: "RequestLimitExceeded" });
        return 0;
      }
    };
    const inSecond = (second: number) => Array.from({ length: 25 }, (_, index) => taken(second * 1000 + index * 40));
    expect(inSecond(7)).toEqual([...Array(20).fill(1), ...Array(5).fill(0)]);
    expect(inSecond(8).slice(0, 20)).toEqual(Array(20).fill(1));
  });

  test("refuses unbilled, and does not use up the SessionId", async () => {
    await start({ submitsPerSecond: 1, concurrency: 100 });
    const codes = await Promise.all(Array.from({ length: 40 }, (_, index) => refusal({ SessionId: `s${index}` })));
    const refused = codes.indexOf("RequestLimitExceeded");
    expect(refused).toBeGreaterThanOrEqual(0);
    expect(emulator.ledger().tasks).toHaveLength(codes.filter((code) => code === undefined).length);
    await expect.poll(() => refusal({ SessionId: `s${refused}` }), { timeout: 10_000 }).toBeUndefined();
  });
});

describe("how many images", () => {
  const sequential = JSON.stringify({
    AdditionalParameters: JSON.stringify({ sequential_image_generation: "auto" }),
  });
  test.each([
    ["Kling asked for 9", { ModelName: "Kling", OutputConfig: { OutputImageCount: 9 } }, 9],
    ["OG asked for 8", { ModelName: "OG", ModelVersion: "image2_low", OutputConfig: { OutputImageCount: 8 } }, 8],
    [
      "SI told to go on, three named in the prompt",
      { ModelName: "SI", ModelVersion: "4.0", Prompt: "cars, output 3 images", ExtInfo: sequential },
      3,
    ],
    ["SI with three named in the prompt only", { ModelName: "SI", ModelVersion: "4.0", Prompt: "output 3 images" }, 1],
    ["nothing said", { ModelName: "Kling" }, 1],
  ])("%s", async (_, changes, images) => {
    await start();
    await create({ ModelVersion: "2.1", ...changes });
    emulator.advance(10);
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: images });
  });
});

describe("behaviours of the answer", () => {
  test("the echo names an alias of the model", async () => {
    await start();
    emulator.behaviour({ aliasedEcho: true });
    const { AigcImageTask: task } = await read("DescribeTaskDetail", { TaskId: await create() });
    expect([task.Input.ModelName, emulator.ledger().tasks[0]?.modelName]).toEqual(["GEM", "GG"]);
  });

  test("fewer images come than were asked for, with an error beside them or without", async () => {
    await start({ concurrency: 2 });
    const four = { ModelName: "Kling", ModelVersion: "2.1", OutputConfig: { OutputImageCount: 4 } };
    emulator.behaviour({ partialOutput: "fewer" });
    const fewer = await create(four);
    emulator.behaviour({ partialOutput: "withError" });
    const withError = await create(four);
    emulator.advance(10);
    for (const [taskId, errCode] of [
      [fewer, 0],
      [withError, 70000],
    ]) {
      const { AigcImageTask: task } = await read("DescribeTaskDetail", { TaskId: taskId });
      expect([task.Output.FileInfos.length, task.ErrCode]).toEqual([3, errCode]);
    }
    expect(emulator.ledger()).toMatchObject({ billed: 2, billedImages: 6, failed: 0 });
  });

  test("a broken rule of a model is found out in the task", async () => {
    await start();
    emulator.behaviour({ validation: "inTask" });
    const taskId = await create({ OutputConfig: { AspectRatio: "9:21" } });
    emulator.advance(10);
    const { AigcImageTask: task } = await read("DescribeTaskDetail", { TaskId: taskId });
    expect([task.ErrCode, task.ErrCodeExt]).toEqual([40000, "InvalidParameterValue"]);
    expect(await refusal({ SessionId: "s".repeat(51) })).toBe("InvalidParameterValue.SessionIdTooLong");
  });

  test("failed tasks are charged where the behaviour says so", async () => {
    await start();
    emulator.fault({ kind: "taskFails" });
    await create();
    emulator.advance(10);
    expect(emulator.ledger()).toMatchObject({ billed: 0, billedImages: 0, failed: 1 });
    emulator.behaviour({ failedTasksCharged: true });
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: 1, failed: 1 });
  });
});

describe("a refused duplicate", () => {
  test.each([
    [false, undefined],
    [true, "InvalidParameterValue.SessionId"],
  ])("begins the window anew where the behaviour says %s", async (duplicateRenewsWindow, code) => {
    await start({ concurrency: 100 });
    emulator.behaviour({ duplicateRenewsWindow });
    await create({ SessionId: "s" });
    emulator.advance(2 * day);
    expect(await refusal({ SessionId: "s" })).toBe("InvalidParameterValue.SessionId");
    emulator.advance(day);
    expect(await refusal({ SessionId: "s" })).toBe(code);
  });
});

describe("a service whose clock differs from the machine's", () => {
  test.each([8, -8])("by %i h: tells it, writes times by it, and judges signatures by it", async (hours) => {
    const offset = hours * 3600;
    await start({ clockOffsetSeconds: offset });
    const byService = { timestamp: Math.floor(Date.now() / 1000) + offset };
    const byMachine = await call(emulator, "CreateAigcImageTask", car());
    expect(byMachine.response.Error.Code).toBe("AuthFailure.SignatureExpire");
    const told = Date.parse(String(byMachine.headers["date"])) / 1000;
    expect(Math.abs(told - byService.timestamp)).toBeLessThan(60);
    const { response } = await call(emulator, "CreateAigcImageTask", car(), byService);
    const detail = await call(emulator, "DescribeTaskDetail", { TaskId: response.TaskId }, byService);
    expect(Math.abs(Date.parse(detail.response.CreateTime) / 1000 - byService.timestamp)).toBeLessThan(60);
    expect(emulator.ledger().tasks).toHaveLength(1);
  });

  test.each([8, -8])("by %i h: the package's own client learns it from the first answer", async (hours) => {
    await start({ clockOffsetSeconds: hours * 3600 });
    const { secretId, secretKey } = emulator;
    const endpoint = parseEndpoint(emulator.url, {});
    if (typeof endpoint === "string") throw new Error(endpoint);
    const credentials = async () => ({ secretId, secretKey });
    const client = createVodClient({ endpoint, credentials, requestsPerSecond: 20, env: {} });
    onTestFinished(() => client.close());
    expect((await client.call("SearchMedia", {})).TotalCount).toBe(0);
    expect((await client.call("SearchMedia", {})).TotalCount).toBe(0);
    expect(Math.abs((client.serviceNow() ?? 0) - Date.now() - hours * 3_600_000)).toBeLessThan(60_000);
    expect(emulator.ledger().requests).toEqual({ SearchMedia: 3 });
  });

  test("takes a signature by the time it tells, and by the machine's, when its time was moved on", async () => {
    await start();
    emulator.advance(5 * day);
    const timestamp = Math.floor(Date.now() / 1000);
    for (const [seconds, code] of [
      [0, undefined],
      [5 * day, undefined],
      [2 * day, "AuthFailure.SignatureExpire"],
    ] as const) {
      const { response } = await call(emulator, "SearchMedia", {}, { timestamp: timestamp + seconds });
      expect(response.Error?.Code).toBe(code);
    }
  });
});
