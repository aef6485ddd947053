import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deserializeState } from "../../../engine/checkpoint";
import { InProcessEngine } from "../../../engine/inProcess";
import { SecretsManager } from "../../../engine/secretsManager";
import { StackConfig } from "../../../engine/stackConfig";
import { lockStack } from "../../../engine/stackLock";
import { StateStore } from "../../../engine/stateStore";
import { makeSecret } from "../../../engine/values";
import { FakeProvider, program } from "./support/fakeProvider";

let directory: string;
let path: string;
const secrets = SecretsManager.create("correct horse");

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "state-"));
  path = join(directory, "shop", "dev.json");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(): StateStore {
  return new StateStore(path, { get: () => secrets, known: () => secrets, open: () => secrets });
}

async function deployed(store = open()): Promise<StateStore> {
  const engine = new InProcessEngine({ loadProvider: async () => new FakeProvider(), store });
  const run = await engine.up(
    program([
      { name: "a", properties: { s: makeSecret("hush-hush") } },
      { name: "b", uses: ["a"] },
    ]),
  );
  expect(run.failed).toBe(false);
  return store;
}

describe("state on disk", () => {
  test("is Pulumi's deployment format, readable by its owner only, with secrets as ciphertext", async () => {
    await deployed();
    const text = readFileSync(path, "utf8");
    expect(text).not.toContain("hush-hush");
    const { version, deployment } = JSON.parse(text);
    expect(version).toBe(3);
    expect(deployment.secrets_providers).toEqual(secrets.provider);
    expect(deployment.resources.map(({ type }: { type: string }) => type)).toEqual([
      "pulumi:pulumi:Stack",
      "pulumi:providers:pulumi-nodejs",
      "pulumi-nodejs:dynamic/test:Thing",
      "pulumi-nodejs:dynamic/test:Thing",
    ]);
    expect(deployment.resources[2].outputs.s).toEqual({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: expect.stringMatching(/^v1:/),
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, "shop"))).toEqual(["dev.json"]);
  });

  test("reads back what it wrote, and writes it again unchanged", async () => {
    const store = await deployed();
    const first = store.load();
    expect(first.resources[2]?.outputs?.["s"]).toEqual(makeSecret("hush-hush"));
    const before = JSON.parse(readFileSync(path, "utf8"));
    await store.rewrite(first);
    const after = JSON.parse(readFileSync(path, "utf8"));
    expect(after.deployment.resources).toEqual(before.deployment.resources);
  });

  test("has every finished step in the journal before the update ends, and ignores an incomplete last line", async () => {
    const store = await deployed();
    const provider = new FakeProvider();
    let proceed = (): void => {};
    const until = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    provider.faults = [{ method: "create", name: "d", kind: "waits", until }];
    const engine = new InProcessEngine({ loadProvider: async () => provider, store });
    const run = engine.up(
      program([
        { name: "a", properties: { s: makeSecret("hush-hush") } },
        { name: "b", uses: ["a"] },
        { name: "c", uses: ["b"], properties: { t: makeSecret("another one") } },
        { name: "d", uses: ["c"] },
      ]),
    );
    await expect.poll(() => provider.calls).toContain("create d");

    const journal = readFileSync(`${path}.journal`, "utf8");
    expect(journal).not.toContain("another one");
    writeFileSync(`${path}.journal`, `${journal}{"kind":"remove","num`);
    const found = open().load();
    expect(found.resources.map(({ id }) => id).slice(2)).toEqual(["a-1", "b-2", "c-1"]);
    expect(found.resources.at(-1)?.inputs["t"]).toEqual(makeSecret("another one"));
    expect(found.pendingOperations).toMatchObject([{ type: "creating", resource: { inputs: { uses_c: "c-1" } } }]);
    proceed();
    await run;
  });

  test("ignores a journal that belongs to another base file", async () => {
    const store = await deployed();
    const before = store.load();
    writeFileSync(`${path}.journal`, `{"base":"of another file"}\n{"kind":"remove","number":0}\n`);
    expect(open().load()).toEqual(before);
  });

  test("writes nothing at all when nothing changed", async () => {
    const store = await deployed();
    const before = statSync(path).mtimeMs;
    const engine = new InProcessEngine({ loadProvider: async () => new FakeProvider(), store });
    const same = program([
      { name: "a", properties: { s: makeSecret("hush-hush") } },
      { name: "b", uses: ["a"] },
    ]);
    expect((await engine.up(same)).changes).toEqual({ same: 3 });
    expect(statSync(path).mtimeMs).toBe(before);
    expect(readdirSync(join(directory, "shop"))).toEqual(["dev.json"]);
  });
});

describe("secrets", () => {
  // Made by the Pulumi CLI with the passphrase "x".
  const provider = {
    type: "passphrase" as const,
    state: { salt: "v1:mD1ZANDKvyM=:v1:G6NVKqH9b/qT/bPw:WDWu8svYYYqVdiqPcHvdfS/hw6IEug==" },
  };
  const ciphertext = "v1:+D1YcPIDZcmKSN4m:Nn7j6DOCqFHjWJiJlYxBpaEwzWNuYoRveglCTQ==";

  test("reads what the Pulumi CLI wrote under the same passphrase", () => {
    expect(SecretsManager.open("x", provider).decryptText(ciphertext)).toBe("s3cr3t-token");
  });

  test("refuses another passphrase", () => {
    expect(() => SecretsManager.open("y", provider)).toThrow("incorrect passphrase");
  });

  test("one of an imported stack that is no JSON is refused without being shown", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: "hush-hush" };
    const stored = { urn: "urn:pulumi:dev::shop::a:b:C::hero", type: "a:b:C", custom: true, outputs: { key: secret } };
    const read = () => deserializeState(stored, secrets);
    expect(read).toThrow("a secret in the deployment is no JSON");
    expect(read).not.toThrow(/hush/);
  });

  test("keeps secret configuration as ciphertext, and plain configuration as it is", () => {
    const config = new StackConfig(join(directory, "config.json"), "shop", () => secrets);
    config.setAll({ color: { value: "red" }, "other:token": { value: "hush-hush", secret: true } });
    const text = readFileSync(join(directory, "config.json"), "utf8");
    expect(text).toContain("red");
    expect(text).not.toContain("hush-hush");
    expect(config.getAll()).toEqual({
      "shop:color": { value: "red", secret: false },
      "other:token": { value: "hush-hush", secret: true },
    });
  });
});

describe("the lock", () => {
  test("is taken over from a process that is gone", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    lockStack(`${path}.lock`)();
    mkdirSync(join(directory, "shop"), { recursive: true });
    const holder = { pid, host: JSON.parse(hostOf(path)).host, startedAt: "2026-01-01T00:00:00Z" };
    writeFileSync(`${path}.lock`, JSON.stringify(holder));
    const unlock = lockStack(`${path}.lock`);
    expect(JSON.parse(readFileSync(`${path}.lock`, "utf8")).pid).toBe(process.pid);
    unlock();
    expect(readdirSync(join(directory, "shop"))).toEqual([]);
  });

  test("is not taken over from another machine", () => {
    mkdirSync(join(directory, "shop"), { recursive: true });
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: 1, host: "elsewhere", startedAt: "now" }));
    expect(() => lockStack(`${path}.lock`)).toThrow("on elsewhere");
  });
});

function hostOf(file: string): string {
  const unlock = lockStack(`${file}.lock`);
  const text = readFileSync(`${file}.lock`, "utf8");
  unlock();
  return text;
}
