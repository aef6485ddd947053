import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { engines, expectBilled, openWorld, type World } from "./world";

/** `--stack` of the commands: what they read of a stack, they read by the Pulumi CLI. */

const subAppId = 251007502;
const picture = { subAppId, modelName: "GG", modelVersion: "3.0", prompt: "a car" };
const bin = join(__dirname, "..", "..", "dist", "command", "bin.js");

async function run({ workDir, env }: World, ...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: workDir,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number]>,
  ]);
  return { stdout, stderr, status };
}

describe.runIf(engines.includes("the Pulumi CLI"))("on the Pulumi CLI", () => {
  const open = () => openWorld("the Pulumi CLI");

  test("doctor reads the stack's settings and its secret key, and shows neither key", async () => {
    const world = await open();
    const { secretId, secretKey } = world.emulator;
    await world.setConfig("tencent-aigc:secretId", secretId, true);
    await world.setConfig("tencent-aigc:secretKey", secretKey, true);
    await world.setConfig("tencent-aigc:subAppId", String(subAppId));
    Object.assign(world.env, { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" });
    const { stdout, stderr } = await run(world, "doctor", "--stack", "dev", "--json");
    expect(stderr).toBe("");
    const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string; text: string }[] };
    const by = new Map(findings.map((one) => [one.check, one]));
    expect(by.get("keys")).toMatchObject({ status: "ok", text: expect.stringContaining("the stack's config") });
    expect(by.get("SubAppId")?.status).toBe("ok");
    for (const secret of [secretId, secretKey]) expect(stdout).not.toContain(secret);
    expectBilled(world.emulator, 0);
  });

  test("doctor says before the amount is typed what the image costs by the stack's prices", async () => {
    const world = await open();
    await world.setConfig("tencent-aigc:subAppId", String(subAppId));
    await world.setConfig("tencent-aigc:currency", "USD");
    await world.setConfig("tencent-aigc:prices", JSON.stringify({ "Hunyuan 3.0": "0.025", "GG 3.0 4K": "1" }));
    const args = ["doctor", "--bill-one-image", "--stack", "dev", "--report", join(world.folder, "report.json")];
    const { stdout, status } = await run(world, ...args);
    expect(status).toBe(1);
    expect(stdout).toContain("This bills 1 image of Hunyuan 3.0 to your account, 0.025 USD by tencent-aigc:prices.");
    expect(stdout).toContain("it bills 2, 0.05 USD.");
    const unpriced = await run(world, ...args, "--model-name", "GG", "--model-version", "3.0");
    expect(unpriced.stdout).toContain("This bills 1 image of GG 3.0 to your account; the price is not known here");
    expectBilled(world.emulator, 0);
  });

  test("pull downloads the pictures of a stack by its name, and names one that was deleted and one that has expired", async () => {
    const world = await open();
    const temporary = { ...picture, outputConfig: { storageMode: "Temporary" } };
    world.declare(
      { name: "hero", args: picture },
      { name: "deleted", args: { ...picture, prompt: "a bus" } },
      { name: "expired", args: temporary },
    );
    await world.up();
    const pull = (out: string) => run(world, "pull", "--stack", "dev", "--out", join(world.folder, out));
    const first = await pull("pictures");
    expect(first).toMatchObject({ status: 0, stderr: "3 fetched, 0 already there, 0 missing.\n" });
    const { pictures } = JSON.parse(readFileSync(join(world.folder, "pictures", "manifest.json"), "utf8"));
    const files = ["deleted-0.png", "expired-0.png", "hero-0.png"];
    expect(pictures.map(({ file }: { file: string }) => file).sort()).toEqual(files);
    const ofDeleted = pictures.find(({ name }: { name: string }) => name === "deleted");
    world.emulator.deleteMedia(ofDeleted.fileId);
    world.emulator.advance(8 * 24 * 3_600);
    const elsewhere = await pull("elsewhere");
    expect(elsewhere.status).toBe(1);
    for (const file of ["deleted-0.png", "expired-0.png"]) {
      expect(elsewhere.stderr).toContain(`${file} missing: its file is not there any more (404). Run pulumi refresh`);
    }
    expect(elsewhere.stderr).toContain("1 fetched, 0 already there, 2 missing.");
    expect(await pull("pictures")).toMatchObject({ status: 0, stderr: "0 fetched, 3 already there, 0 missing.\n" });
    expectBilled(world.emulator, 3);
  });

  test.each([
    ["doctor", "The config of the stack could not be read"],
    ["pull", "The stack could not be read"],
  ])("%s says that there is no such stack", async (command, says) => {
    const world = await open();
    const { status, stderr } = await run(world, command, "--stack", "elsewhere");
    expect(status).toBe(1);
    expect(stderr).toContain(says);
    expectBilled(world.emulator, 0);
  });
});
