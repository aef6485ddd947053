import { describe, expect, test } from "vitest";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

const world = sharedWorld();
const create = "CreateAigcImageTask";
let resources = 0;

function newHero(): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`);
}

/** A picture of another stack. */
async function paid(args = picture()): Promise<{ taskId: string; fileIds: string[] }> {
  const other = new Lifecycle(world, `other-${++resources}`, "another");
  await other.up(args);
  const task = tasks(world).at(-1);
  return { taskId: task?.taskId ?? "", fileIds: task?.files.map(({ fileId }) => fileId) ?? [] };
}

describe("adoptTaskId", () => {
  test("takes over a task, unbilled, and is its id", async () => {
    const { taskId, fileIds } = await paid();
    const hero = newHero();
    const { error } = await hero.up(picture({ adoptTaskId: taskId }));
    expect(error).toBeUndefined();
    expect(hero.state).toMatchObject({ id: taskId, outputs: { taskId, status: "FINISH", adopted: true } });
    expect(hero.outputs["files"]).toMatchObject(fileIds.map((fileId) => ({ fileId })));
    expect((await hero.up(picture({ adoptTaskId: taskId }))).operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("needs no description of the picture", async () => {
    const { taskId } = await paid();
    const hero = newHero();
    const { failures, error } = await hero.up({ subAppId, adoptTaskId: taskId });
    expect([failures, error]).toEqual([[], undefined]);
    expect(hero.outputs["taskId"]).toBe(taskId);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("previews as billing nothing", async () => {
    const { taskId } = await paid();
    const hero = newHero();
    await hero.preview(picture({ adoptTaskId: taskId }));
    const { engine } = await world.host();
    expect(engine.rows(hero.urn).filter((text) => text.startsWith("bills"))).toEqual([]);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("removing adoptTaskId bills nothing", async () => {
    const { taskId } = await paid();
    const hero = newHero();
    await hero.up(picture({ adoptTaskId: taskId }));
    expect((await hero.up(picture())).operation).toBe("same");
    expect(hero.outputs["taskId"]).toBe(taskId);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("setting the id that is held already changes nothing; another one replaces, unbilled", async () => {
    const { taskId } = await paid(picture({ prompt: "another" }));
    const hero = newHero();
    await hero.up(picture());
    expect((await hero.up(picture({ adoptTaskId: hero.state?.id }))).operation).toBe("same");
    expect((await hero.up(picture({ adoptTaskId: taskId }))).operation).toBe("replace");
    expect(hero.state?.id).toBe(taskId);
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("that stays while a billed input changes fails at preview", async () => {
    const { taskId } = await paid();
    const hero = newHero();
    await hero.up(picture({ adoptTaskId: taskId }));
    const { failures } = await hero.preview(picture({ adoptTaskId: taskId, prompt: "a harbour" }));
    expect(failures.map(({ property, reason }) => `${property}${reason}`).join()).toMatch(/adoptTaskId.*Remove it/);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of a task that is under way waits for it", async () => {
    const other = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    await other.up(picture({ waitForCompletion: false }));
    const { taskId } = other.outputs;
    const hero = newHero();
    const adopting = hero.up(picture({ adoptTaskId: taskId, timeoutSeconds: 3600 }));
    await (await world.host()).engine.seen((line) => line.urn === hero.urn && line.text.startsWith("PROCESSING"));
    world.emulator.advance(1000);
    expect((await adopting).reasons).toEqual([]);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of a task that failed says so, and never sends it again", async () => {
    world.emulator.fault({ kind: "taskFails", errCodeExt: "ModelGenerateFailed" });
    const other = newHero();
    await other.up(picture());
    const hero = newHero();
    const args = picture({ adoptTaskId: other.outputs["taskId"] });
    expect((await hero.up(args)).reasons.join()).toContain("It was adopted, so it is not sent again");
    expect((await hero.up(args)).reasons.join()).toContain("It was adopted, so it is not sent again");
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("of a task that the service does not know fails, unbilled, and leaves no state", async () => {
    const hero = newHero();
    const { error = "" } = await hero.up(picture({ adoptTaskId: `${subAppId}-AigcImageTask-unheard-of` }));
    expect(error).toMatch(/adoptTaskId: the service knows no task.*nothing is billed.*adoptFileIds/);
    expect(hero.state).toBeUndefined();
    expect(requests(world, create)).toBe(0);
    expectLedger(world, { billed: 0, intended: 0 });
  });
});

describe("adoptFileIds", () => {
  test("takes over Permanent files of any age, unbilled", async () => {
    const { fileIds } = await paid(
      picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 2 } }),
    );
    world.emulator.advance(100 * 86_400);
    const hero = newHero();
    const { error } = await hero.up(picture({ adoptFileIds: fileIds }));
    expect(error).toBeUndefined();
    expect(hero.state?.id).toBe(`files:${fileIds[0]}`);
    expect(hero.outputs).not.toHaveProperty("taskId");
    expect(hero.outputs["files"]).toMatchObject(fileIds.map((fileId) => ({ fileId })));
    expect((await hero.up(picture({ adoptFileIds: fileIds }))).operation).toBe("same");
    expect((await hero.up(picture())).operation).toBe("same");
    expect(await hero.refresh()).toBe(true);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of a file that is absent fails, names it, and leaves no state", async () => {
    const { fileIds } = await paid();
    const hero = newHero();
    const { error = "" } = await hero.up(picture({ adoptFileIds: [...fileIds, "399"] }));
    expect(error).toMatch(/adoptFileIds: the media library has no file 399\..*nothing is billed/);
    expect(hero.state).toBeUndefined();
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("together with adoptTaskId is refused at preview", async () => {
    const { failures } = await newHero().preview(picture({ adoptFileIds: ["3"], adoptTaskId: "t" }));
    expect(failures).not.toEqual([]);
  });
});

test("a picture that another stack has taken over and renamed is still found, on another machine on day 4", async () => {
  const hero = newHero();
  await hero.up(picture());
  const { files } = hero.outputs;
  const adoptFileIds = tasks(world)[0]?.files.map(({ fileId }) => fileId);
  const other = new Lifecycle(world, `other-${++resources}`, "another");
  const adopts = { subAppId, adoptFileIds, outputConfig: { mediaName: "logo" } };
  await other.up(adopts);
  expect((await other.up(adopts)).operation).toBe("same");
  hero.state = undefined;
  world.emulator.advance(4 * 86_400);
  await world.restart({ newMachine: true });
  await hero.up(picture());
  expect(hero.outputs["files"]).toEqual(files);
  expectLedger(world, { billed: 1, intended: 1 });
});
