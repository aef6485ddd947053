import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { expect, test } from "vitest";
import { find, pulumi } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { deployable, project } from "../docs/program";
import { expectLedger, requests } from "../support/emulator";
import { linkPackage, openShop } from "./shop";

const hasCli = "folder" in find(pulumi);
sayMissing(pulumi);

const hero = `
  import * as pulumi from "@pulumi/pulumi";
  import * as aigc from "pulumi-tencent-aigc";

  const hero = new aigc.AigcImageTask("hero", { modelName: "GG", modelVersion: "3.0", prompt: "A lighthouse" });
`;
const startTime = new Date(Date.now() - 86_400_000).toISOString();

const asking = `${hero}
  export const task = aigc.getImageTaskOutput({ taskId: hero.taskId });
  export const secretTask = aigc.getImageTaskOutput({ taskId: pulumi.secret(hero.taskId) });
  export const listed = aigc.listImageTasksOutput({ createdAfter: hero.createTime, status: "FINISH" });
  export const usage = aigc.getUsage({ startTime: "${startTime}" });
  export const usageOutput = aigc.getUsageOutput({ startTime: "${startTime}", endTime: undefined });
  export const quota = aigc.getQuota();
  export const quotaOutput = aigc.getQuotaOutput();
  export const all = aigc.listImageTasks();
`;

test("functions tell a program of tasks, usage and quota, and bill nothing", async () => {
  const folder = project(asking);
  const { emulator, stack } = await deployable(folder);
  // Before there is a task there is nothing to ask of it.
  await stack.preview();
  expect(requests(emulator, "DescribeTaskDetail")).toBe(0);
  expect(requests(emulator, "DescribeAigcQuotas")).toBe(2);
  await stack.up();
  const { outputs } = await stack.up();
  const [task] = emulator.ledger().tasks;
  const { taskId, sessionId } = task ?? {};
  const told = { taskId, sessionId, status: "FINISH", modelName: "GG", files: [{ url: task?.files[0]?.url }] };
  expect(outputs["task"]).toMatchObject({ value: told, secret: false });
  expect(outputs["secretTask"]).toMatchObject({ value: told, secret: true });
  expect(outputs["listed"]?.value).toMatchObject({ tasks: [{ taskId, sessionId, status: "FINISH" }] });
  expect(outputs["all"]?.value).toEqual(outputs["listed"]?.value);
  expect(outputs["usage"]?.value).toMatchObject({ images: expect.any(Number), specifications: expect.any(Array) });
  expect(outputs["usageOutput"]?.value).toEqual(outputs["usage"]?.value);
  expect(outputs["quota"]?.value).toEqual({});
  expect(outputs["quotaOutput"]?.value).toEqual({});
  expectLedger(emulator, { billed: 1, intended: 1 });
});

test("functions find settings and keys as the resource does: the stack's config before the environment", async () => {
  const folder = project('import { getQuota } from "pulumi-tencent-aigc"; export const quota = getQuota();');
  const { emulator, stack } = await deployable(folder);
  await stack.setAllConfig({
    "tencent-aigc:secretId": { value: emulator.secretId, secret: true },
    "tencent-aigc:secretKey": { value: "not-the-secret-key", secret: true },
  });
  const refused = await stack.up().catch(String);
  expect(refused).toContain("AuthFailure");
  expect(refused).not.toContain("not-the-secret-key");
  await stack.setConfig("tencent-aigc:secretKey", { value: emulator.secretKey, secret: true });
  await stack.up();
  await stack.setConfig("tencent-aigc:requestsPerSecond", { value: "many" });
  await expect(stack.up()).rejects.toThrow("getQuota: tencent-aigc:requestsPerSecond must be a number");
  expectLedger(emulator, { billed: 0, intended: 0 });
});

test("a key that is not a secret is refused, before anything is asked with it", async () => {
  const folder = project('import { getQuota } from "pulumi-tencent-aigc"; export const quota = getQuota();');
  const { emulator, stack } = await deployable(folder);
  await stack.setAllConfig({
    "tencent-aigc:secretId": { value: emulator.secretId },
    "tencent-aigc:secretKey": { value: emulator.secretKey },
  });
  await expect(stack.up()).rejects.toThrow("tencent-aigc:secretKey is not set as a secret");
  expect(requests(emulator)).toBe(0);
  expectLedger(emulator, { billed: 0, intended: 0 });
});

test("wrong arguments are all told by their names, without a stack trace, and nothing is sent", async () => {
  const program = `
    import * as aigc from "pulumi-tencent-aigc";
    export const usage = aigc.getUsage({ startTime: "yesterday", until: 5 } as never);
  `;
  const folder = project(program);
  const { emulator, stack } = await deployable(folder);
  const refused = await stack.preview().catch(String);
  expect(refused).toMatch(/getUsage: startTime must be a time .*until is no input.*Nothing was sent\./);
  expect(refused).not.toMatch(/\n\s+at /);
  const unknown =
    'import { getImageTask } from "pulumi-tencent-aigc"; export const t = getImageTask({ taskId: "1-AigcImageTask-0t" });';
  writeFileSync(join(folder, "index.ts"), unknown);
  await expect(stack.preview()).rejects.toThrow("getImageTask: The service knows no task 1-AigcImageTask-0t");
  expectLedger(emulator, { billed: 0, intended: 0 });
});

test("a program may catch what a function is refused, and go on", async () => {
  const program = `
    import { getQuota } from "pulumi-tencent-aigc";
    export const quota = getQuota({ subAppId: 0 }).catch((error: Error) => error.message);
    export const many = Promise.all(Array.from({ length: 30 }, () => getQuota())).then(({ length }) => length);
  `;
  const { emulator, stack } = await deployable(project(program));
  const { outputs } = await stack.up();
  expect(outputs["quota"]?.value).toMatch(/^getQuota: subAppId must be a positive integer/);
  expect(outputs["many"]?.value).toBe(30);
  expectLedger(emulator, { billed: 0, intended: 0 });
});

if (hasCli) {
  test("two inline programs in one process, at the same time, each ask their own account", async () => {
    const asked = await Promise.all(
      [1, 2].map(async (number) => {
        const shop = await openShop();
        linkPackage(shop);
        const { emulator, folder } = shop;
        const { getImageTask, getQuota, listImageTasks } = createRequire(join(folder, "index.js"))(
          "pulumi-tencent-aigc",
        );
        const program = async () => ({
          quota: await getQuota(),
          listed: await listImageTasks(),
          none: await getImageTask({ taskId: `${number}-AigcImageTask-0t` }).catch(String),
        });
        const stack = await LocalWorkspace.createOrSelectStack(
          { stackName: "dev", projectName: `shop-${number}`, program },
          { workDir: folder, envVars: shop.env },
        );
        await stack.setAllConfig({
          "tencent-aigc:endpoint": { value: emulator.url },
          "tencent-aigc:secretId": { value: emulator.secretId, secret: true },
          "tencent-aigc:secretKey": { value: emulator.secretKey, secret: true },
          "tencent-aigc:subAppId": { value: String(number) },
        });
        return { emulator, outputs: (await stack.up()).outputs };
      }),
    );
    for (const { emulator, outputs } of asked) {
      expect(outputs["quota"]?.value).toEqual({});
      expect(outputs["listed"]?.value).toEqual({ tasks: [] });
      expect(outputs["none"]?.value).toContain("knows no task");
      expect(requests(emulator, "DescribeTaskDetail")).toBe(1);
      expectLedger(emulator, { billed: 0, intended: 0 });
    }
  });
}
