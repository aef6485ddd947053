import { describe, expect, test } from "vitest";
import type { FaultOf } from "../../emulator";
import { missingPictureUrl } from "../../provider/schema/missingPicture";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import { servedBy } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

/** What `onFailure: "keep"` makes of a picture that failed, and of one that may be there yet. */

const world = sharedWorld();
const create = "CreateAigcImageTask";
const always = { times: "always" } as const;
const keep = { onFailure: "keep" };
const days = (count: number) => count * 86_400;
let resources = 0;

const fails = (errCodeExt: string, more: Partial<FaultOf<"taskFails">> = {}): FaultOf<"taskFails"> => ({
  kind: "taskFails",
  errCodeExt,
  ...more,
});
const moderated = fails("InvalidParameter.VoilationContent");

function newHero(): Lifecycle {
  return new Lifecycle(world, `kept-${++resources}`);
}

/** Lines that stay, of one resource. */
async function warnings(hero: Lifecycle): Promise<string[]> {
  const { engine } = await world.host();
  return engine.lines.filter(({ urn, severity }) => urn === hero.urn && severity === "warning").map(({ text }) => text);
}

function expectKept({ state, outputs, name }: Lifecycle): void {
  expect(state?.initErrors).toEqual([]);
  expect(outputs).toMatchObject({ status: "FAILED", files: [], taskId: tasks(world)[0]?.taskId });
  // A program's class for dynamic resources makes both from `files`.
  const stored = servedBy === "plugin" ? { url: missingPictureUrl(name, "failed"), fileUrls: [] } : {};
  const { url, fileUrls } = outputs;
  expect({ url, fileUrls }).toEqual({ url: undefined, fileUrls: undefined, ...stored });
}

/** A picture that failed for good, and was kept. */
async function kept(args = picture(keep)): Promise<Lifecycle> {
  const hero = newHero();
  world.emulator.fault(moderated);
  await hero.up(args);
  expectKept(hero);
  return hero;
}

describe("a picture that failed for a lasting cause is kept", () => {
  test("ready without a picture, with why as outputs, and told", async () => {
    const hero = newHero();
    world.emulator.fault(moderated);
    const result = await hero.up(picture(keep));
    expect(result).toEqual({ operation: "create", failures: [], reasons: [] });
    expectKept(hero);
    expect(hero.outputs).toMatchObject({
      errCodeExt: "InvalidParameter.VoilationContent",
      message: expect.stringMatching(/^Task \S+ ended without a picture: content moderation refused .*\)\.$/),
    });
    expect((await warnings(hero)).join()).toMatch(/There is no picture.*content moderation.*change `keepers`/);
    await hero.row(/^failed, kept without a picture, task /);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("an unchanged program is unchanged, sends nothing, and is told again by preview and by `up`", async () => {
    world.emulator.behaviour({ failedTasksCharged: true });
    const hero = await kept();
    const sent = requests(world);
    for (let night = 1; night <= 4; night++) {
      world.emulator.advance(days(1));
      await world.restart();
      expect((await hero.preview(picture(keep))).operation).toBe("same");
      expect(await warnings(hero)).toHaveLength(1);
      expect((await hero.up(picture(keep))).operation).toBe("same");
      expect(await warnings(hero)).toHaveLength(2);
    }
    expect(requests(world)).toBe(sent);
    expectKept(hero);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("free inputs change nothing of it", async () => {
    const hero = await kept();
    const changed = {
      ...keep,
      timeoutSeconds: 30,
      sessionContext: "x",
      outputConfig: { mediaName: "poster", classId: 3 },
    };
    expect((await hero.up(picture(changed))).operation).toBe("same");
    expectKept(hero);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test.each([
    ["a billed input", { prompt: "a lighthouse, politely" }],
    ["keepers", { keepers: { roll: 2 } }],
  ])("a change of %s replaces it, and is announced as a bill", async (_, change) => {
    const hero = await kept();
    const changed = picture({ ...keep, ...change });
    expect((await hero.preview(changed)).operation).toBe("replace");
    await hero.row("bills up to 1 image, GG 2.5");
    expect(requests(world, create)).toBe(1);
    await hero.up(changed);
    expect(hero.outputs["status"]).toBe("FINISH");
    for (const gone of ["errCode", "errCodeExt", "message"]) expect(hero.outputs).not.toHaveProperty(gone);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("a refresh leaves it as it is", async () => {
    const hero = await kept();
    const before = hero.outputs;
    expect(await hero.refresh()).toBe(true);
    world.emulator.advance(days(4));
    expect(await hero.refresh()).toBe(true);
    expect(hero.outputs).toEqual(before);
    expect((await hero.up(picture(keep))).operation).toBe("same");
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("a forced replace finds the same failure, and keeps it", async () => {
    const hero = await kept();
    await world.restart();
    const { operation, reasons } = await hero.up(picture(keep), { replace: true });
    expect({ operation, reasons }).toEqual({ operation: "replace", reasons: [] });
    expectKept(hero);
    expect(await warnings(hero)).toHaveLength(1);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("destroyed and declared again, on this machine or another, it is the same failure", async () => {
    const hero = await kept();
    await hero.destroy();
    expect(hero.state).toBeUndefined();
    await hero.up(picture(keep));
    expectKept(hero);
    hero.state = undefined;
    await world.restart({ newMachine: true });
    await hero.up(picture(keep));
    expectKept(hero);
    expect(tasks(world)).toHaveLength(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("a task that was taken over and failed is kept, whatever the cause", async () => {
    const giver = newHero();
    world.emulator.fault(fails("ModelGenerateFailed"));
    await giver.up(picture());
    const hero = newHero();
    const adopting = { adoptTaskId: tasks(world)[0]?.taskId, ...keep };
    const { reasons } = await hero.up(picture(adopting));
    expect(reasons).toEqual([]);
    expectKept(hero);
    expect((await hero.up(picture(adopting))).operation).toBe("same");
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("a picture that exists is taken over in its place, unbilled", async () => {
    const giver = newHero();
    await giver.up(picture());
    const hero = newHero();
    world.emulator.fault(moderated);
    await hero.up(picture({ ...keep, prompt: "a lighthouse, rudely" }));
    expect(hero.outputs["files"]).toEqual([]);
    const adoptTaskId = tasks(world)[0]?.taskId;
    const { operation } = await hero.up(picture({ ...keep, prompt: "a lighthouse, rudely", adoptTaskId }));
    expect(operation).toBe("replace");
    expect(hero.outputs["url"]).toBe(giver.outputs["url"]);
    expectLedger(world, { billed: 1, intended: 2 });
  });
});

describe("`onFailure` is changed", () => {
  test("`fail` to `keep` settles a failure at the next `up`, unbilled", async () => {
    const hero = newHero();
    world.emulator.fault(moderated);
    expect((await hero.up(picture())).reasons.join()).toContain("content moderation");
    expect(hero.outputs).not.toHaveProperty("files");
    expect((await hero.preview(picture(keep))).operation).toBe("update");
    const { operation, reasons } = await hero.up(picture(keep));
    expect({ operation, reasons }).toEqual({ operation: "update", reasons: [] });
    expectKept(hero);
    expect((await hero.up(picture(keep))).operation).toBe("same");
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("also after a refresh, which forgets that it failed", async () => {
    const hero = newHero();
    world.emulator.fault(moderated);
    await hero.up(picture());
    await hero.refresh();
    await hero.up(picture(keep));
    expectKept(hero);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test.each([
    ["said", { onFailure: "fail" }],
    ["left out", {}],
  ])("`keep` to `fail`, %s, makes it a failure again, unbilled", async (_, changed) => {
    const hero = await kept();
    expect((await hero.preview(picture(changed))).operation).toBe("update");
    for (let night = 1; night <= 2; night++) {
      const { operation, reasons } = await hero.up(picture(changed));
      expect(operation).toBe("update");
      expect(reasons.join()).toContain("content moderation");
    }
    expect(hero.state?.initErrors).toHaveLength(1);
    expect(hero.outputs["status"]).toBe("FAILED");
    for (const gone of ["files", "message"]) expect(hero.outputs).not.toHaveProperty(gone);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("of a picture that is there, changes nothing", async () => {
    const hero = newHero();
    await hero.up(picture());
    expect((await hero.up(picture(keep))).operation).toBe("same");
    expect((await hero.up(picture())).operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("to anything else is refused at preview", async () => {
    const { failures } = await newHero().preview(picture({ onFailure: "ignore" }));
    expect(failures).toEqual([{ property: "onFailure", reason: "must be fail or keep" }]);
    expectLedger(world, { billed: 0, intended: 0 });
  });
});

describe("what may still become a picture is never kept as a failure", () => {
  test("a passing cause is retried as announced, and kept once the attempts are used up", async () => {
    world.emulator.behaviour({ failedTasksCharged: true });
    world.emulator.fault(fails("ModelGenerateFailed", always));
    const hero = newHero();
    for (let attempt = 1; attempt <= 4; attempt++) {
      const { reasons } = await hero.up(picture(keep));
      expect(reasons.join()).toContain(`attempt ${attempt + 1} of 5`);
      expect(hero.outputs).not.toHaveProperty("files");
      world.emulator.advance(60);
    }
    await hero.preview(picture(keep));
    await hero.row("bills 1 image, GG 2.5, attempt 5 of 5");
    expect((await hero.up(picture(keep))).reasons).toEqual([]);
    expect(hero.outputs).toMatchObject({ status: "FAILED", attempt: 5, files: [] });
    expect((await warnings(hero)).join()).toContain("attempt 5 of 5, so it is not sent again");
    expect((await hero.up(picture(keep))).operation).toBe("same");
    expect(requests(world, create)).toBe(5);
    // Each attempt was announced by a preview of its own.
    expectLedger(world, { billed: 5, intended: 5 });
  });

  test("a retry that succeeds is an ordinary picture", async () => {
    world.emulator.fault(fails("InternalError"));
    const hero = newHero();
    await hero.up(picture(keep));
    world.emulator.advance(60);
    await hero.up(picture(keep));
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2 });
    expect(hero.outputs).not.toHaveProperty("message");
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("a task that is under way when the waiting ends", async () => {
    world.emulator.fault({ ...moderated, seconds: 900 });
    const hero = newHero();
    const impatient = picture({ ...keep, timeoutSeconds: 20 });
    expect((await hero.up(impatient)).reasons.join()).toContain("nothing more is sent or billed");
    expect(hero.outputs).not.toHaveProperty("files");
    world.emulator.advance(1000);
    expect((await hero.up(impatient)).reasons).toEqual([]);
    expectKept(hero);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("a request of which nothing is known, and one that is older than the service answers for", async () => {
    world.emulator.fault({ kind: "acceptThenReset", action: create, ...always });
    world.emulator.fault({ kind: "errorCode", action: "DescribeTasks", ...always });
    const hero = newHero();
    const temporary = picture({ ...keep, outputConfig: { storageMode: "Temporary" } });
    await hero.up(temporary);
    expect(hero.outputs["status"]).toBe("UNKNOWN");
    expect(hero.outputs).not.toHaveProperty("files");
    world.emulator.clearFaults();
    world.emulator.advance(days(4));
    const { reasons } = await hero.up(temporary);
    expect(reasons.join()).toContain("may have been billed");
    expect(hero.outputs).not.toHaveProperty("files");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a success whose file is not shown yet", async () => {
    world.emulator.behaviour({ failedTasksCharged: true });
    world.emulator.fault({ kind: "emptyFiles" });
    const hero = newHero();
    const { reasons } = await hero.up(picture(keep));
    expect(reasons.join()).toMatch(/shows no file|gave no file/);
    world.emulator.advance(days(1));
    expect((await hero.up(picture(keep))).reasons.join()).toContain("looks for its file");
    expect(hero.outputs).toMatchObject({ status: "FAILED" });
    expect(hero.outputs).not.toHaveProperty("files");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("a refresh that finds a kept failure to be a picture after all takes it", async () => {
  const hero = await kept();
  const other = newHero();
  await other.up(picture());
  // As if the service had corrected itself: the stored failure is of a task that has a picture.
  const taskId = tasks(world)[1]?.taskId;
  hero.state = hero.state && { ...hero.state, outputs: { ...hero.outputs, taskId } };
  await hero.refresh();
  expect(hero.outputs).toMatchObject({ status: "FINISH", url: other.outputs["url"] });
  for (const gone of ["errCode", "errCodeExt", "message"]) expect(hero.outputs).not.toHaveProperty(gone);
  expectLedger(world, { billed: 1, intended: 2 });
});
