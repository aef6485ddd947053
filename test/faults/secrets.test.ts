import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectLedger, openWorld, requests } from "../support/emulator";
import { Lifecycle, picture } from "../support/lifecycle";

const secretKey = "made-up-key-0f9d8c7b6a";
const token = "made-up-token-5e4d3c2b1a";
const secretPrompt = "the unreleased product is a teapot";
const secretParameter = "confidential-512x512";

test("a whole lifecycle, with failures and verbose logging, tells no secret anywhere but in the inputs themselves", async () => {
  const world = await openWorld({
    emulator: { secretKey, token },
    env: {
      TENCENTCLOUD_TOKEN: token,
      TENCENTCLOUD_SESSION_TOKEN: token,
      PULUMI_DEBUG_GRPC: "",
      PULUMI_DEBUG: "true",
      NODE_DEBUG: "undici,http",
    },
  });
  const { emulator } = world;
  const args = picture({ prompt: secretPrompt, negativePrompt: secretPrompt, keepers: { why: "first" } });
  const hero = new Lifecycle(world);
  const told: unknown[] = [];
  const tell = async (verb: Promise<unknown>) => told.push(await verb.catch((error: Error) => String(error.stack)));
  const message = `Refused: what was signed with ${secretKey} and ${token}.`;

  await tell(hero.preview({ ...args, additionalParameters: { size: secretParameter } }));
  await tell(hero.preview({ ...args, fileInfos: [{ url: `${secretParameter}` }] }));
  emulator.fault({
    kind: "errorCode",
    code: "InvalidParameter",
    action: "CreateAigcImageTask",
    message: `${message} ${secretPrompt}`,
  });
  await tell(hero.up(args));
  emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed", message: `${message} ${secretPrompt}` });
  await tell(hero.up(args));
  emulator.fault({ kind: "acceptThenReset", action: "CreateAigcImageTask" });
  await tell(hero.up(args));
  await tell(hero.refresh());
  emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: "ModifyMediaInfo", message });
  await tell(hero.up({ ...args, outputConfig: { classId: 7 } }));
  emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", times: "always", message });
  await tell(hero.refresh());
  emulator.clearFaults();
  await tell(hero.up({ ...args, keepers: { why: "second" } }));
  const state = JSON.stringify(hero.state);
  await tell(hero.destroy());

  const { engine, output } = await world.host();
  const journal = await Promise.all(
    (await readdir(world.journalDir())).map((name) => readFile(join(world.journalDir(), name), "utf8")),
  );
  expect(journal.length).toBeGreaterThan(0);
  const text = JSON.stringify([told, engine.lines, output(), journal]);
  expect(toldIn(text, [secretKey, token, secretPrompt, secretParameter, "Signature="])).toEqual([]);
  // State has the prompt under the input's own name, where the engine keeps it secret; nothing else in it does.
  expect(toldIn(state, [secretKey, token, "Signature="])).toEqual([]);
  const { outputs } = JSON.parse(state);
  const derived = { ...outputs, prompt: "", negativePrompt: "" };
  expect(toldIn(JSON.stringify(derived), [secretPrompt])).toEqual([]);
  expect(requests(world)).toBeGreaterThan(5);
  expectLedger(world, { billed: 2, intended: 2 });
});

/** What a text tells of these, each with a little of what stands before it. */
function toldIn(text: string, secrets: string[]): string[] {
  return secrets
    .map((secret) => text.indexOf(secret))
    .filter((at) => at >= 0)
    .map((at) => text.slice(Math.max(0, at - 80), at + 40));
}
