import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../emulator";
import { readBill } from "../support/billSchema";
import { expectBilled } from "./world";
import { hasYaml, openYaml, reference } from "./yaml";

const hero = { modelName: "GG", modelVersion: "3.0", prompt: "a lighthouse at dawn" };

/** A file for the bill, in a directory of the test's own. */
function billFile(): { readonly path: string; readonly env: Record<string, string> } {
  const directory = mkdtempSync(join(tmpdir(), "aigc-bill-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "bill.json");
  return { path, env: { TENCENT_AIGC_BILL_FILE: path } };
}

if (hasYaml) {
  test("two currencies, of two explicit providers, are told apart, by line and by file", async () => {
    const { path, env } = billFile();
    const { emulator, project } = await openYaml({ env });
    const account = (currency: string, price: number) => ({
      type: "pulumi:providers:tencent-aigc",
      properties: { subAppId: 1500000001, currency, prices: { "GG 3.0": price } },
    });
    const picture = (provider: string) => ({
      properties: { ...hero, keepers: { provider } },
      options: { provider: reference(provider) },
    });
    project.declare({ usd: account("USD", 0.6), cny: account("CNY", 0.7), a: picture("usd"), b: picture("cny") });
    expect(await project.pulumi("preview")).toMatch(
      /bills up to 2 images, (0\.60 USD \+ 0\.70 CNY|0\.70 CNY \+ 0\.60 USD) \(GG 3\.0 × 2\)/,
    );
    const { amounts, resources } = readBill(readFileSync(path, "utf8"));
    expect(amounts?.map(({ amount, currency }) => `${amount} ${currency}`).sort()).toEqual(["0.60 USD", "0.70 CNY"]);
    expect(resources).toMatchObject([{ currency: "USD" }, { currency: "CNY" }]);
    expectBilled(emulator, 0);
  });

  test("a preview whose provider's settings are refused writes why", async () => {
    const { path, env } = billFile();
    const { emulator, project } = await openYaml({ env });
    const account = { type: "pulumi:providers:tencent-aigc", properties: { maxImagesPerUpdate: -1 } };
    project.declare({ account, a: { properties: hero, options: { provider: reference("account") } } });
    const { code, text } = await project.run("preview");
    expect(code, text).not.toBe(0);
    expect(readBill(readFileSync(path, "utf8"))).toMatchObject({
      images: 0,
      refused: [{ name: "account", property: "maxImagesPerUpdate" }],
    });
    expectBilled(emulator, 0);
  });

  test("a picture goes over to another provider of its account, and its settings change, unbilled", async () => {
    const { emulator, project } = await openYaml();
    const account = (changes = {}) => ({
      type: "pulumi:providers:tencent-aigc",
      properties: { subAppId: 1500000001, ...changes },
    });
    const by = (provider: string) => ({ hero: { properties: hero, options: { provider: reference(provider) } } });
    await project.pulumi("config", "set", "tencent-aigc:subAppId", "1500000001");
    project.declare({ hero: { properties: hero } });
    expect(await project.changes("up")).toEqual({ create: 2 });
    project.declare({ mine: account(), ...by("mine") });
    expect(await project.changes("up")).not.toHaveProperty("replace");
    expectBilled(emulator, 1);
    project.declare({ mine: account(), other: account({ maxImagesPerUpdate: 0 }), ...by("other") });
    expect(await project.changes("up")).not.toHaveProperty("replace");
    project.declare({ other: account({ tagSessionContext: true }), ...by("other") });
    expect(await project.changes("up")).not.toHaveProperty("replace");
    expect(await project.changes("up")).toEqual({ unchanged: 3 });
    expectBilled(emulator, 1);
  });

  test("a preview with keys that the update will make goes on, misses none, and says what is billed", async () => {
    const { emulator, project } = await openYaml({
      env: { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" },
    });
    const { secretId, secretKey } = emulator;
    const account = (keys: object) => ({
      type: "pulumi:providers:tencent-aigc",
      properties: { subAppId: 1500000001, lookInPreview: true, ...keys },
    });
    project.declare(
      {
        first: account({ secretId, secretKey }),
        hero: { properties: hero, options: { provider: reference("first") } },
        later: account({ secretId, secretKey: { "fn::secret": reference("hero.taskId") } }),
        other: { properties: hero, options: { provider: reference("later") } },
      },
      {
        quota: {
          "fn::invoke": { function: "tencent-aigc:getQuota", arguments: {}, options: { provider: reference("later") } },
        },
      },
    );
    const text = await project.pulumi("preview");
    expect(text).toContain("bills up to 2 images (GG 3.0 × 2)");
    expect(text).not.toMatch(/Credentials|secretKey/);
    expect(emulator.ledger().requests).not.toHaveProperty("CreateAigcImageTask");
    expectBilled(emulator, 0);
  });

  test("^C and kill -9 end the processes of both providers, and the next `up` finishes both tasks", async () => {
    const { emulator, project } = await openYaml();
    emulator.fault({ kind: "stuck", seconds: 100_000, times: "always" });
    const account = (subAppId: number) => ({ type: "pulumi:providers:tencent-aigc", properties: { subAppId } });
    const by = (provider: string) => ({ properties: hero, options: { provider: reference(provider) } });
    project.declare({ mine: account(1500000001), theirs: account(1500000002), a: by("mine"), b: by("theirs") });
    const cancelled = project.spawnUp();
    await emulator.waitUntil(() => emulator.ledger().tasks.length === 2);
    await cancelled.kill("SIGINT");
    const taskIds = emulator.ledger().tasks.map(({ taskId }) => taskId);
    const { id: a } = await project.picture("a");
    const { id: b } = await project.picture("b");
    expect([a, b].sort()).toEqual(taskIds.sort());

    const killed = project.spawnUp();
    const asked = emulator.ledger().requests["DescribeTaskDetail"] ?? 0;
    await emulator.waitUntil(() => (emulator.ledger().requests["DescribeTaskDetail"] ?? 0) > asked + 2);
    await killed.kill("SIGKILL");
    await killed.hasEnded("pulumi-resource-tencent-aigc");
    await project.pulumi("cancel", "--yes");
    emulator.clearFaults();
    emulator.advance(100_001);
    await project.changes("up");
    expect(await project.changes("up")).toEqual({ unchanged: 5 });
    expectBilled(emulator, 2);
  });

  test("two accounts in one program: each makes its own picture, with one guard and one bill for both", async () => {
    const { path, env } = billFile();
    const bill = () => readBill(readFileSync(path, "utf8"));
    const { emulator: one, project } = await openYaml({ env });
    const two = await startEmulator({ taskSeconds: 0.1 });
    onTestFinished(() => two.close());
    const account = (emulator: typeof one, subAppId: number) => ({
      type: "pulumi:providers:tencent-aigc",
      properties: {
        endpoint: emulator.url,
        secretId: emulator.secretId,
        secretKey: emulator.secretKey,
        subAppId,
        maxImagesPerUpdate: 2,
      },
    });
    // The same intention in both: scope, request and keepers.
    const shared = (provider: string, keepers = {}) => ({
      properties: { ...hero, sessionScope: "catalogue", keepers },
      options: { provider: reference(provider) },
    });
    const accounts = { mine: account(one, 1500000001), theirs: account(two, 1500000002) };
    project.declare({
      ...accounts,
      a: shared("mine"),
      b: shared("theirs", { take: 2 }),
      c: shared("theirs", { take: 3 }),
    });
    const refused = await project.run("preview");
    expect(refused.code).not.toBe(0);
    // It is set on the provider, and so it is to be changed there.
    expect(refused.text).toMatch(
      /would be image 3 of this update, and `maxImagesPerUpdate` of the provider `(mine|theirs)` allows 2\. .* `maxImagesPerUpdate: 3` on the provider `\1`/,
    );
    expect(refused.text).not.toContain("pulumi config");

    project.declare({ ...accounts, a: shared("mine"), b: shared("theirs") });
    expect(await project.pulumi("preview")).toContain("bills up to");
    // Each provider is a process, and both write one bill.
    expect(bill()).toMatchObject({
      images: 2,
      resources: [
        { name: "a", images: 1 },
        { name: "b", images: 1 },
      ],
    });
    const text = await project.pulumi("up", "--yes", "--skip-preview");
    expect(text.match(/billed \d+ images?/g)?.at(-1)).toBe("billed 2 images");
    expect(bill()).toMatchObject({ images: 2, resources: [{ name: "a" }, { name: "b" }], result: { billed: 2 } });
    expect(await project.changes("up")).toEqual({ unchanged: 5 });
    expect(bill()).toMatchObject({ images: 0, resources: [] });
    for (const [name, emulator] of [
      ["a", one],
      ["b", two],
    ] as const) {
      expectBilled(emulator, 1);
      const { id } = await project.picture(name);
      expect(id).toBe(emulator.ledger().tasks[0]?.taskId);
    }
    expect(await project.changes("refresh")).toEqual({ unchanged: 5 });
    await project.changes("destroy");
    // What each has is found again in its own account.
    expect(await project.changes("up")).toEqual({ create: 5 });
    for (const emulator of [one, two]) expectBilled(emulator, 1);
  });
}
