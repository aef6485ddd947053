import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CommandError, ConcurrentUpdateError } from "../../../engine/embeddedStack";
import type { DiagnosticEvent, EngineEvent } from "../../../engine/events";
import { unknownValue } from "../../../engine/values";
import { compileEngine } from "./support/compiled";
import { providerText, sequence, TestProject } from "./support/programs";

const urn = (name: string, parents = "") => `urn:pulumi:dev::shop::${parents}pulumi-nodejs:dynamic/test:Thing::${name}`;
const __provider = providerText;

let project: TestProject;

beforeEach(() => {
  project = new TestProject("");
});

afterEach(() => project.remove());

/** An `up` of the project in a process that may be killed. */
function upElsewhere(afterwards = ""): ChildProcess {
  const script = `
    const { EmbeddedStack } = require(${JSON.stringify(compileEngine(project.directory))});
    EmbeddedStack.createOrSelect({
      stackName: "dev", workDir: ${JSON.stringify(project.directory)},
      stateDir: ${JSON.stringify(`${project.directory}/state`)}, secretsPassphrase: "correct horse",
    }).then((stack) => stack.up());
    ${afterwards}
  `;
  return spawn(process.execPath, ["-e", script], { stdio: "ignore" });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a program and its provider, in processes of their own", () => {
  test("goes from preview to destroy with the calls and arguments of the real engine", async () => {
    const stack = await project.stack();
    await stack.setConfig("color", { value: "red" });
    await stack.setConfig("token", { value: "stack-token", secret: true });
    project.program(`
      const a = new Thing("a", { size: 1, hidden: pulumi.secret("hush-hush") });
      new Group("group", (parent) => {
        const b = new Thing("b", { list: [{ from: a.made }, pulumi.interpolate\`\${a.id}!\`] }, { parent });
        return { of: b.id };
      });
      exports.id = a.id;
      exports.hidden = a.hidden;
    `);

    const preview = await stack.preview();
    expect(preview.changeSummary).toEqual({ create: 4 });
    const a = { __provider, name: "a", size: 1, hidden: "hush-hush" };
    expect(project.calls()).toEqual([
      { method: "configure", args: ["red", "stack-token"] },
      { method: "check", args: [{}, a] },
      { method: "check", args: [{}, { __provider, name: "b", list: [{ from: unknownValue }, unknownValue] }] },
    ]);
    expect((await stack.exportStack()).deployment.resources).toBeUndefined();

    const up = await stack.up();
    expect(up.summary).toMatchObject({ kind: "update", result: "succeeded", resourceChanges: { create: 4 } });
    expect(up.outputs).toEqual({
      id: { value: "a-1", secret: false },
      hidden: { value: "hush-hush", secret: true },
    });
    const b = { __provider, name: "b", list: [{ from: "by create" }, "a-1!"] };
    expect(project.calls()).toEqual([
      { method: "configure", args: ["red", "stack-token"] },
      { method: "check", args: [{}, a] },
      { method: "create", args: [a] },
      { method: "check", args: [{}, b] },
      { method: "create", args: [b] },
    ]);
    const files = [project.read("state/shop/dev.json"), project.read("state/shop/dev.config.json")].join();
    expect(files).not.toContain("hush-hush");
    expect(files).not.toContain("stack-token");
    const { resources = [] } = (await stack.exportStack()).deployment;
    expect(resources.find((resource) => resource.urn === urn("b", "test:index:Group$"))).toMatchObject({
      custom: true,
      id: "b-2",
      parent: "urn:pulumi:dev::shop::test:index:Group::group",
      dependencies: [urn("a")],
      propertyDependencies: { list: [urn("a")] },
      outputs: { made: "by create" },
    });
    expect(resources.find(({ type }) => type === "pulumi:providers:pulumi-nodejs")).toMatchObject({
      inputs: { "shop:color": "red", "shop:token": { ciphertext: expect.any(String) } },
    });

    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 4 });
    expect(sequence(project.calls())).toEqual(["configure", "check a", "diff a", "check b", "diff b"]);

    // Refresh and destroy use the configuration of the last update.
    await stack.setConfig("color", { value: "blue" });
    await stack.refresh();
    const made = { made: "by create" };
    expect(project.calls().slice(0, 3)).toEqual([
      { method: "configure", args: ["red", "stack-token"] },
      { method: "read", args: ["a-1", { ...a, ...made }] },
      { method: expect.stringMatching(/read|diff/), args: expect.any(Array) },
    ]);
    await stack.destroy();
    expect(project.calls()).toEqual([
      { method: "configure", args: ["red", "stack-token"] },
      { method: "delete", args: ["b-2", { ...b, ...made }] },
      { method: "delete", args: ["a-1", { ...a, ...made }] },
    ]);
    expect(await stack.outputs()).toEqual({});
  });

  test("replaces by force with a check without old inputs, a create, then a delete, and no diff", async () => {
    const stack = await project.stack();
    project.program('new Thing("a", { size: 1 });');
    await stack.up();
    project.calls();
    await stack.up({ replace: [urn("a")] });
    const a = { __provider, name: "a", size: 1 };
    expect(project.calls().slice(1)).toEqual([
      { method: "check", args: [{}, a] },
      { method: "create", args: [a] },
      { method: "delete", args: ["a-1", { ...a, made: "by create" }] },
    ]);
  });

  test("tells the provider's process of the end of each operation, by Cancel", async () => {
    const stack = await project.stack();
    project.program('new Thing("a", {});');
    await stack.preview();
    expect(project.cancels()).toBe(1);
    await stack.up();
    expect(project.cancels()).toBe(2);
    await stack.destroy();
    expect(project.cancels()).toBe(3);
  });

  test("keeps what a failure left, shows the provider's reasons, and resumes by an update", async () => {
    const stack = await project.stack();
    project.program('new Thing("a", { size: 1 });');
    const properties = { __provider, name: "a", task: 7 };
    project.behave({ create: { a: { fail: { id: "half", properties, reasons: ["not ready yet", "try again"] } } } });
    const failure = await stack.up().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(CommandError);
    expect(String(failure)).toContain("2 errors occurred:\n\t* not ready yet\n\t* try again");
    const stored = (await stack.exportStack()).deployment.resources?.at(-1);
    expect(stored).toMatchObject({
      id: "half",
      initErrors: ["not ready yet", "try again"],
      inputs: { size: 1 },
      outputs: { task: 7 },
    });

    project.behave({});
    project.calls();
    await stack.up();
    expect(project.calls().slice(1)).toEqual([
      {
        method: "check",
        args: [
          { __provider, name: "a", size: 1 },
          { __provider, name: "a", size: 1 },
        ],
      },
      { method: "diff", args: ["half", properties, { __provider, name: "a", size: 1 }] },
      { method: "update", args: ["half", properties, { __provider, name: "a", size: 1 }] },
    ]);
  });

  test("shows failed checks at their property, and sends nothing", async () => {
    const stack = await project.stack();
    project.program('new Thing("a", { size: 1 });');
    const failures = [{ property: "size", reason: "is too small" }];
    project.behave({ check: { a: { returns: { inputs: { name: "a" }, failures } } } });
    await expect(stack.up()).rejects.toThrow("property size value {1} has a problem: is too small");
    expect(sequence(project.calls())).toEqual(["configure", "check a"]);
  });

  test("shows the error of a program, and keeps what it had made", async () => {
    const stack = await project.stack();
    project.program(`
      const a = new Thing("a", {});
      exports.x = a.id.apply(() => { throw new Error("the program broke"); });
    `);
    await expect(stack.up()).rejects.toThrow("the program broke");
    expect((await stack.exportStack()).deployment.resources?.at(-1)).toMatchObject({ id: "a-1" });
  });

  test("runs a TypeScript program in a directory that main names", async () => {
    project.write("Pulumi.yaml", "name: shop\nruntime: nodejs\nmain: app.ts\n");
    project.write(
      "app.ts",
      `import * as pulumi from "@pulumi/pulumi";
      const size: number = new pulumi.Config().requireNumber("size");
      export const twice: number = size * 2;
      export const stack: string = pulumi.getStack() + "/" + pulumi.getProject();`,
    );
    const stack = await project.stack();
    await stack.setAllConfig({ size: { value: "21" } });
    const { outputs } = await stack.up();
    expect(outputs).toMatchObject({ twice: { value: 42 }, stack: { value: "dev/shop" } });
  });
});

describe("events", () => {
  test("carry output, progress and steps, with secrets masked", async () => {
    const stack = await project.stack();
    await stack.setConfig("token", { value: "stack-token", secret: true });
    project.program(`
      console.log("token is", new pulumi.Config().require("token"));
      pulumi.log.warn("careful with hush-hush", new Thing("a", { s: pulumi.secret("hush-hush") }));
    `);
    project.behave({
      create: { a: { log: "made with hush-hush", progress: { urn: urn("a"), message: "50 percent" } } },
    });
    const events: EngineEvent[] = [];
    const lines: string[] = [];
    const { stdout } = await stack.up({
      onEvent: (event) => events.push(event),
      onOutput: (text) => lines.push(text),
    });
    const diagnostics = events.map((event) => event.diagnosticEvent).filter((event) => event !== undefined);
    const saying = (message: string): Partial<DiagnosticEvent> => expect.objectContaining({ message: `${message}\n` });
    expect(diagnostics).toContainEqual(saying("token is [secret]"));
    expect(diagnostics).toContainEqual(saying("made with [secret]"));
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ urn: urn("a"), ephemeral: true, severity: "info", message: "50 percent\n" }),
    );
    expect(JSON.stringify(events)).not.toMatch(/hush-hush|stack-token/);
    expect(stdout).toBe(lines.join(""));
    expect(stdout).not.toContain("50 percent");

    expect(events[0]?.preludeEvent).toEqual({ config: { "shop:token": "[secret]" } });
    const steps = events.flatMap(({ resourcePreEvent, resOutputsEvent }) => {
      const { op, urn: of } = (resourcePreEvent ?? resOutputsEvent)?.metadata ?? {};
      return op === undefined ? [] : [`${resourcePreEvent ? "begins" : "ends"} ${op} ${of?.split("::").at(-1)}`];
    });
    expect(steps).toEqual(["begins create shop-dev", "begins create a", "ends create a", "ends create shop-dev"]);
    expect(events.find((event) => event.summaryEvent)?.summaryEvent?.resourceChanges).toEqual({ create: 2 });
    expect(events.map(({ sequence: number }) => number)).toEqual(events.map((_, index) => index));
  });

  test("refuses progress for an invalid URN, and goes on", async () => {
    const stack = await project.stack();
    project.program('new Thing("a", {});');
    project.behave({ create: { a: { progress: { urn: "a picture", message: "x" } } } });
    await expect(stack.up()).rejects.toThrow("Invalid URN");
    project.behave({});
    await stack.up();
  });
});

describe("being interrupted", () => {
  const waiting = { create: { a: { waitFor: "go" } } };

  test("by cancel: waits for what runs, and keeps it", async () => {
    const stack = await project.stack();
    project.program('const a = new Thing("a", {}); new Thing("b", { from: a.id });');
    project.behave(waiting);
    const up = stack.up();
    const rejected = expect(up).rejects.toThrow("update canceled");
    await expect.poll(() => project.read("calls.jsonl"), { timeout: 20_000 }).toContain('"create"');
    await stack.cancel();
    expect(project.cancels()).toBe(1);
    project.write("go", "");
    await rejected;
    expect(project.cancels()).toBe(2);
    expect((await stack.exportStack()).deployment.resources?.map(({ id }) => id).at(-1)).toBe("a-1");
    expect(sequence(project.calls())).toEqual(["configure", "check a", "create a"]);
  });

  test("by another update: refuses the second one", async () => {
    const stack = await project.stack();
    project.program('new Thing("a", {});');
    project.behave(waiting);
    const up = stack.up();
    await expect.poll(() => project.read("calls.jsonl"), { timeout: 20_000 }).toContain('"create"');
    const second = await project.stack();
    await expect(second.up()).rejects.toThrow(ConcurrentUpdateError);
    project.write("go", "");
    await up;
    await second.up();
  });

  test("by SIGKILL: the next update warns of the pending create, and creates again with the same inputs", async () => {
    project.program('new Thing("a", { size: 1, hidden: pulumi.secret("hush-hush") });');
    project.behave(waiting);
    const child = upElsewhere();
    await expect.poll(() => project.read("calls.jsonl"), { timeout: 20_000 }).toContain('"create"');
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    const journal = project.read("state/shop/dev.json.journal");
    expect(journal).toContain('"creating"');
    expect(journal).not.toContain("hush-hush");
    // The provider process of the killed engine ends by itself.
    project.write("go", "");

    const stack = await project.stack();
    const created = { __provider, name: "a", size: 1, hidden: "hush-hush" };
    project.behave({});
    project.calls();
    const { stdout } = await stack.up();
    expect(stdout).toContain("with 1 pending operations from previous deployment");
    expect(stdout).toContain(`${urn("a")}, interrupted while creating`);
    expect(project.calls().slice(1)).toEqual([
      { method: "check", args: [{}, created] },
      { method: "create", args: [created] },
    ]);
    const exported = await stack.exportStack();
    expect(exported.deployment.pending_operations).toHaveLength(1);
    await stack.refresh({ clearPendingCreates: true });
    expect((await stack.exportStack()).deployment.pending_operations).toBeUndefined();
  });
});

describe("an engine that exits in the middle", () => {
  test("ends its child processes", async () => {
    project.program('new Thing("a", {});');
    project.behave({ create: { a: { waitFor: "never" } } });
    const file = JSON.stringify(`${project.directory}/calls.jsonl`);
    const child = upElsewhere(`
      const fs = require("node:fs");
      setInterval(() => { if (fs.existsSync(${file}) && fs.readFileSync(${file}, "utf8").includes("create")) process.exit(0); }, 10);
    `);
    await new Promise((resolve) => child.on("close", resolve));
    const pid = Number(project.read("pid"));
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

describe("what is not a dynamic resource", () => {
  const bucket = `
    const bucket = new pulumi.CustomResource("aws:s3/bucket:Bucket", "b", { arn: undefined, acl: "private" });
    exports.arn = bucket.arn;
  `;

  test("needs the Pulumi CLI, and is told so", async () => {
    project.program(bucket);
    await expect((await project.stack()).up()).rejects.toThrow(
      "the resource type aws:s3/bucket:Bucket needs the Pulumi CLI",
    );
  });

  test.each([
    ["deleteBeforeReplace", "true"],
    ["replaceOnChanges", '["size"]'],
    ["replacementTrigger", '"again"'],
    ["import", '"a-1"'],
  ])("needs the Pulumi CLI for the option %s, and is told so before anything is done", async (option, value) => {
    project.program(`new Thing("a", { size: 1 }, { ${option}: ${value} });`);
    await expect((await project.stack()).up()).rejects.toThrow(`the option ${option} of pulumi-nodejs:dynamic`);
    expect(project.calls()).toEqual([]);
  });

  test("is answered by mocks where there are some, beside dynamic resources", async () => {
    project.program(`${bucket} const a = new Thing("a", { arn: bucket.arn });
      exports.zone = pulumi.runtime.invoke("aws:index:getZone", { region: "eu" }).then((r) => r.name);`);
    const stack = await project.stack({
      mocks: {
        newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: { ...inputs, arn: `arn:${name}` } }),
        call: ({ token, inputs }) => ({ name: `${token} of ${inputs.region}` }),
      },
    });
    const { outputs } = await stack.up();
    expect(outputs).toMatchObject({ arn: { value: "arn:b" }, zone: { value: "aws:index:getZone of eu" } });
    expect(project.calls().at(-1)).toEqual({ method: "create", args: [{ __provider, name: "a", arn: "arn:b" }] });
  });
});

describe("state", () => {
  test("moves to another place by export and import", async () => {
    project.program('new Thing("a", { hidden: pulumi.secret("hush-hush") });');
    const stack = await project.stack();
    await stack.up();
    const exported = JSON.stringify(await stack.exportStack());
    const other = await project.stack({ stateDir: `${project.directory}/elsewhere` });
    await other.importStack(JSON.parse(exported));
    project.calls();
    expect((await other.up()).summary.resourceChanges).toEqual({ same: 2 });
    expect(sequence(project.calls())).toEqual(["configure", "check a", "diff a"]);
  });

  test("compares a remote asset by the answer at its address, an error page too", async () => {
    let answer = { status: 200, text: "a picture" };
    const server = createServer((_request, response) => response.writeHead(answer.status).end(answer.text));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/1.png`;
      project.program(`new Thing("a", { asset: new pulumi.asset.RemoteAsset(${JSON.stringify(url)}) });`);
      const stack = await project.stack();
      await stack.up();
      expect((await stack.preview()).changeSummary).toEqual({ same: 2 });
      answer = { status: 404, text: "not here any more" };
      expect((await stack.preview()).changeSummary).toEqual({ same: 1, update: 1 });
    } finally {
      server.close();
    }
  });
});

describe("a stack", () => {
  test("refuses a workDir without a project, another runtime, and an invalid name", async () => {
    await expect(project.stack({ workDir: `${project.directory}/node_modules` })).rejects.toThrow("no Pulumi.yaml in");
    await expect(project.stack({ stackName: "a/b" })).rejects.toThrow("is not allowed");
    await expect(project.stack({ program: "nowhere.js" })).rejects.toThrow("does not exist");
    project.write("Pulumi.yaml", "name: shop\nruntime: python\n");
    await expect(project.stack()).rejects.toThrow('runtime "python": only nodejs');
  });

  test("reads its secrets when only its state is left", async () => {
    project.program('exports.hidden = pulumi.secret("hush-hush");');
    await (await project.stack()).up();
    project.removeFile("state/shop/dev.config.json");
    const { hidden } = await (await project.stack()).outputs();
    expect(hidden).toEqual({ value: "hush-hush", secret: true });
    const other = await project.stack({ secretsPassphrase: "wrong" });
    await expect(other.outputs()).rejects.toThrow("incorrect passphrase");
  });

  test("makes and keeps a passphrase where none is given, readable by its owner only", async () => {
    const directory = `${project.directory}/state`;
    const stack = await project.stack({ stateDir: directory, stackName: "own" });
    await stack.setConfig("token", { value: "stack-token", secret: true });
    expect(project.read("state/shop/own.config.json")).not.toContain("stack-token");
    project.program('exports.token = new pulumi.Config().requireSecret("token");');
    expect((await stack.up()).outputs).toEqual({ token: { value: "stack-token", secret: true } });
  });
});
