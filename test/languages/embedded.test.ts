import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../emulator";
import type { EngineEvent } from "../../engine";
import { find, sdkWriter } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { deployable, project } from "../docs/program";
import { temporaryFolder } from "../package/workshop";
import { expectBilled } from "../scenarios/world";
import { requests } from "../support/emulator";
import { installNodeSdk, projectWithSdk } from "./sdks";
import { examples } from "./shop";

const canWrite = "folder" in find(sdkWriter);
sayMissing(sdkWriter);

const folder = temporaryFolder();

const catalogue = readFileSync(join(examples, "typescript", "index.ts"), "utf8");

/** What an operation tells, rows that pass included. */
function heard() {
  const lines: string[] = [];
  const onEvent = ({ diagnosticEvent: told }: EngineEvent) => {
    if (told) lines.push(told.message.trim());
  };
  return { lines, onEvent };
}

test("the catalogue in TypeScript bills its three pictures once", async () => {
  const { emulator, stack } = await deployable(project(catalogue));
  const { outputs, summary } = await stack.up();
  expect(summary.resourceChanges).toEqual({ create: 4 });
  expect(Object.keys(outputs["urls"]?.value as object).sort()).toEqual(["chair", "lamp", "teapot"]);
  expect((await stack.up()).summary.resourceChanges).toEqual({ same: 4 });
  expectBilled(emulator, 3);
});

if (canWrite) {
  beforeAll(() => installNodeSdk(folder));

  test("the same catalogue with the SDK of the plugin deploys without the CLI, and bills its three pictures once", async () => {
    const program = catalogue.replace('"pulumi-tencent-aigc"', '"pulumi-tencent-aigc-sdk"');
    const { emulator, stack } = await deployable(projectWithSdk(folder, program));
    const { lines, onEvent } = heard();
    await stack.preview({ onEvent });
    expect(lines).toContain("bills up to 3 images (GG 3.0 × 3)");
    expect(requests(emulator)).toBe(0);
    const { outputs, summary } = await stack.up();
    expect(summary.resourceChanges).toEqual({ create: 4 });
    const urls = outputs["urls"]?.value as Record<string, string>;
    expect(Object.keys(urls).sort()).toEqual(["chair", "lamp", "teapot"]);
    for (const url of Object.values(urls)) expect((await fetch(url)).headers.get("content-type")).toBe("image/png");
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 4 });
    expect((await stack.refresh()).summary.resourceChanges).toEqual({ same: 4 });
    await stack.destroy();
    expectBilled(emulator, 3);
  });

  test("the stack's settings configure the plugin, and a change of them replaces no picture", async () => {
    const program = catalogue.replace('"pulumi-tencent-aigc"', '"pulumi-tencent-aigc-sdk"');
    const { emulator, stack } = await deployable(projectWithSdk(folder, program));
    await stack.setConfig("tencent-aigc:maxImagesPerUpdate", { value: "2" });
    await expect(stack.preview()).rejects.toThrow("`pulumi config set tencent-aigc:maxImagesPerUpdate 3`");
    await stack.setConfig("tencent-aigc:maxImagesPerUpdate", { value: "three" });
    await expect(stack.preview()).rejects.toThrow("must be a whole number from 0 to 1000000");
    await stack.setConfig("tencent-aigc:maxImagesPerUpdate", { value: "3" });
    await stack.up();
    await stack.setConfig("tencent-aigc:maxImagesPerUpdate", { value: "0" });
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 4 });
    expectBilled(emulator, 3);
  });

  test("two explicit providers are two accounts, and no key of theirs is in state in clear", async () => {
    const other = await startEmulator({ taskSeconds: 0.05, secretKey: "the-other-secret-key" });
    onTestFinished(() => other.close());
    const program = `
      import * as pulumi from "@pulumi/pulumi";
      import * as aigc from "pulumi-tencent-aigc-sdk";

      const config = new pulumi.Config();
      const account = (name: string, subAppId: number) => new aigc.Provider(name, {
        endpoint: config.require(name),
        secretId: "${other.secretId}",
        secretKey: config.require(name + "Key"),
        subAppId,
        prices: { "GG 3.0": 0.04 },
        currency: "USD",
      });
      const shared = { modelName: "GG", modelVersion: "3.0", prompt: "A lighthouse", sessionScope: "one" };
      const accounts = { mine: account("mine", 1500000001), theirs: account("theirs", 1500000002) };
      const made = Object.entries(accounts).map(([name, provider]) =>
        [name, new aigc.AigcImageTask(name, shared, { provider })] as const);
      class Shelf extends pulumi.ComponentResource {
        constructor(name: string, options: pulumi.ComponentResourceOptions) {
          super("shop:index:Shelf", name, {}, options);
          new aigc.AigcImageTask(name + "-lamp", { ...shared, prompt: "A lamp" }, { parent: this });
        }
      }
      new Shelf("shelf", { providers: [accounts.theirs] });
      export const taskIds = Object.fromEntries(made.map(([name, { taskId }]) => [name, taskId]));
      export const told = Object.fromEntries(made.map(([name, { taskId }]) =>
        [name, aigc.getImageTaskOutput({ taskId: taskId as pulumi.Output<string> }, { provider: accounts[name as keyof typeof accounts] }).sessionId]));
      export const again = made[1]![1].id.apply((id) =>
        aigc.AigcImageTask.get("again", id, { provider: accounts.theirs }).url);
    `;
    const { emulator, stack } = await deployable(projectWithSdk(folder, program));
    await stack.setAllConfig({
      mine: { value: emulator.url },
      mineKey: { value: emulator.secretKey, secret: true },
      theirs: { value: other.url },
      theirsKey: { value: other.secretKey },
    });
    const { lines, onEvent } = heard();
    await stack.preview({ onEvent });
    expect(lines).toContain("bills up to 3 images, 0.12 USD (GG 3.0 × 3)");
    const { outputs } = await stack.up();
    const told = outputs["told"]?.value as Record<string, string>;
    const taskIds = outputs["taskIds"]?.value as Record<string, string>;
    const made = (service: typeof other, name: string) =>
      service.ledger().tasks.find(({ taskId }) => taskId === taskIds[name]);
    expect(made(emulator, "mine")?.sessionId).toBe(told["mine"]);
    expect(made(other, "theirs")?.sessionId).toBe(told["theirs"]);
    expect(outputs["again"]?.value).toBe(made(other, "theirs")?.files[0]?.url);
    expectBilled(emulator, 1);
    // The child of a component is made by the component's provider.
    expectBilled(other, 2);
    const state = JSON.stringify(await stack.exportStack());
    expect(state).not.toContain(other.secretKey);
    expect(state).not.toContain(emulator.secretKey);
    await stack.up({ expectNoChanges: true });
    await stack.refresh();
    await stack.destroy();
    expectBilled(emulator, 1);
    expectBilled(other, 2);
  });

  test("a preview with keys that an update will make misses none, asks nothing, and says what is billed", async () => {
    const program = `
      import * as aigc from "pulumi-tencent-aigc-sdk";

      const picture = { modelName: "GG", modelVersion: "3.0", prompt: "A lighthouse" };
      const first = new aigc.AigcImageTask("first", picture);
      const made = new aigc.Provider("made", { secretId: first.taskId, secretKey: first.taskId, subAppId: 1500000001, lookInPreview: true });
      new aigc.AigcImageTask("second", picture, { provider: made });
      export const quota = aigc.getQuotaOutput({}, { provider: made });
      export const there = aigc.AigcImageTask.get("there", "1500000001/5145403700000000001", { provider: made }).url;
    `;
    const { emulator, stack } = await deployable(projectWithSdk(folder, program));
    const { lines, onEvent } = heard();
    await stack.preview({ onEvent });
    expect(lines.filter((line) => /keys?\\b|not found/.test(line))).toEqual([]);
    expect(lines).toContain("bills up to 2 images (GG 3.0 × 2)");
    expect(lines.join("\n")).toContain("the service could not be asked what is there already");
    expect(requests(emulator)).toBe(0);
    expectBilled(emulator, 0);
  });

  test("a setting of an explicit provider that is wrong or missing is to be changed there", async () => {
    const program = (settings: string) => `
      import * as aigc from "pulumi-tencent-aigc-sdk";

      const provider = new aigc.Provider("mine", ${settings});
      new aigc.AigcImageTask("hero", { modelName: "GG", modelVersion: "3.0", prompt: "A lighthouse" }, { provider });
    `;
    const shop = projectWithSdk(folder, program("{ subAppId: 0 }"));
    const { emulator, stack } = await deployable(shop);
    await expect(stack.preview()).rejects.toThrow("Set it with `subAppId: 1500000000` on the provider `mine`.");
    writeFileSync(join(shop, "index.ts"), program("{}"));
    await expect(stack.preview()).rejects.toThrow("Give it here, or with `subAppId: <id>` on the provider `mine`.");
    writeFileSync(join(shop, "index.ts"), program('{ subAppId: 5, secretId: "a", secretKey: "not-the-secret-key" }'));
    const refused = await stack.up().catch(String);
    expect(refused).toContain("Check secretId and secretKey (the provider `mine`, environment");
    expect(refused).not.toContain("not-the-secret-key");
    expectBilled(emulator, 0);
  });

  test("an interruption reaches the plugin: what was accepted is in state, and the next `up` goes on with it", async () => {
    const program = `
      import * as aigc from "pulumi-tencent-aigc-sdk";

      const hero = new aigc.AigcImageTask("hero", { modelName: "GG", modelVersion: "3.0", prompt: "A lighthouse" });
      export const taskId = hero.taskId;
    `;
    const { emulator, stack } = await deployable(projectWithSdk(folder, program));
    emulator.fault({ kind: "stuck", seconds: 600 });
    const up = stack.up();
    const rejected = expect(up).rejects.toThrow("was under way when the update was cancelled");
    await expect.poll(() => emulator.ledger().tasks.length, { timeout: 30_000 }).toBe(1);
    await stack.cancel();
    await rejected;
    emulator.advance(601);
    const { outputs } = await stack.up();
    expect(outputs["taskId"]?.value).toBe(emulator.ledger().tasks[0]?.taskId);
    expectBilled(emulator, 1);
  });
}
