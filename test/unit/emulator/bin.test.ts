import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { call, car, send } from "./stranger";

const root = join(__dirname, "../../..");
const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const children: ChildProcess[] = [];

/** The command as it is installed, in a process of its own. */
function run(...args: string[]) {
  const child = spawn(process.execPath, [join(root, bin["tencent-aigc-emulator"]), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += chunk;
  });
  const ended = once(child, "close").then(([code]) => ({ code, ...output }));
  return { child, ended };
}

/** Its first line on stdout, as JSON. */
async function started(child: ChildProcess): Promise<{ url: string }> {
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  return JSON.parse(line);
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("tencent-aigc-emulator", () => {
  test("prints its url as the first line, and serves with the keys it was given", async () => {
    const { child } = run("--secret-id", "id", "--secret-key", "key", "--concurrency", "2", "--task-seconds", "0.05");
    const { url } = await started(child);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const keys = { secretId: "id", secretKey: "key" };
    const { response } = await call({ url, ...keys } as never, "CreateAigcImageTask", car());
    expect(response.TaskId).toContain("AigcImageTask");
    const wrong = await call({ url, ...keys, secretKey: "other" } as never, "CreateAigcImageTask", car());
    expect(wrong.response.Error.Code).toBe("AuthFailure.SignatureFailure");
    const ledger = async () => (await send(`${url}/_emulator/ledger`, "GET", {})).response;
    await expect.poll(async () => (await ledger()).billed, { timeout: 5000 }).toBe(1);
  });

  test("knows several keys, and goes on with what its folder holds when it was killed", async () => {
    const directory = mkdtempSync(join(tmpdir(), "aigc-emulator-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const flags = ["--directory", directory, "--task-seconds", "0", "--key", "second=a=b", "--key", "third=c"];
    const submit = async (url: string, secretId: string, secretKey: string) =>
      (await call({ url, secretId, secretKey } as never, "CreateAigcImageTask", car())).response.TaskId;
    const first = run(...flags);
    const { url } = await started(first.child);
    const taskIds = [await submit(url, "second", "a=b"), await submit(url, "third", "c")];
    first.child.kill("SIGKILL");
    await first.ended;
    const next = run(...flags);
    const { response } = await send(`${(await started(next.child)).url}/_emulator/ledger`, "GET", {});
    expect(response.tasks.map((task: { taskId: string }) => task.taskId)).toEqual(taskIds);
    expect(response.billed).toBe(2);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends cleanly on %s, though a connection is stalled", async (signal) => {
    const { child, ended } = run("--secret-id", "id", "--secret-key", "key");
    const { url } = await started(child);
    await send(`${url}/_emulator/faults`, "POST", {}, JSON.stringify({ kind: "acceptThenStall" }));
    const stalled = call({ url, secretId: "id", secretKey: "key" } as never, "CreateAigcImageTask", car()).catch(
      (error) => error.code,
    );
    await expect
      .poll(async () => (await send(`${url}/_emulator/ledger`, "GET", {})).response.tasks.length, { timeout: 5000 })
      .toBe(1);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
    expect(await stalled).toBe("ECONNRESET");
  });

  test("--help says every flag", async () => {
    const { code, stdout } = await run("--help").ended;
    expect(code).toBe(0);
    const named = ["port", "secret-id", "secret-key", "token", "key", "concurrency", "task-seconds", "directory"];
    for (const flag of named.map((name) => `--${name}`)) {
      expect(stdout).toContain(flag);
    }
  });

  test.each([
    [["--colour", "red"], /--colour/],
    [["--port", "eighty"], /--port must be/],
    [["--port", ""], /port must be/],
    [["--concurrency", "0"], /concurrency must be/],
    [["--task-seconds", "soon"], /--task-seconds must be/],
    [["--key", "=secret"], /^(?!.*secret).*--key must be ID=KEY/],
    [["--directory", ""], /--directory must be/],
    [["now"], /now/],
  ])("a wrong flag ends it with status 2 and says why: %j", async (args, message) => {
    const { code, stdout, stderr } = await run(...args).ended;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("--help");
  });

  test("a port that is taken ends it with status 1 and says why", async () => {
    const { url } = await started(run().child);
    const { code, stderr } = await run("--port", new URL(url).port).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/EADDRINUSE|already in use/);
  });
});
