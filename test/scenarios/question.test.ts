import { execFile, spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify, stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { grpc, listen } from "../../engine/pulumiSdk";
import { find, pulumi } from "../../scripts/cli/tools.mts";
import { blocksOf, read } from "../docs/markdown";
import { expectBilled, openWorld, type World } from "./world";

const picture = { subAppId: 251007502, modelName: "GG", modelVersion: "3.0", prompt: "a car" };
const hasTerminal = spawnSync("python3", ["-c", "import pty"]).status === 0;
const missing = [
  ...("folder" in find(pulumi) ? [] : ["the Pulumi CLI"]),
  ...(hasTerminal ? [] : ["python3 with `pty`"]),
];
const upAndEnter = "\u001b[A\r";

/** Answers the CLI as a language host does, so that it finds the program as it finds one in files. */
async function serveProgram({ workDir }: World): Promise<string> {
  const ofProgram = createRequire(join(workDir, "index.js"));
  const { LanguageServer } = ofProgram("@pulumi/pulumi/automation/server");
  const { LanguageRuntimeService } = ofProgram("@pulumi/pulumi/proto/language_grpc_pb");
  const server = new grpc.Server();
  server.addService(LanguageRuntimeService, new LanguageServer(async () => ofProgram("./declare.js")(workDir)));
  const address = await listen(server);
  onTestFinished(() => server.forceShutdown());
  return address;
}

/** A command in a terminal: what is shown before keys are pressed at a text, and after. */
async function inTerminal(
  world: World,
  at: string,
  keys: string,
  command: readonly string[],
): Promise<[string, string]> {
  const script = join(__dirname, "..", "support", "terminal.py");
  const child = spawn("python3", [script, at, keys, ...command], {
    cwd: world.workDir,
    env: { ...process.env, ...world.env, TERM: "xterm", COLUMNS: "200", LINES: "60" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [before = "", after = ""] = stripVTControlCharacters(await text(child.stdout)).split("<keys>");
  return [before, after];
}

test.skipIf(missing.length > 0)(
  `the question of \`pulumi up\` has what it bills above it, and its end what it has billed${missing.length > 0 ? ` (skipped: ${missing.join(" and ")} missing)` : ""}`,
  async () => {
    const world = await openWorld("the Pulumi CLI");
    world.declare({ name: "hero", args: picture }, { name: "bus", args: { ...picture, modelName: "Hunyuan" } });
    const command = ["pulumi", "up", "--stack", "dev", `--client=${await serveProgram(world)}`];
    const [asked, ended] = await inTerminal(world, "perform this update", upAndEnter, command);
    // What stays of the rows is the last of them.
    const diagnostics = asked.slice(asked.lastIndexOf("Diagnostics:"));
    expect(diagnostics).toContain("bills up to 2 images (GG 3.0 × 1, Hunyuan 3.0 × 1)");
    expect(ended.slice(ended.lastIndexOf("Diagnostics:"))).toContain("billed 2 images");
    expectBilled(world.emulator, 2);
  },
);

/** What stays of a screen, without what differs from run to run: widths, durations, outputs, the order of siblings. */
function linesOf(screen: string): string[] {
  const lines = screen
    .slice(screen.lastIndexOf("  Type  "))
    .replaceAll("\b", "")
    .replace(/^Outputs:.*?(?=^Resources:)/ms, "")
    .replace(/(perform this update\?).*/s, "$1")
    .replace(/\(\d[\dms.]*s\)/g, "(1s)")
    .replace(/^Duration: .*/m, "Duration: 1s")
    // The CLI's own, where Node's language host is found on PATH.
    .replace(/^.*warning: using pulumi-resource-.*$/m, "")
    .replace("1 warning; ", "")
    .split("\n")
    .map((line) => line.replace(/[├└]─/, "├─").replace(/\s+/g, " ").trim())
    .filter((line) => line !== "");
  const isRow = (line: string) => line.includes(":AigcImageTask ");
  const rows = lines.filter(isRow).sort();
  return lines.map((line) => (isRow(line) ? (rows.shift() as string) : line));
}

test.skipIf(missing.length > 0)(
  `the README's screens of what an \`up\` costs are those of the CLI${missing.length > 0 ? ` (skipped: ${missing.join(" and ")} missing)` : ""}`,
  async () => {
    const world = await openWorld("the Pulumi CLI");
    const hero = { name: "hero", args: picture };
    world.declare(hero);
    await world.up();
    // Paid for, and forgotten by the stack: the next `up` finds it again.
    await world.loseState();
    const env = { ...process.env, ...world.env };
    for (const setting of [
      ["tencent-aigc:currency", "USD"],
      ["--path", 'tencent-aigc:prices["GG 3.0"]', "0.04"],
      ["--path", 'tencent-aigc:prices["Hunyuan 3.0"]', "0.03"],
    ]) {
      await promisify(execFile)("pulumi", ["config", "set", "--stack", "dev", ...setting], { cwd: world.workDir, env });
    }
    world.declare(
      hero,
      { name: "bus", args: { ...picture, prompt: "a bus" } },
      { name: "tram", args: { ...picture, modelName: "Hunyuan", prompt: "a tram" } },
    );
    const command = ["pulumi", "up", "--stack", "dev", `--client=${await serveProgram(world)}`];
    const [asked, ended] = await inTerminal(world, "perform this update", upAndEnter, command);
    const screens = blocksOf(read("README.md")).filter(({ text }) => text.includes("shop-dev"));
    expect(screens.map(({ text }) => linesOf(text))).toEqual(
      [asked, ended].map((screen) => linesOf(screen.replaceAll("scenario-dev", "shop-dev"))),
    );
    expectBilled(world.emulator, 3);
  },
);

test.skipIf(!("folder" in find(pulumi)))("`pulumi preview --json` has the line among its diagnostics", async () => {
  const world = await openWorld("the Pulumi CLI");
  world.declare({ name: "hero", args: picture });
  const { stdout } = await promisify(execFile)(
    "pulumi",
    ["preview", "--json", "--stack", "dev", `--client=${await serveProgram(world)}`],
    { cwd: world.workDir, env: { ...process.env, ...world.env } },
  );
  const { diagnostics } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { diagnostics: { message: string }[] };
  expect(diagnostics.map(({ message }) => message.trim())).toContain("bills up to 1 image (GG 3.0 × 1)");
  expectBilled(world.emulator, 0);
});
