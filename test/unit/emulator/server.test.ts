import { createHash } from "node:crypto";
import { connect } from "node:net";
import { PNG } from "pngjs";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { behaviourTable, type Emulator, startEmulator } from "../../../emulator";
import { searchMedia } from "../../../emulator/actions/searchMedia";
import { call, car, send } from "./stranger";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ frozen: true, concurrency: 100, taskSeconds: 10, submitsPerSecond: 1000 });
});
afterEach(() => emulator.close());

async function create(changes: object = {}): Promise<string> {
  const { response } = await call(emulator, "CreateAigcImageTask", car(changes));
  expect(response.Error).toBeUndefined();
  return response.TaskId;
}

function control(method: string, route: string, body?: unknown) {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return send(`${emulator.url}/_emulator/${route}`, method, { "content-type": "application/json" }, text);
}

/** The picture of a task that has ended. */
async function picture(changes: object, index = 0): Promise<{ url: string; bytes: Buffer; png: PNG }> {
  const taskId = await create(changes);
  emulator.advance(10);
  const url = emulator.ledger().tasks.find((task) => task.taskId === taskId)?.files[index]?.url ?? "";
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  return { url, bytes, png: PNG.sync.read(bytes) };
}

describe("pictures", () => {
  const size = (value: string) => ({
    ExtInfo: JSON.stringify({ AdditionalParameters: JSON.stringify({ size: value }) }),
  });
  test.each([
    ["1:1 at 1K", {}, 1024, 1024],
    ["16:9 at 720P", { ModelVersion: "3.1", OutputConfig: { Resolution: "720P", AspectRatio: "16:9" } }, 1280, 720],
    ["9:16 at 1080p", { ModelName: "Vidu", ModelVersion: "q2", OutputConfig: { AspectRatio: "9:16" } }, 1080, 1920],
    ["4:1 at 2K", { ModelVersion: "3.1", OutputConfig: { Resolution: "2K", AspectRatio: "4:1" } }, 4096, 1024],
    ["728x1024", { ModelName: "Hunyuan", ModelVersion: "3.0", ...size("728x1024") }, 728, 1024],
    ["728*1024", { ModelName: "Qwen", ModelVersion: "0925", ...size("728*1024") }, 728, 1024],
  ])("are PNGs of the size asked for: %s", async (_, changes, width, height) => {
    const { png } = await picture(changes);
    expect([png.width, png.height]).toEqual([width, height]);
  });

  test("show something else for another prompt, and for another image of the same task", async () => {
    const pixels = async (changes: object, index?: number) => (await picture(changes, index)).png.data;
    const two = { ModelName: "Kling", ModelVersion: "2.1", Seed: 1, OutputConfig: { OutputImageCount: 2 } };
    const first = await pixels(two);
    expect(await pixels(two)).toEqual(first);
    expect(await pixels(two, 1)).not.toEqual(first);
    expect(await pixels({ ...two, Prompt: "a boat" })).not.toEqual(first);
  });

  test("have the size and MD5 that the library tells", async () => {
    const { bytes } = await picture({ OutputConfig: { StorageMode: "Permanent" } });
    const { response } = await call(emulator, "SearchMedia", {});
    expect(response.MediaInfoSet[0].MetaData).toMatchObject({
      Size: bytes.length,
      Md5: createHash("md5").update(bytes).digest("hex"),
      Width: 1024,
      Height: 1024,
      Container: "png",
    });
  });

  test("stay the same when fetched again much later, after many others", async () => {
    const { url, bytes } = await picture({ OutputConfig: { StorageMode: "Permanent" } });
    for (let index = 0; index < 70; index += 1) await create({ OutputConfig: { Resolution: "1K" } });
    emulator.advance(10);
    for (const { files } of emulator.ledger().tasks.slice(1)) await fetch(files[0]?.url ?? "");
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(bytes)).toBe(true);
  });
});

describe("the page", () => {
  test("shows pictures, prompt, model, TaskId, status and the bill", async () => {
    const taskId = await create({ Prompt: "a quiet harbour" });
    const running = await send(emulator.url, "GET", {});
    expect(running.text).toContain("PROCESSING");
    expect(running.text).not.toContain("<img");
    emulator.advance(10);
    const { status, text } = await send(emulator.url, "GET", {});
    expect(status).toBe(200);
    for (const part of [
      "a quiet harbour",
      "GG 2.5",
      taskId,
      "FINISH",
      "<dt>Images billed</dt><dd>1</dd>",
      "aigcImageGenFile-0.png",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("shows the newest hundred tasks and the bill of all, without another program's", async () => {
    for (let index = 0; index < 102; index += 1) await create({ Prompt: `picture ${index}.` });
    emulator.addTask({ SubAppId: 5, Prompt: "not mine" });
    emulator.advance(20);
    const { text } = await send(emulator.url, "GET", {});
    expect(text.match(/<li class="task"/g)).toHaveLength(100);
    expect(text).toContain("<dt>Images billed</dt><dd>102</dd>");
    expect(text).toContain("The newest 100 of 102 tasks.");
    expect([text.includes("picture 101."), text.includes("picture 1."), text.includes("not mine")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("shows the tasks that are searched for, or in a state, and the bill of all", async () => {
    emulator.fault({ kind: "taskFails", prompt: "storm" });
    for (const Prompt of ["a quiet harbour", "a harbour in a storm"]) await create({ Prompt });
    emulator.advance(20);
    await create({ Prompt: "a harbour at night" });
    const shown = async (query: string) => {
      const { text } = await send(`${emulator.url}/?${query}`, "GET", {});
      expect(text).toContain("<dt>Images billed</dt><dd>1</dd>");
      return [...text.matchAll(/<h2>(a .*?)<\/h2>/g)].map(([, prompt]) => prompt);
    };
    expect(await shown("")).toEqual(["a harbour at night", "a harbour in a storm", "a quiet harbour"]);
    expect(await shown("state=running")).toEqual(["a harbour at night"]);
    expect(await shown("state=failed")).toEqual(["a harbour in a storm"]);
    expect(await shown("state=made&search=QUIET")).toEqual(["a quiet harbour"]);
    expect(await shown("search=dog")).toEqual([]);
  });

  test("tells which faults are armed and which behaviours are not the default", async () => {
    expect((await send(emulator.url, "GET", {})).text).not.toContain("Faults and behaviours");
    emulator.fault({ kind: "taskFails", prompt: "storm", times: 2, after: 1 });
    emulator.behaviour({ tasksInListing: false });
    const { text } = await send(emulator.url, "GET", {});
    expect(text).toMatch(
      /<li>taskFails.* · 2 times, after 1 more · at any action whose prompt has &quot;storm&quot;<\/li>/,
    );
    expect(text).toContain("<li>tasksInListing: false (AIGC tasks appear in DescribeTasks)</li>");
  });

  test("runs nothing that a prompt, a model or a message holds", async () => {
    const attack = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
    emulator.behaviour({ unlistedModels: "accepted" });
    emulator.fault({ kind: "taskFails", errCodeExt: attack, message: attack });
    await create({ Prompt: attack, ModelName: attack, ModelVersion: attack });
    emulator.advance(10);
    const { text, headers } = await send(emulator.url, "GET", {});
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text.match(/<script.*?>/g)).toEqual(['<script type="module" src="/_emulator/page.js">']);
    expect(text).not.toMatch(/<img src=x/);
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*/);
  });
});

describe("who may ask", () => {
  test.each([
    ["the address", () => new URL(emulator.url).host, 200],
    ["localhost", () => `localhost:${new URL(emulator.url).port}`, 200],
    ["another name that was made to point here", () => "attacker.example", 403],
    ["an address that only begins like ours", () => "127.0.0.1.attacker.example", 403],
  ])("the Host header may be: %s", async (_, host, status) => {
    expect((await send(`${emulator.url}/_emulator/ledger`, "GET", { host: host() })).status).toBe(status);
  });

  test("a page of another site may not", async () => {
    const origin = "https://attacker.example";
    const foreign = await send(`${emulator.url}/_emulator/clock`, "POST", { origin }, '{"advanceSeconds":99}');
    expect(foreign.status).toBe(403);
    expect((await send(`${emulator.url}/_emulator/ledger`, "GET", { origin: "null" })).status).toBe(403);
    expect((await send(`${emulator.url}/_emulator/ledger`, "GET", { origin: emulator.url })).status).toBe(200);
  });

  test("it listens on loopback only", () => {
    expect(new URL(emulator.url).hostname).toBe("127.0.0.1");
  });
});

describe("control over HTTP", () => {
  test("the ledger says by number what was done", async () => {
    const permanent = { StorageMode: "Permanent", OutputImageCount: 3 };
    const kling = { ModelName: "Kling", ModelVersion: "2.1" };
    const good = await create({ ...kling, SessionId: "good", OutputConfig: permanent });
    emulator.fault({ kind: "taskFails", errCode: 70000, errCodeExt: "InternalError" });
    const bad = await create({ SessionId: "bad" });
    emulator.advance(10);
    const waiting = await create({ SessionId: "running" });

    const { response: ledger } = await control("GET", "ledger");
    expect(ledger).toEqual(emulator.ledger());
    expect({ ...ledger, tasks: undefined }).toEqual({
      billed: 1,
      billedImages: 3,
      failed: 1,
      requests: { CreateAigcImageTask: 3 },
    });
    expect(ledger.tasks).toMatchObject([
      { taskId: good, sessionId: "good", subAppId: 251007502, status: "FINISH", billed: true, images: 3, errCode: 0 },
      {
        taskId: bad,
        status: "FINISH",
        billed: false,
        images: 0,
        errCode: 70000,
        errCodeExt: "InternalError",
        files: [],
      },
      { taskId: waiting, status: "PROCESSING", billed: false, finishTime: "", modelName: "GG", modelVersion: "2.5" },
    ]);
    expect(ledger.tasks[0].files).toHaveLength(3);
    const { createTime, finishTime } = ledger.tasks[0];
    expect(Date.parse(finishTime) - Date.parse(createTime)).toBe(10_000);
  });

  test("clock, faults and behaviour do what their functions do", async () => {
    const taskId = await create();
    expect((await control("POST", "clock", { advanceSeconds: 10 })).status).toBe(200);
    expect(emulator.ledger().tasks).toMatchObject([{ taskId, status: "FINISH" }]);

    await control("POST", "faults", { action: "DescribeTasks", kind: "throttle", times: 1, after: 0 });
    await control("POST", "faults", [{ kind: "internalError", action: "SearchMedia" }]);
    expect((await call(emulator, "DescribeTasks", {})).response.Error.Code).toBe("RequestLimitExceeded");
    await control("DELETE", "faults");
    expect((await call(emulator, "SearchMedia", {})).response.Error).toBeUndefined();

    await control("POST", "behaviour", { tasksInListing: false });
    expect((await call(emulator, "DescribeTasks", {})).response.TaskSet).toEqual([]);
    expect(emulator.ledger().requests).not.toHaveProperty("(none)");
  });

  test.each([
    ["clock", { advanceSeconds: -1 }, /0 or more/],
    ["clock", { advanceSeconds: "10" }, /0 or more/],
    ["clock", {}, /advanceSeconds/],
    ["clock", { advanceSeconds: 1e13 }, /advanceSeconds must not lead beyond 9000-01-01/],
    ["clock", [], /advanceSeconds/],
    ["clock", null, /object/],
    ["faults", { kind: "explode" }, /refuseConnection/],
    ["faults", { kind: "acceptThenGatewayError", status: "abc" }, /an HTTP status, 200 to 599/],
    ["faults", null, /a fault is an object/],
    ["behaviour", null, /object/],
    ["behaviour", { windowDays: 5 }, /windowDays is one of 3, 7/],
    ["behaviour", { listingLagSeconds: -1 }, /seconds, 0 or more/],
    ["behaviour", { tasksInList: true }, /tasksInListing/],
    ["behaviour", { constructor: 1 }, /no behaviour is called "constructor"/],
    ["faults", "{", /JSON/],
  ])("a wrong value is refused with what is allowed: %s %j", async (route, body, message) => {
    const { status, response } = await control("POST", route, body);
    expect(status).toBe(400);
    expect(response.error).toMatch(message);
  });

  test("a body is at most 1 MB", async () => {
    const { status, response } = await control("POST", "faults", `[${" ".repeat(1024 * 1024)}]`);
    expect([status, response.error]).toEqual([413, expect.stringContaining("1 MB")]);
  });

  test("actions that do not exist are counted as one", async () => {
    for (const name of ["Drop", "Take", ""])
      await send(`${emulator.url}/`, "POST", name ? { "x-tc-action": name } : {});
    expect(emulator.ledger().requests).toEqual({ "(unknown)": 2, "(none)": 1 });
  });

  test("a route that does not exist says which do", async () => {
    const { status, response } = await control("GET", "bill");
    expect([status, response.error]).toEqual([404, expect.stringContaining("ledger")]);
  });

  test("the list of behaviours can be read", async () => {
    const { response } = await control("GET", "behaviour");
    expect(Object.keys(response.behaviours)).toEqual(Object.keys(behaviourTable));
    expect(response.faults.acceptThenReset.stage).toBe("answer");
    expect(response.faults.gatewayError.parameters.status).toEqual({
      allowed: "an HTTP status, 200 to 599",
      default: 502,
    });
  });
});

test("an error of the emulator's own is logged and answered, and the next request is as ever", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const broken = vi.spyOn(searchMedia, "answer").mockImplementationOnce(() => {
    throw new TypeError("my own mistake");
  });
  onTestFinished(() => {
    logged.mockRestore();
    broken.mockRestore();
  });
  const { status, response } = await call(emulator, "SearchMedia", {});
  expect([status, response.Error.Code, typeof response.RequestId]).toEqual([200, "InternalError", "string"]);
  expect(logged).toHaveBeenCalledWith("tencent-aigc-emulator:", expect.objectContaining({ message: "my own mistake" }));
  expect((await call(emulator, "SearchMedia", {})).response.TotalCount).toBe(0);
});

test("a client that goes away in the middle of its request is no error", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => logged.mockRestore());
  const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-tc-action: SearchMedia\r\ncontent-length: 9\r\n\r\n{");
  await emulator.waitUntil((ledger) => ledger.requests["SearchMedia"] === 1);
  socket.destroy();
  expect((await call(emulator, "SearchMedia", {})).response.TotalCount).toBe(0);
  expect(logged).not.toHaveBeenCalled();
});

describe("waitUntil", () => {
  test("settles when a task ends by itself, with no request and no move of the clock", async () => {
    const live = await startEmulator({ taskSeconds: 0.05 });
    const { response } = await call(live, "CreateAigcImageTask", car());
    await live.waitUntil((ledger) => ledger.billed === 1);
    expect(live.ledger().tasks).toMatchObject([{ taskId: response.TaskId, status: "FINISH" }]);
    await live.close();
  });

  test("rejects after its time, and says what the ledger holds", async () => {
    await expect(emulator.waitUntil(() => false, 10)).rejects.toThrow(/within 10 ms.*"billed":0/);
  });

  test("rejects with the condition's own error, and when the emulator closes", async () => {
    const wrong = emulator.waitUntil(() => {
      throw new Error("my mistake");
    });
    await expect(wrong).rejects.toThrow("my mistake");
    const never = emulator.waitUntil(() => false);
    await Promise.all([expect(never).rejects.toThrow("closed"), emulator.close()]);
  });
});

test.each([
  [{ port: 70_000 }, /port/],
  [{ concurrency: 0 }, /concurrency/],
  [{ taskSeconds: -1 }, /taskSeconds/],
  [{ secretId: "a/b" }, /secretId/],
  [{ readsPerSecond: 0 }, /readsPerSecond/],
  [{ taskSeconds: 1e13 }, /taskSeconds/],
  [{ clockOffsetSeconds: 1e13 }, /clockOffsetSeconds/],
  [{ keys: [{ secretId: "emulator-secret-id", secretKey: "other" }] }, /secretId/],
])("a wrong option is refused by name: %j", async (options, message) => {
  await expect(startEmulator(options)).rejects.toThrow(message);
});
