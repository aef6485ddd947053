import { execFile } from "node:child_process";
import { mkdtempSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { engines, expectBilled, openWorld, scenarioEngines } from "./world";

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };

/** Arguments that are wrong, and what a user is told: where, and what is allowed. */
const wrongArguments: [string, object, RegExp[]][] = [
  ["an unlisted model", { ...hero, modelVersion: "9.9" }, [/modelVersion/, /2\.5/, /allowUndocumentedModel/]],
  [
    "size 100x100 for Hunyuan",
    { ...hero, modelName: "Hunyuan", additionalParameters: { size: "100x100" } },
    [/additionalParameters\.size/, /512/, /2048/],
  ],
  [
    "15 reference images for GG 3.0",
    { ...hero, fileInfos: Array.from({ length: 15 }, (_, index) => ({ fileId: String(index) })) },
    [/fileInfos/, /14/],
  ],
  ["no prompt and no images", { ...hero, prompt: undefined }, [/prompt/, /required/]],
  ["a 51-character SessionId", { ...hero, sessionId: "s".repeat(51) }, [/sessionId/, /50/]],
];

describe.each(scenarioEngines)("on %s", (engine) => {
  test("wrong arguments are told at preview, at their property, with nothing sent", async () => {
    const world = await openWorld(engine);
    for (const [what, args, told] of wrongArguments) {
      world.declare({ name: "hero", args });
      const said = await world.failing("preview");
      for (const part of told) expect(said, what).toMatch(part);
    }
    expect(world.emulator.ledger().requests).toEqual({});
    expectBilled(world.emulator, 0);
  });

  test("a key that is not set as a secret is told at preview, with the command that sets it right", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    await world.setConfig("tencent-aigc:secretKey", "in-clear-for-all-to-see");
    const said = await world.failing("preview");
    expect(said).toContain("pulumi config set --secret tencent-aigc:secretKey");
    expect(said).not.toContain("in-clear-for-all-to-see");
    expect(world.emulator.ledger().requests).toEqual({});
    expectBilled(world.emulator, 0);
  });

  test("an endpoint that is foreign or not encrypted is told before anything is sent", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    for (const endpoint of ["http://vod.intl.tencentcloudapi.com", "https://vod.example.com"]) {
      await world.setConfig("tencent-aigc:endpoint", endpoint);
      expect(await world.failing("preview")).toMatch(/tencent-aigc:endpoint/);
    }
    expect(world.emulator.ledger().requests).toEqual({});
    expectBilled(world.emulator, 0);
  });

  test("no key is told before anything is sent, and a wrong key by the service, once", async () => {
    const world = await openWorld(engine, {
      env: { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "", HOME: "/nowhere" },
    });
    world.declare({ name: "hero", args: hero });
    expect(await world.failing("up")).toMatch(/TENCENTCLOUD_SECRET_ID/);
    expect(world.emulator.ledger().requests).toEqual({});
    await world.setConfig("tencent-aigc:secretId", world.emulator.secretId);
    await world.setConfig("tencent-aigc:secretKey", "not-the-right-key", true);
    const said = await world.failing("up");
    expect(said).toMatch(/AuthFailure/);
    expect(said).not.toContain("not-the-right-key");
    expect(world.emulator.ledger().requests["CreateAigcImageTask"] ?? 0).toBe(0);
    expectBilled(world.emulator, 0);
  });
});

test.runIf(engines.includes("the Pulumi CLI"))(
  "an inline program is told which directory it was started from, where that has no such package",
  async () => {
    const world = await openWorld("the Pulumi CLI");
    world.declare({ name: "hero", args: hero });
    const elsewhere = realpathSync(mkdtempSync(join(world.folder, "elsewhere-")));
    const start = (cwd: string) =>
      new Promise<string>((resolve) => {
        const env = { ...process.env, ...world.env };
        const script = join(__dirname, "runInlineUp.mjs");
        execFile(process.execPath, [script, world.workDir], { cwd, env }, (error, _, said) =>
          resolve(error ? said : "done"),
        );
      });
    const said = await start(elsewhere);
    expect(said).toContain(`from ${elsewhere}, where this program was started`);
    expect(said).toContain("npm install pulumi-tencent-aigc");
    expectBilled(world.emulator, 0);
    // Below the program Node finds what the program has.
    expect(await start(mkdtempSync(join(world.workDir, "below-")))).toBe("done");
    expectBilled(world.emulator, 1);
  },
);
