import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AigcImageTask, type AigcImageTaskArgs } from "../../../provider";
import { providerText } from "../../../provider/dynamic/providerText";
import { durationSeconds } from "../../../provider/programChecks";

const directory = process.cwd();
const program = mkdtempSync(join(tmpdir(), "program-"));
const bareProgram = mkdtempSync(join(tmpdir(), "program-"));

const registered: pulumi.runtime.MockResourceArgs[] = [];
let state: Record<string, unknown> = {};

beforeAll(async () => {
  const installed = join(program, "node_modules", "pulumi-tencent-aigc");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "handler.js"), "");
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      registered.push(args);
      return { id: `${args.name}-id`, state: { ...args.inputs, ...state } };
    },
    call: () => ({}),
  });
});

beforeEach(() => {
  process.chdir(program);
  registered.length = 0;
  state = {};
});

afterEach(() => {
  pulumi.runtime.setAllConfig({}, []);
});

afterAll(() => {
  process.chdir(directory);
  rmSync(program, { recursive: true });
  rmSync(bareProgram, { recursive: true });
});

const args: AigcImageTaskArgs = { modelName: "GG", modelVersion: "3.0", prompt: "a red car" };
const typeToken = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

/** Why an output fails. It fails in several promises, each of which would end the process if nobody looked at it. */
async function failureOf(output: pulumi.Output<unknown>): Promise<string> {
  const { isKnown, isSecret, allResources } = output as unknown as {
    isKnown: Promise<boolean>;
    isSecret: Promise<boolean>;
    allResources(): Promise<unknown>;
  };
  const outcomes = await Promise.allSettled([resolved(output), isKnown, isSecret, allResources()]);
  return outcomes[0]?.status === "rejected" ? String(outcomes[0].reason.message) : "did not fail";
}

async function inputsOf(task: AigcImageTask): Promise<Record<string, unknown>> {
  await resolved(task.urn);
  return registered.find(({ type }) => type === typeToken)?.inputs ?? {};
}

describe("what is registered", () => {
  test("the constant text is frozen", () => {
    expect(providerText).toBe(
      'exports.handler=()=>require("node:module").createRequire(process.cwd()+"/")("pulumi-tencent-aigc/handler")',
    );
  });

  test("the arguments as they are, the resource's bare URN and the constant text, and nothing that is absent", async () => {
    expect(await inputsOf(new AigcImageTask("hero", args))).toStrictEqual({
      ...args,
      resourceUrn: `urn:pulumi:stack::project::${typeToken}::hero`,
      __provider: providerText,
    });
  });

  test("two tasks in one component have the URN of their parent and do not wait for each other", async () => {
    class Gallery extends pulumi.ComponentResource {
      readonly tasks: AigcImageTask[];
      constructor(name: string) {
        super("test:index:Gallery", name);
        const first = new AigcImageTask("first", args, { parent: this });
        const second = new AigcImageTask("second", { ...args, fileInfos: [{ url: first.url }] }, { parent: this });
        this.tasks = [first, second];
      }
    }
    state = { files: [{ url: "https://example.com/1.png" }] };
    await Promise.all(new Gallery("gallery").tasks.map((task) => resolved(task.urn)));
    const urns = registered.map(({ inputs }) => inputs["resourceUrn"]).filter((urn) => urn !== undefined);
    expect(urns).toEqual([
      `urn:pulumi:stack::project::test:index:Gallery$${typeToken}::first`,
      `urn:pulumi:stack::project::test:index:Gallery$${typeToken}::second`,
    ]);
  });

  test("hidden inputs cannot be given", async () => {
    const given = { ...args, __provider: "mine", resourceUrn: "mine" } as AigcImageTaskArgs;
    expect(await inputsOf(new AigcImageTask("hero", given))).toMatchObject({
      __provider: providerText,
      resourceUrn: expect.stringMatching(/^urn:/),
    });
  });

  test.each([
    [undefined, "20m", 1200],
    [30, "20m", 30],
    [undefined, undefined, undefined],
  ])("timeoutSeconds %s with customTimeouts %s is %s", async (timeoutSeconds, create, expected) => {
    const given = timeoutSeconds === undefined ? args : { ...args, timeoutSeconds };
    const options = create === undefined ? {} : { customTimeouts: { create } };
    expect((await inputsOf(new AigcImageTask("hero", given, options)))["timeoutSeconds"]).toBe(expected);
  });

  test.each([
    ["90s", 90],
    ["1h30m", 5400],
    ["1.5h", 5400],
    ["500ms", 0.5],
    ["10", undefined],
    ["ten minutes", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("a duration of %s is %s seconds", (duration, seconds) => {
    expect(durationSeconds(duration)).toBe(seconds);
  });
});

describe("what a program holds", () => {
  const files = [
    { url: "https://example.com/1.png", fileId: "1", storageMode: "Permanent" },
    { url: "https://example.com/2.png", storageMode: "Temporary" },
  ];

  test("the outputs of the task", async () => {
    state = { taskId: "t", attempt: 1, status: "FINISH", endpoint: "host", files };
    const task = new AigcImageTask("hero", args);
    expect(await resolved(task.taskId)).toBe("t");
    expect(await resolved(task.attempt)).toBe(1);
    expect(await resolved(task.url)).toBe("https://example.com/1.png");
    expect(await resolved(task.fileUrls)).toEqual(["https://example.com/1.png", "https://example.com/2.png"]);
  });

  test("every documented output is there, even where the service gave none", () => {
    const task = new AigcImageTask("hero", args) as unknown as Record<string, unknown>;
    const names = "taskId attempt sessionId status requestId createTime finishTime endpoint errCode errCodeExt files";
    for (const name of names.split(" ")) {
      expect([name, pulumi.Output.isInstance(task[name])]).toEqual([name, true]);
    }
  });

  test("a task without a picture has no URL", async () => {
    const task = new AigcImageTask("hero", { ...args, waitForCompletion: false });
    expect(await resolved(task.url)).toBeUndefined();
    expect(await resolved(task.fileUrls)).toEqual([]);
    expect(await failureOf(task.asset())).toContain("There is no picture 0 to make an asset of: it has 0");
  });

  test("a Permanent picture makes an asset, a Temporary one only when told to", async () => {
    state = { files };
    const task = new AigcImageTask("hero", args);
    expect(await (await resolved(task.asset())).uri).toBe("https://example.com/1.png");
    expect(await failureOf(task.asset(1))).toContain("Temporary file, whose URL ends after 7 days");
    expect(await (await resolved(task.asset(1, { allowTemporary: true }))).uri).toBe("https://example.com/2.png");
    expect(await failureOf(task.asset(2))).toContain("There is no picture 2");
  });

  test("a secret prompt stays secret, and the URL is none", async () => {
    state = { files };
    const task = new AigcImageTask("hero", { ...args, prompt: pulumi.secret("a red car") });
    await resolved(task.urn);
    const { prompt } = task as unknown as { prompt: pulumi.Output<string> };
    expect(await pulumi.isSecret(prompt)).toBe(true);
    expect(await pulumi.isSecret(task.url)).toBe(false);
  });

  test("a task is told from other resources", () => {
    expect(AigcImageTask.isInstance(new AigcImageTask("hero", args))).toBe(true);
    expect(AigcImageTask.isInstance(new pulumi.ComponentResource("test:index:Other", "other"))).toBe(false);
    expect(AigcImageTask.isInstance(undefined)).toBe(false);
  });
});

describe("stack traces", () => {
  const limit = Error.stackTraceLimit;

  test("are left as they were", () => {
    new AigcImageTask("hero", args);
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test("of an error that Pulumi throws show the line that declares the picture", () => {
    let thrown: unknown;
    try {
      new AigcImageTask("", args);
    } catch (error) {
      thrown = error;
    }
    expect((thrown as Error).message).toContain("name");
    expect((thrown as Error).stack).toContain("aigcImageTask.test.ts");
    expect(Error.stackTraceLimit).toBe(limit);
  });
});

describe("what stops a program at preview", () => {
  test("a program that does not depend on the package, with the mend", () => {
    process.chdir(bareProgram);
    expect(() => new AigcImageTask("hero", args)).toThrow(/npm install pulumi-tencent-aigc.*in the program itself/);
    expect(() => new AigcImageTask("hero", args)).not.toThrow(bareProgram);
  });

  test.each(["secretKey", "token"])("%s in the configuration in clear, with the command that mends it", (name) => {
    const key = `tencent-aigc:${name}`;
    pulumi.runtime.setAllConfig({ [key]: "s3cret" }, []);
    expect(() => new AigcImageTask("hero", args)).toThrow(`\`pulumi config set --secret ${key}\``);
    expect(() => new AigcImageTask("hero", args)).not.toThrow("s3cret");
    pulumi.runtime.setAllConfig({ [key]: "s3cret" }, [key]);
    expect(() => new AigcImageTask("hero", args)).not.toThrow();
  });

  test("the option import, with the way to take over a picture", () => {
    expect(() => new AigcImageTask("hero", args, { import: "1" })).toThrow("adoptTaskId");
  });

  test("each of them is a RunError, which Pulumi shows without a stack trace", () => {
    process.chdir(bareProgram);
    try {
      new AigcImageTask("hero", args);
      expect.unreachable();
    } catch (error) {
      expect(pulumi.RunError.isInstance(error)).toBe(true);
    }
  });
});
