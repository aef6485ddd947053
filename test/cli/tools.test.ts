import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hasNodeHost } from "../../scripts/cli/places.mts";
import { find, pulumi, yamlHost } from "../../scripts/cli/tools.mts";
import { expectBilled, openWorld } from "../scenarios/world";
import { sayMissing } from "./sayMissing";

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };
const cli = find(pulumi);

// Tests of a tool that is missing are not there; one line for each such tool says so.
sayMissing("folder" in cli ? yamlHost : pulumi);

if ("folder" in cli) {
  test("the CLI knows its version, which the Automation API asks for", () => {
    const version = execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim();
    expect(version).toMatch(/^v3\.\d+\.\d+/);
  });
}

if ("folder" in cli && "folder" in find(yamlHost)) {
  test("a program in YAML runs on the CLI", () => {
    const folder = mkdtempSync(join(tmpdir(), "aigc-yaml-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, "state"));
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      "name: y\nruntime: yaml\noutputs:\n  second: {fn::select: [1, [a, b]]}\n",
    );
    const env = {
      ...process.env,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "yaml",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    const run = (...args: string[]) =>
      execFileSync("pulumi", args, { cwd: folder, env, encoding: "utf8", stdio: "pipe" });
    run("stack", "init", "dev");
    run("up", "--yes", "--skip-preview");
    expect(run("stack", "output", "second").trim()).toBe("b");
  });
}

const nodeHost = "folder" in cli && hasNodeHost(cli.folder);
const inFiles = "a program in files is generated once, and a second `up` sends nothing";
test.skipIf(!nodeHost)(
  nodeHost
    ? inFiles
    : `${inFiles}; \`npm start\` on the Pulumi CLI: no whole installation, with pulumi-language-nodejs, is on PATH`,
  async () => {
    const world = await openWorld("the Pulumi CLI", { program: "in files" });
    world.declare({ name: "hero", args: hero });
    expect((await world.up()).outputs["hero"]).toMatchObject({ status: "FINISH" });
    const { requests } = world.emulator.ledger();
    expect((await world.up()).changes).toEqual({ same: 2 });
    expect(world.emulator.ledger().requests).toEqual(requests);
    expectBilled(world.emulator, 1);
  },
);
