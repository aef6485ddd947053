import { createRequire } from "node:module";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { beforeAll, expect, test } from "vitest";
import { find, pulumi, sdkWriter } from "../../scripts/cli/tools.mts";
import { sayMissing } from "../cli/sayMissing";
import { run, temporaryFolder, write } from "../package/workshop";
import { expectBilled } from "../scenarios/world";
import { installNodeSdk, tsc } from "./sdks";
import { linkPackage, openShop } from "./shop";

const canWrite = "folder" in find(sdkWriter);
sayMissing(sdkWriter);
const hasCli = "folder" in find(pulumi);
sayMissing(pulumi);

const folder = temporaryFolder();

/** What a program of the SDK may write, and what it may not. */
const typedProgram = `
import * as aigc from "pulumi-tencent-aigc-sdk";

const hero = new aigc.AigcImageTask("hero", {
  modelName: aigc.ModelName.GG,
  modelVersion: aigc.ModelVersion.V3_0,
  prompt: "A lighthouse at dawn",
  outputConfig: { storageMode: "Permanent", aspectRatio: "16:9" },
  keepers: { edition: 2, tags: ["a", { nested: true }] },
});
new aigc.AigcImageTask("edit", { modelName: "Brand-new", modelVersion: "9.9", fileInfos: [{ url: hero.url }] });
export const account = new aigc.Provider("account", { secretKey: hero.taskId, subAppId: 5, prices: { "GG 3.0": 0.04 } });
export const used = aigc.getUsageOutput({ startTime: "2026-01-01T00:00:00Z" }).specifications[0].images;

// @ts-expect-error A prompt is a text.
new aigc.AigcImageTask("mistyped", { prompt: 5 });
// @ts-expect-error It fails, or is kept.
new aigc.AigcImageTask("mistyped", { onFailure: "retry" });
// @ts-expect-error Written by the provider.
new aigc.AigcImageTask("mistyped", { generationId: "a" });
`;

if (canWrite) {
  beforeAll(async () => {
    await installNodeSdk(folder);
    write(folder, {
      "package.json": { name: "shop", private: true },
      "tsconfig.json": {
        compilerOptions: { strict: true, module: "nodenext", noEmit: true, skipLibCheck: true, types: ["node"] },
      },
      "index.ts": typedProgram,
    });
  });

  test("the SDK for Node compiles, and has the types of inputs, outputs, settings and functions", async () => {
    const checked = await run(process.execPath, [tsc, "-p", "."], folder);
    expect(checked.stdout + checked.stderr).toBe("");
  });
}

if (canWrite && hasCli) {
  test("a Node program of the SDK deploys on the CLI, and its pictures are billed once", async () => {
    const shop = await openShop();
    linkPackage(shop);
    write(shop.folder, {
      "Pulumi.yaml":
        "name: shop\nruntime: nodejs\npackages:\n  tencent-aigc: ./node_modules/pulumi-tencent-aigc/plugin\n",
    });
    const program = async () => {
      const { AigcImageTask } = createRequire(join(folder, "index.js"))("pulumi-tencent-aigc-sdk");
      const hero = new AigcImageTask("hero", { modelName: "GG", modelVersion: "3.0", prompt: "A lighthouse at dawn" });
      const args = {
        modelName: "GG",
        modelVersion: "3.0",
        prompt: "The same at night",
        fileInfos: [{ url: hero.url }],
      };
      return { hero: hero.url, night: new AigcImageTask("night", args).url };
    };
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: "dev", projectName: "shop", program },
      { workDir: shop.folder, envVars: shop.env },
    );
    await stack.setConfig("tencent-aigc:subAppId", { value: "1500000001" });
    const { outputs, summary } = await stack.up();
    expect(summary.resourceChanges).toEqual({ create: 3 });
    const picture = await fetch(outputs["night"]?.value);
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3 });
    expectBilled(shop.emulator, 2);
  });
}
