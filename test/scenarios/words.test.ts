import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { engines, expectBilled, openWorld } from "./world";

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

describe.each(engines)("on %s", (engine) => {
  test("a destroy of 20 pictures tells the files of each by its name", async () => {
    const world = await openWorld(engine);
    const names = Array.from({ length: 20 }, (_, index) => `picture-${index}`);
    world.declare(...names.map((name) => ({ name, args: hero })));
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
