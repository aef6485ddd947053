import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AigcImageTask, type AigcImageTaskArgs } from "../../../provider";
import { carriedInputs } from "../../../provider/carriedInputs";
import { providerText } from "../../../provider/dynamic/providerText";
import { durationSeconds } from "../../../provider/programChecks";

const directory = process.cwd();
const program = mkdtempSync(join(tmpdir(), "program-"));

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

  test("the arguments as they are, the resource's bare URN, whether it is a preview and the constant text, and nothing that is absent", async () => {
    expect(await inputsOf(new AigcImageTask("hero", args))).toStrictEqual({
      ...args,
      resourceUrn: `urn:pulumi:stack::project::${typeToken}::hero`,
      isPreview: false,
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
  test("not the directory of a test under mocks, which deploys nothing", () => {
    process.chdir(tmpdir());
    expect(() => new AigcImageTask("hero", args)).not.toThrow();
  });

  test.each(["secretKey", "token"])("%s in the configuration in clear, with the command that sets it right", (name) => {
    const key = `tencent-aigc:${name}`;
    pulumi.runtime.setAllConfig({ [key]: "s3cret" }, []);
    expect(() => new AigcImageTask("hero", args)).toThrow(`\`pulumi config set --secret ${key}\``);
    expect(() => new AigcImageTask("hero", args)).not.toThrow("s3cret");
    pulumi.runtime.setAllConfig({ [key]: "s3cret" }, [key]);
    expect(() => new AigcImageTask("hero", args)).not.toThrow();
  });

  test.each<[keyof pulumi.CustomResourceOptions, RegExp]>([
    ["import", /cannot import.*adoptTaskId.*adoptFileIds.*neither is billed/],
    ["id", /option `id`.*adoptTaskId.*adoptFileIds.*neither is billed/],
    ["version", /option `version` has no meaning here.*Remove the option/],
    ["pluginDownloadURL", /option `pluginDownloadURL` has no meaning here.*Remove the option/],
  ])("the option %s, with what to do instead", (option, message) => {
    expect(() => new AigcImageTask("hero", args, { [option]: "1.0.0" })).toThrow(message);
    expect(() => new AigcImageTask("hero", args, { [option]: undefined })).not.toThrow();
  });

  test("each of them is a RunError, which Pulumi shows without a stack trace", () => {
    try {
      new AigcImageTask("hero", args, { id: "1" });
      expect.unreachable();
    } catch (error) {
      expect(pulumi.RunError.isInstance(error)).toBe(true);
    }
  });
});

describe("a value that Pulumi would lose on the way to the provider", () => {
  class Point {
    constructor(readonly x: number) {}
  }
  const circle: Record<string, unknown> = {};
  circle["itself"] = circle;

  test.each<[string, unknown, RegExp]>([
    ["a Date", new Date(0), /^keepers\.v is a Date/],
    ["a Map", new Map([[1, 2]]), /^keepers\.v is a Map/],
    ["a Set", new Set([1]), /^keepers\.v is a Set/],
    ["a URL", new URL("https://secret.example"), /^keepers\.v is a URL/],
    ["bytes", Buffer.from("secret"), /^keepers\.v is a (Buffer|Uint8Array)/],
    ["a function", () => "secret", /^keepers\.v is a function/],
    ["a bigint", 10n, /^keepers\.v is a bigint/],
    ["a symbol", Symbol("secret"), /^keepers\.v is a symbol/],
    ["NaN", Number.NaN, /^keepers\.v is NaN/],
    ["infinity", -Infinity, /^keepers\.v is -Infinity/],
    ["an error", new Error("secret"), /^keepers\.v is an object of a class/],
    ["half a surrogate pair", "secret\ud800", /^keepers\.v has half of a surrogate pair/],
    ["one in a list", [1, new Date(0)], /^keepers\.v\[1\] is a Date/],
    ["one in a map", { deep: { v: new Date(0) } }, /^keepers\.v\.deep\.v is a Date/],
    ["what holds itself", circle, /^keepers must not be nested deeper than 32 levels/],
  ])("is refused at its path: %s", (_, v, message) => {
    const declare = () => new AigcImageTask("hero", { ...args, keepers: { v } });
    expect(declare).toThrow(message);
    expect(declare).toThrow(/Nothing was sent/);
    expect(declare).not.toThrow("secret");
    expect(registered).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ["a prompt", { prompt: "a \ud800" }, /^prompt has half/],
    ["a reference image", { fileInfos: [{ fileId: "1", text: "\udc00" }] }, /^fileInfos\[0\]\.text has half/],
    ["an additional parameter", { additionalParameters: { at: new Date(0) } }, /^additionalParameters\.at is a Date/],
    ["the name of a keeper", { keepers: { "\ud800": 1 } }, /^keepers has a name with half/],
  ])("is refused in every input: %s", (_, change, message) => {
    expect(() => new AigcImageTask("hero", { ...args, ...change })).toThrow(message);
  });

  test("is refused once it is known, in an Output or a promise", async () => {
    const output = pulumi.output(0).apply((time) => ({ b: new Date(time) }));
    const { keepers } = carriedInputs({ ...args, keepers: { a: output } });
    expect(await failureOf(keepers.a)).toMatch(/^keepers\.a\.b is a Date/);
    const later = carriedInputs({ ...args, keepers: Promise.resolve({ b: Number.NaN }) });
    await expect(later.keepers).rejects.toThrow(/^keepers\.b is NaN/);
  });

  test("what JSON carries is registered as it is: null, nothing, fields of an object, Outputs, secrets, assets, resources", async () => {
    const other = new AigcImageTask("other", args);
    const asset = new pulumi.asset.StringAsset("logo");
    const task = new AigcImageTask("hero", {
      ...args,
      keepers: { a: null, b: undefined, c: new Point(1), d: [pulumi.output([1])], asset, other },
    });
    await resolved(task.urn);
    const { inputs } = registered.find(({ name }) => name === "hero") ?? {};
    expect(inputs?.keepers).toMatchObject({ a: null, c: { x: 1 }, d: [[1]] });
    expect(Object.keys(inputs?.keepers)).toEqual(["a", "asset", "c", "d", "other"]);
    expect(pulumi.asset.Asset.isInstance(inputs?.keepers.asset)).toBe(true);
  });

  test("a secret among keepers stays secret", async () => {
    const task = new AigcImageTask("hero", { ...args, keepers: { a: pulumi.secret("x") } });
    await resolved(task.urn);
    const { keepers } = task as unknown as { keepers: pulumi.Output<unknown> };
    expect(await pulumi.isSecret(keepers)).toBe(true);
  });
});

describe("the URNs of aliases", () => {
  const old = (name: string, within = "", stack = "stack", project = "project") =>
    `urn:pulumi:${stack}::${project}::${within}${typeToken}::${name}`;

  async function formerUrnsOf(aliases: pulumi.CustomResourceOptions["aliases"], parent?: pulumi.Resource) {
    const options = { ...(aliases && { aliases }), ...(parent && { parent }) };
    return (await inputsOf(new AigcImageTask("hero", args, options)))["formerUrns"];
  }

  test("are absent where there are none, so that nothing changes for what is deployed", async () => {
    expect(await inputsOf(new AigcImageTask("hero", args))).not.toHaveProperty("formerUrns");
    expect(await formerUrnsOf([])).toBeUndefined();
  });

  test.each<[string, NonNullable<pulumi.CustomResourceOptions["aliases"]>[number], string]>([
    ["a URN", old("before"), old("before")],
    ["a URN in an Output", pulumi.output(old("before")), old("before")],
    ["a URN in a promise", Promise.resolve(old("before")), old("before")],
    ["a name", { name: "before" }, old("before")],
    ["a name in an Output", { name: pulumi.output("before") }, old("before")],
    ["an alias in an Output", pulumi.output({ name: "before" }), old("before")],
    ["a type", { type: "test:index:Old" }, "urn:pulumi:stack::project::test:index:Old::hero"],
    ["a stack and a project", { stack: "dev", project: "shop" }, old("hero", "", "dev", "shop")],
    ["a parent's URN", { parent: "urn:pulumi:stack::project::test:index:Old::old" }, old("hero", "test:index:Old$")],
    ["the stack as parent", { parent: "urn:pulumi:stack::project::pulumi:pulumi:Stack::project-stack" }, old("hero")],
  ])("are passed on: %s", async (_, alias, urn) => {
    expect(await formerUrnsOf([alias])).toEqual([urn]);
  });

  test("are those of the same parent, unless the alias has none", async () => {
    const parent = new pulumi.ComponentResource("test:index:Gallery", "gallery");
    const within = "test:index:Gallery$";
    const none = Object.assign<pulumi.Alias, object>({ name: "b" }, { parent: undefined });
    expect(await formerUrnsOf([{ name: "a" }, none], parent)).toEqual([old("a", within), old("b")]);
  });

  test("hold those of a parent's aliases, for each name of its child", async () => {
    const aliases = [{ type: "test:index:Old" }, { name: "her" }];
    const parent = new pulumi.ComponentResource("test:index:Gallery", "hero", {}, { aliases });
    expect(await formerUrnsOf([{ name: "before" }], parent)).toEqual([
      old("before", "test:index:Gallery$"),
      old("hero", "test:index:Old$"),
      old("before", "test:index:Old$"),
      old("her", "test:index:Gallery$"),
    ]);
  });

  test("may be made from another resource", async () => {
    const other = new AigcImageTask("other", args);
    new AigcImageTask("hero", args, { aliases: [{ name: other.id }] });
    await expect.poll(() => registered.map(({ name }) => name)).toContain("hero");
    const { inputs } = registered.find(({ name }) => name === "hero") ?? {};
    expect(inputs?.formerUrns).toEqual([old("other-id")]);
  });

  test("two aliased tasks of one component do not wait for each other", async () => {
    class Gallery extends pulumi.ComponentResource {
      readonly tasks: AigcImageTask[];
      constructor(name: string) {
        super("test:index:Gallery", name, {}, { aliases: [{ name: "old" }] });
        const options = { parent: this, aliases: [{ name: "before" }] };
        const first = new AigcImageTask("first", args, options);
        const second = new AigcImageTask("second", { ...args, fileInfos: [{ url: first.url }] }, options);
        this.tasks = [first, second];
      }
    }
    state = { files: [{ url: "https://example.com/1.png" }] };
    await Promise.all(new Gallery("gallery").tasks.map((task) => resolved(task.urn)));
    expect(registered.filter(({ type }) => type === typeToken)).toHaveLength(2);
  });
});
