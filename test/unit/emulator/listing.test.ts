import { describe, expect, test } from "vitest";
import { create, emulator, permanent, read, refusal, start } from "./frozenEmulator";
import { subAppId } from "./stranger";

describe("DescribeTasks", () => {
  const context = (response: { TaskSet: { SessionContext: string }[] }) =>
    response.TaskSet.map((task) => task.SessionContext);

  test("gives every task once, newest first, though tasks come in between two pages", async () => {
    await start({ concurrency: 100 });
    for (let index = 0; index < 25; index += 1) await create({ SessionContext: String(index) });
    const seen: string[] = [];
    let token = "";
    do {
      const page = await read("DescribeTasks", { SubAppId: subAppId, ScrollToken: token });
      seen.push(...context(page));
      token = page.ScrollToken;
      await create({ SessionContext: "in between" });
    } while (token);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => String(24 - index)));
  });

  test("sorts by either time in either order, over pages", async () => {
    await start({ concurrency: 2 });
    emulator.fault({ kind: "stuck", seconds: 25 });
    for (const name of ["a", "b", "c"]) await create({ SessionContext: name });
    emulator.advance(30);
    const sorted = async (field: string, order: string): Promise<string> => {
      const sort = { Sort: { Field: field, Order: order }, Limit: 2 };
      const first = await read("DescribeTasks", sort);
      const second = await read("DescribeTasks", { ...sort, ScrollToken: first.ScrollToken });
      expect(second.ScrollToken).toBe("");
      return [...context(first), ...context(second)].join("");
    };
    expect(await sorted("CreateTime", "Asc")).toBe("abc");
    expect(await sorted("CreateTime", "Desc")).toBe("cba");
    expect(await sorted("FinishTime", "Asc")).toBe("bca");
    expect(await sorted("FinishTime", "Desc")).toBe("acb");
  });

  test("takes a window from After, inclusive, to Before, exclusive, in whole seconds", async () => {
    await start({ concurrency: 100 });
    const times: string[] = [];
    for (const name of ["a", "b", "c"]) {
      const taskId = await create({ SessionContext: name });
      times.push((await read("DescribeTaskDetail", { TaskId: taskId })).CreateTime);
      emulator.advance(1);
    }
    const [a, b, c] = times;
    const window = async (CreateTime: object) => context(await read("DescribeTasks", { CreateTime })).join("");
    expect(await window({ After: b })).toBe("cb");
    expect(await window({ Before: b })).toBe("a");
    expect(await window({ After: a, Before: c })).toBe("ba");
    expect(await window({ After: c, Before: c })).toBe("");
  });

  test("filters by status and by file", async () => {
    await start();
    await create({ SessionContext: "ended", ...permanent });
    await create({ SessionContext: "running" });
    await create({ SessionContext: "waiting" });
    emulator.advance(10);
    const fileId = emulator.ledger().tasks[0]?.files[0]?.fileId;
    expect(context(await read("DescribeTasks", { Status: "FINISH" }))).toEqual(["ended"]);
    expect(context(await read("DescribeTasks", { Status: "PROCESSING" }))).toEqual(["running"]);
    expect(context(await read("DescribeTasks", { Status: "WAITING" }))).toEqual(["waiting"]);
    expect(context(await read("DescribeTasks", { FileId: fileId }))).toEqual(["ended"]);
    expect((await read("DescribeTasks", { Status: "ABORTED" })).Error.Code).toBe("InvalidParameterValue.Status");
  });

  test.each([
    [1, undefined],
    [100, undefined],
    [0, "InvalidParameterValue"],
    [101, "InvalidParameterValue"],
  ])("a Limit of %i gives %s", async (limit, code) => {
    await start();
    expect((await read("DescribeTasks", { Limit: limit })).Error?.Code).toBe(code);
  });

  test("takes every ScrollToken that it gave, of tasks that end, wait or never end", async () => {
    await start({ concurrency: 2 });
    emulator.fault({ kind: "stuck", times: 2 });
    for (const name of ["a", "b", "c"]) await create({ SessionContext: name });
    for (const Order of ["Asc", "Desc"]) {
      const seen: string[] = [];
      let token = "";
      do {
        const page = await read("DescribeTasks", {
          Sort: { Field: "CreateTime", Order },
          Limit: 1,
          ScrollToken: token,
        });
        expect(page.Error).toBeUndefined();
        seen.push(...context(page));
        token = page.ScrollToken;
      } while (token);
      expect(seen.join("")).toBe(Order === "Asc" ? "abc" : "cba");
    }
  });

  test("lists another program's task, which can be asked for, uses its SessionId and is not in the ledger", async () => {
    await start({ concurrency: 100 });
    const taskId = emulator.addTask({ SubAppId: subAppId, SessionId: "hero", Prompt: "a dog", ...permanent });
    const { TaskSet } = await read("DescribeTasks", { SubAppId: subAppId });
    expect(TaskSet).toMatchObject([{ TaskId: taskId, SessionId: "hero" }]);
    expect((await read("DescribeTaskDetail", { TaskId: taskId })).AigcImageTask.Input.Prompt).toBe("a dog");
    expect(await refusal({ SessionId: "hero" })).toBe("InvalidParameterValue.SessionId");
    await create();
    emulator.advance(10);
    expect((await read("SearchMedia", {})).TotalCount).toBe(1);
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: 1, failed: 0 });
    expect(emulator.ledger().tasks.map((task) => task.taskId)).not.toContain(taskId);
  });

  test("refuses a ScrollToken that it did not give", async () => {
    await start();
    expect((await read("DescribeTasks", { ScrollToken: "made-up" })).Error.Code).toBe("InvalidParameterValue");
  });

  test("leaves tasks out, shows them late, or without their session, where the behaviour says so", async () => {
    await start();
    emulator.behaviour({ listingLagSeconds: 20 });
    await create({ SessionId: "s" });
    emulator.behaviour({ listingLagSeconds: 0 });
    expect((await read("DescribeTasks", {})).TaskSet).toEqual([]);
    emulator.advance(20);
    expect((await read("DescribeTasks", {})).TaskSet).toMatchObject([{ SessionId: "s", TaskType: "AigcImageTask" }]);
    emulator.behaviour({ listingSessionIds: false, listingTypeField: "Type" });
    const { TaskSet } = await read("DescribeTasks", {});
    expect(TaskSet).toMatchObject([{ SessionId: "", Type: "AigcImageTask" }]);
    emulator.behaviour({ tasksInListing: false });
    expect((await read("DescribeTasks", {})).TaskSet).toEqual([]);
  });
});
