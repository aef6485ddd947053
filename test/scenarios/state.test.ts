import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectBilled, openWorld, readAll, scenarioEngines } from "./world";

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };
const fixtures = join(__dirname, "states");

describe.each(scenarioEngines)("on %s", (engine) => {
  test("no secret is ever in clear: not in state, journal, events, text or bill, over a whole life", async () => {
    const bill = "bill.json";
    const world = await openWorld(engine, {
      emulator: { secretKey: "a-secret-key-to-hide", token: "a-session-token-to-hide" },
      env: {
        TENCENTCLOUD_SECRET_ID: "",
        TENCENTCLOUD_SECRET_KEY: "",
        TENCENT_AIGC_BILL_FILE: bill,
        NODE_DEBUG: "http,net,undici",
      },
    });
    await world.setConfig("tencent-aigc:secretId", world.emulator.secretId);
    await world.setConfig("tencent-aigc:secretKey", world.emulator.secretKey, true);
    await world.setConfig("tencent-aigc:token", "a-session-token-to-hide", true);
    const secretive = (prompt: string) => ({
      ...hero,
      modelName: "Hunyuan",
      prompt: { secret: prompt },
      additionalParameters: { size: "1024x1024" },
      keepers: { nonce: { secret: "keeper-to-hide" } },
    });
    const texts: string[] = [];
    const did = ({ text, events }: { text: string; events: string }) => texts.push(text, events);
    world.declare({ name: "hero", args: secretive("prompt-to-hide") });
    did(await world.preview());
    // Read by a job that writes a comment on a pull request.
    expect(JSON.parse(readFileSync(join(world.workDir, bill), "utf8"))).toEqual({
      version: 1,
      images: 1,
      resources: [
        {
          urn: expect.stringContaining("::hero"),
          name: "hero",
          images: 1,
          modelName: "Hunyuan",
          modelVersion: "3.0",
          reason: "create",
        },
      ],
    });
    did(await world.up());
    did(await world.refresh());
    world.emulator.fault({
      kind: "taskFails",
      errCodeExt: "ContentModerationFailed",
      message: "refused: other-to-hide",
    });
    world.declare({ name: "hero", args: secretive("other-to-hide") });
    texts.push(await world.failing("up"));
    did(await world.destroy());
    const kept = [...texts, readAll(world.folder), readFileSync(join(world.workDir, bill), "utf8")].join("\n");
    for (const secret of [
      world.emulator.secretKey,
      "a-session-token-to-hide",
      "prompt-to-hide",
      "other-to-hide",
      "keeper-to-hide",
      "TC3-HMAC-SHA256",
    ]) {
      // The program's own source holds its prompts, and Pulumi's SDK prints every answer it gets into the CLI's debug
      // log; everything of ours that was written or said does not.
      const others = /^\[{"name":"hero"|"debug: ","message":"RegisterResource RPC finished/;
      const leaks = kept.split("\n").filter((line) => line.includes(secret) && !others.test(line));
      expect(
        leaks.map((line) => line.slice(0, 300)),
        secret.slice(0, 3),
      ).toEqual([]);
    }
    expectBilled(world.emulator, 1);
  });

  test("state is lean: no null, one constant line of code, and little beside the user's own inputs", async () => {
    const world = await openWorld(engine);
    const four = { ...hero, modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 4 } };
    world.declare({ name: "hero", args: { ...hero, keepers: {}, negativePrompt: null } }, { name: "four", args: four });
    await world.up();
    const resources = await world.resources();
    expect(JSON.stringify(resources.map(({ inputs, outputs }) => [inputs, outputs]))).not.toContain("null");
    for (const [name, args, images] of [
      ["hero", hero, 1],
      ["four", four, 4],
    ] as const) {
      const resource = resources.find(({ urn }) => urn.endsWith(`::${name}`));
      const { inputs, outputs } = resource ?? {};
      expect(inputs?.["__provider"]).toBe(
        'exports.handler=()=>require("node:module").createRequire(process.cwd()+"/")("pulumi-tencent-aigc/handler")',
      );
      const code = JSON.stringify(resource).split("__provider").length - 1;
      expect(code).toBe(engine === "the Pulumi CLI" ? 3 : code);
      expect(outputs?.["files"]).toHaveLength(images);
      const most = 2 * JSON.stringify(args).length + 1_100 + 350 * images;
      expect(JSON.stringify([inputs, outputs]).length, `${name}, bytes`).toBeLessThanOrEqual(most);
    }
    expectBilled(world.emulator, 5);
  });

  // One file a version whose state differs; none of a published version is ever changed or removed.
  for (const file of readdirSync(fixtures)) {
    test(`an upgrade never bills: the state of ${file} shows no replace and no update of a picture`, async () => {
      const { declared, state } = JSON.parse(readFileSync(join(fixtures, file), "utf8"));
      const world = await openWorld(engine);
      world.declare(...declared);
      await world.importStack(state);
      const unfinished = (await world.resources()).filter(({ outputs }) => outputs?.["status"] !== "FINISH");
      const { changes } = await world.preview();
      const { same, ...others } = changes;
      expect(same).toBeGreaterThanOrEqual(declared.length - unfinished.length);
      // What has no picture yet goes on in an update.
      expect(others).toEqual(unfinished.length > 0 ? { update: unfinished.length } : {});
      expect(world.emulator.ledger().requests).toEqual({});
      expectBilled(world.emulator, 0);
    });
  }

  test.each([["url"], ["fileUrls"], ["files"]])(
    "additionalSecretOutputs with %s keeps every copy of the URL secret, in state and in the program",
    async (name) => {
      const world = await openWorld(engine);
      world.declare({ name: "hero", args: hero, options: { additionalSecretOutputs: [name] } });
      const { outputs, text, events } = await world.up();
      expect(JSON.stringify(outputs)).toContain("[secret]");
      const url = String(world.emulator.ledger().tasks[0]?.files[0]?.url);
      expect(url).toMatch(/^http/);
      expect(readAll(world.folder), "state").not.toContain(url);
      expect(text, "console").not.toContain(url);
      // Pulumi's SDK prints every answer it gets into the CLI's debug log.
      const told = events.split("\n").filter((event) => !event.includes('"severity":"debug"'));
      expect(told.join("\n"), "events").not.toContain(url);
      expect(Object.keys((await world.up()).changes)).toEqual(["same"]);
      expectBilled(world.emulator, 1);
    },
  );
});
