import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { digestBase64 } from "../../provider/schema/request";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import { Lifecycle, picture } from "../support/lifecycle";
import { fileAsset, pngOf, writtenFile } from "../support/localFiles";

/** A reference image is a local file, and something goes wrong while it is sent. */

const world = sharedWorld();
const submit = "CreateAigcImageTask";
let resources = 0;

const fresh = () => new Lifecycle(world, `file-${++resources}`);
const content = () => pngOf(`content ${++resources}`);
const digestOf = (bytes: Buffer) => digestBase64(bytes.toString("base64"));

/** What the program asks for, with the file as it is now. */
const madeFrom = (path: string) => picture({ fileInfos: [{ asset: fileAsset(path) }] });

interface Crash {
  readonly fault: { kind: "stall" } | { kind: "acceptThenSlow"; seconds: number };
  readonly accepted: number;
}

/** The process ends after the intent is journaled and before an answer comes. */
async function crashWhileSending(hero: Lifecycle, path: string, { fault, accepted }: Crash): Promise<void> {
  const before = requests(world, submit);
  world.emulator.fault({ ...fault, action: submit });
  const creating = hero.up(madeFrom(path));
  await world.emulator.waitUntil(() => requests(world, submit) > before && tasks(world).length === accepted);
  await hero.crash(creating);
  expect(hero.state).toBeUndefined();
  world.emulator.clearFaults();
  world.emulator.advance(601);
}

const lost: Crash = { fault: { kind: "stall" }, accepted: 0 };
const accepted: Crash = { fault: { kind: "acceptThenSlow", seconds: 600 }, accepted: 1 };

describe("the provider is killed between the journal and the answer", () => {
  test.each([
    ["nothing was accepted", lost],
    ["the task was accepted", accepted],
  ])("%s: the same file goes on as the same picture", async (_, crash) => {
    const bytes = content();
    const path = writtenFile(bytes);
    const hero = fresh();
    await crashWhileSending(hero, path, crash);
    await hero.up(madeFrom(path));
    expect(hero.outputs["status"]).toBe("FINISH");
    expect(tasks(world).map(({ base64 }) => base64)).toEqual([[digestOf(bytes)]]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("nothing was accepted: a file that has changed since is another picture, under its own identity", async () => {
    const [bytes, others] = [content(), content()];
    const path = writtenFile(bytes);
    const hero = fresh();
    await crashWhileSending(hero, path, lost);
    writeFileSync(path, others);
    await hero.up(madeFrom(path));
    expect(hero.outputs["status"]).toBe("FINISH");
    expect(tasks(world).map(({ base64 }) => base64)).toEqual([[digestOf(others)]]);
    writeFileSync(path, bytes);
    await hero.up(madeFrom(path));
    expect(tasks(world).map(({ base64 }) => base64)).toEqual([[digestOf(others)], [digestOf(bytes)]]);
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("the task was accepted: a file that has changed since is another picture, and the first one is found again", async () => {
    const [bytes, others] = [content(), content()];
    const path = writtenFile(bytes);
    const hero = fresh();
    await crashWhileSending(hero, path, accepted);
    writeFileSync(path, others);
    await hero.up(madeFrom(path));
    const url = () => tasks(world)[0]?.files[0]?.url;
    expect(hero.outputs["url"]).not.toBe(url());
    writeFileSync(path, bytes);
    await hero.up(madeFrom(path));
    expect(hero.outputs["url"]).toBe(url());
    expect(tasks(world).map(({ base64 }) => base64)).toEqual([[digestOf(bytes)], [digestOf(others)]]);
    expectLedger(world, { billed: 2, intended: 2 });
  });
});

describe("a picture is in state whose request has to be sent again", () => {
  /** Whether it was accepted is not known, and the list of tasks does not show it. */
  async function loseAnswer(hero: Lifecycle, path: string): Promise<void> {
    world.emulator.behaviour({ tasksInListing: false });
    world.emulator.fault({ kind: "gatewayError", action: submit, times: "always" });
    await hero.up(madeFrom(path));
    world.emulator.clearFaults();
    expect(hero.outputs["status"]).toBe("UNKNOWN");
  }

  test("without its file nothing is sent, and it stays as it is until the file is back", async () => {
    const bytes = content();
    const path = writtenFile(bytes);
    const hero = fresh();
    await loseAnswer(hero, path);
    const before = hero.state;
    const args = madeFrom(path);
    for (const spoil of [() => rmSync(path), () => writeFileSync(path, content())]) {
      spoil();
      const { error } = await hero.up(args);
      expect(error).toMatch(/fileInfos\[0\]\.asset names a file .* nothing more is billed/);
      expect(error).toContain("may have been accepted before, and is found or repeated, billed once");
      expect(hero.state).toEqual(before);
    }
    expect(tasks(world)).toHaveLength(0);
    writeFileSync(path, bytes);
    await hero.up(args);
    expect(hero.outputs["status"]).toBe("FINISH");
    expect(tasks(world).map(({ base64 }) => base64)).toEqual([[digestOf(bytes)]]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("the next attempt of one that failed sends the same bytes, or none", async () => {
    const bytes = content();
    const path = writtenFile(bytes);
    const hero = fresh();
    world.emulator.fault({ kind: "taskFails", errCodeExt: "InternalError" });
    await hero.up(madeFrom(path));
    expect(hero.outputs["status"]).toBe("FAILED");
    const args = madeFrom(path);
    writeFileSync(path, content());
    expect((await hero.up(args)).error).toContain("fileInfos[0].asset names a file whose content has changed");
    expect(tasks(world)).toHaveLength(1);
    writeFileSync(path, bytes);
    await hero.up(args);
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2 });
    expect(tasks(world).map(({ base64 }) => base64)).toEqual([[digestOf(bytes)], [digestOf(bytes)]]);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("an answer that is lost is repeated with the bytes that were read at first", async () => {
  const bytes = content();
  const path = writtenFile(bytes);
  const hero = fresh();
  world.emulator.fault({ kind: "gatewayError", action: submit });
  const up = hero.up(madeFrom(path));
  await world.emulator.waitUntil(() => requests(world, submit) > 0);
  writeFileSync(path, content());
  await up;
  expect(hero.outputs["status"]).toBe("FINISH");
  expect(tasks(world).map(({ base64 }) => base64)).toEqual([[digestOf(bytes)]]);
  expectLedger(world, { billed: 1, intended: 1 });
});
