import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { engines, expectBilled, openWorld, scenarioEngines, type World } from "./world";

const subAppId = 251007502;
const picture = { subAppId, modelName: "GG", modelVersion: "3.0", prompt: "a car" };

/** Runs the built command in the project's directory. */
async function audit({ workDir, env }: World, ...args: string[]): Promise<{ status: number; stdout: string }> {
  const bin = join(__dirname, "..", "..", "dist", "command", "bin.js");
  const options = { cwd: workDir, env: { ...process.env, ...env } };
  return await promisify(execFile)(process.execPath, [bin, "audit", ...args], options).then(
    ({ stdout }) => ({ status: 0, stdout }),
    ({ code, stdout }) => ({ status: code, stdout }),
  );
}

/** The line, as it is in a program once it was pasted among a picture's inputs. */
function pasted(line: string): object {
  const args: unknown = runInNewContext(`({ subAppId: ${subAppId},\n${line}\n})`);
  return JSON.parse(JSON.stringify(args));
}

describe.each(scenarioEngines)("on %s", (engine) => {
  test.each([
    ["Permanent", /^ +(adoptFileIds: .*)$/m],
    ["Temporary", /^ +(adoptTaskId: .*)$/m],
  ])(
    "the line of an orphan, of %s files, takes it over, unbilled, and then nothing is orphaned",
    async (mode, printed) => {
      const world = await openWorld(engine);
      const hero = { name: "hero", args: picture };
      const banner = { name: "banner", args: { ...picture, prompt: "a bus", outputConfig: { storageMode: mode } } };
      world.declare(hero, banner);
      const { outputs } = await world.up();
      world.declare(hero);
      await world.up();

      const stack = async () => {
        writeFileSync(join(world.folder, "stack.json"), JSON.stringify(await world.exportStack()));
        return join(world.folder, "stack.json");
      };
      const { requests } = world.emulator.ledger();
      const found = await audit(world, await stack());
      expect(found.status).toBe(1);
      expect(found.stdout).toContain(`task ${outputs["banner"]?.taskId}, GG 3.0, 1 image`);
      expect(world.emulator.ledger().requests).toMatchObject({ CreateAigcImageTask: requests["CreateAigcImageTask"] });

      const line = printed.exec(found.stdout)?.[1] ?? "";
      world.declare(hero, { name: "found", args: pasted(line) });
      const adopted = await world.up();
      expect(adopted.outputs["found"]).toMatchObject({ status: "FINISH" });
      expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(2);
      expectBilled(world.emulator, 2);
      expect((await audit(world, await stack())).status).toBe(0);
    },
  );

  test("what the next `up` finds by itself is said to be, and it does, unbilled", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: picture });
    world.emulator.fault({ kind: "acceptThenReset", action: "CreateAigcImageTask" });
    world.emulator.behaviour({ listingLagSeconds: 3_600, searchLagSeconds: 3_600 });
    await world.failing("up");
    world.emulator.advance(7_200);
    writeFileSync(join(world.folder, "stack.json"), JSON.stringify(await world.exportStack()));
    const { status, stdout } = await audit(world, join(world.folder, "stack.json"));
    expect(stdout).toContain("1 found by the next pulumi up");
    expect(status).toBe(0);
    expect((await world.up()).outputs["hero"]).toMatchObject({ status: "FINISH" });
    expectBilled(world.emulator, 1);
  });
});

test.skipIf(!engines.includes("the Pulumi CLI"))(
  "--stack exports the stack itself, and takes keys and SubAppId from its config",
  async () => {
    const world = await openWorld("the Pulumi CLI");
    const { secretId, secretKey } = world.emulator;
    await world.setConfig("tencent-aigc:secretId", secretId, true);
    await world.setConfig("tencent-aigc:secretKey", secretKey, true);
    await world.setConfig("tencent-aigc:subAppId", String(subAppId));
    for (const key of ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"]) delete world.env[key];
    world.declare({ name: "hero", args: { ...picture, subAppId: undefined } });
    await world.up();
    const { status, stdout } = await audit(world, "--stack", "dev");
    expect(stdout).toContain("1 of this package, which made 1 image; 1 held by a stack.");
    expect(stdout).not.toContain(secretKey);
    expect(status).toBe(0);
    expectBilled(world.emulator, 1);
  },
);
