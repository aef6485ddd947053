import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { engines, expectBilled, openWorld, scenarioEngines } from "./world";

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };

/** Components that register their pictures' URLs as their own outputs, as most do. */
const galleries = `
const pulumi = require("@pulumi/pulumi");
const { AigcImageTask } = require("pulumi-tencent-aigc");

class Gallery extends pulumi.ComponentResource {
  constructor(name) {
    super("scenario:index:Gallery", name);
    const args = { ...${JSON.stringify(hero)}, prompt: name };
    this.registerOutputs({ url: new AigcImageTask(name + "-hero", args, { parent: this }).url });
  }
}

for (let index = 0; index < 12; index++) new Gallery("gallery-" + index);
`;

/** The lines that stay: the CLI's rows, which it prints again and again, left out. */
function lasting(text: string): string {
  return text.split("Diagnostics:").at(-1) as string;
}

test("a moderated picture in a component is told by its reason, without the calls that it ended", async () => {
  const world = await openWorld("the embedded engine");
  writeFileSync(join(world.workDir, "index.js"), galleries);
  world.emulator.fault({ kind: "taskFails", errCodeExt: "ContentModerationFailed", message: "refused" });
  const said = await world.failing("up");
  const [first] = said.split("\n").filter((line) => /error/i.test(line));
  expect(first).toMatch(/^error: gallery-\d+-hero: /);
  expect(said).toContain("content moderation refused");
  expect(said).not.toMatch(/grpc|shut down|UNAVAILABLE/);
  expectBilled(world.emulator, world.emulator.ledger().tasks.length - 1);
});

describe.each(scenarioEngines)("on %s", (engine) => {
  const twenty = Array.from({ length: 20 }, (_, index) => ({ name: `picture-${index}`, args: hero }));
  const times = (text: string, part: string) => text.split(part).length - 1;
  /** What was printed while it ran. */
  const printed = (text: string) => text.split("CommandError")[0] as string;

  test("20 pictures without keys are told once what is missing: at preview, and again where `up` fails", async () => {
    const noKeys = { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "", HOME: "/nowhere" };
    const world = await openWorld(engine, { env: noKeys });
    world.declare(...twenty);
    expect(times((await world.preview()).events, "A preview needs no keys")).toBe(1);
    const said = printed(await world.failing("up"));
    expect(times(lasting(said), "The media library could not be read")).toBe(1);
    expect(times(said, "for the same reason as picture-")).toBeGreaterThan(0);
    expect(said).not.toMatch(/nothing was sent.*nothing was sent/i);
    expect(world.emulator.ledger().requests).toEqual({});
    expectBilled(world.emulator, 0);
  });

  test("20 pictures with a wrong key are told once what the service refused", async () => {
    const world = await openWorld(engine, { env: { TENCENTCLOUD_SECRET_KEY: "not-the-right-key" } });
    world.declare(...twenty);
    const said = printed(await world.failing("up"));
    expect(times(lasting(said), "AuthFailure")).toBe(1);
    expect(lasting(said)).toMatch(
      /error: (picture-\d+: )?The secretKey is not the one of this secretId: the service refused/,
    );
    expect(times(said, "for the same reason as picture-")).toBeGreaterThan(0);
    expectBilled(world.emulator, 0);
  });

  test("20 pictures of a stack with a wrong setting are told once which", async () => {
    const world = await openWorld(engine);
    await world.setConfig("tencent-aigc:maxConcurrentTasks", "many");
    world.declare(...twenty);
    const said = printed(await world.failing("preview"));
    expect(times(lasting(said), "tencent-aigc:maxConcurrentTasks must be")).toBe(1);
    expectBilled(world.emulator, 0);
  });

  test("a destroy of 20 pictures tells the files of each by its name", async () => {
    const world = await openWorld(engine);
    const names = twenty.map(({ name }) => name);
    world.declare(...twenty);
    await world.up();
    const files = new Map(
      (await world.resources()).map(({ urn, outputs }) => [
        String(urn.split("::").at(-1)),
        (outputs as { files: { fileId: string }[] }).files[0]?.fileId,
      ]),
    );
    const lines = (await world.destroy()).text.split("\n");
    for (const name of names) {
      const line = lines.find((text) => text.includes(`${name} (task `));
      expect(line, name).toContain(String(files.get(name)));
    }
    expectBilled(world.emulator, 20);
  });
});

test.runIf(engines.includes("the Pulumi CLI"))(
  "one moderated picture of 30 holds up the others, and says how they are made all the same",
  async () => {
    const world = await openWorld("the Pulumi CLI", { emulator: { concurrency: 1 } });
    world.declare(...Array.from({ length: 30 }, (_, index) => ({ name: `picture-${index}`, args: hero })));
    world.emulator.fault({ kind: "taskFails", errCodeExt: "ContentModerationFailed", message: "refused" });
    expect(await world.failing("up")).toContain("`pulumi up --continue-on-error`");
    expect(world.emulator.ledger().billed).toBeLessThan(29);
    await expect(world.up({ continueOnError: true })).rejects.toThrow();
    expectBilled(world.emulator, 29);
  },
);
