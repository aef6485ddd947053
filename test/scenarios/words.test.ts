import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectBilled, openWorld } from "./world";

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
