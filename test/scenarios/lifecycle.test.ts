import { describe, expect, test } from "vitest";
import { engines, expectBilled, openWorld } from "./world";

const hero = { subAppId: 1500000001, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };

describe.each(engines)("on %s", (engine) => {
  test("a picture is generated once, and a second `up` sends nothing", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    const first = await world.up();
    expect(first.outputs["hero"]).toMatchObject({ status: "FINISH", taskId: expect.stringContaining("AigcImageTask") });
    expect((await fetch(first.outputs["hero"]?.url as string)).headers.get("content-type")).toBe("image/png");
    const { requests } = world.emulator.ledger();
    const second = await world.up();
    expect(second.changes).toEqual({ same: 2 });
    expect(world.emulator.ledger().requests).toEqual(requests);
    expectBilled(world.emulator, 1);
  });

  test("preview sends nothing, needs no credentials, and says what it bills", async () => {
    const world = await openWorld(engine, { env: { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" } });
    world.declare({ name: "a", args: hero }, { name: "b", args: { ...hero, fileInfos: [{ url: { urlOf: "a" } }] } });
    const { changes, text, events } = await world.preview();
    expect(changes).toEqual({ create: 3 });
    expect(events + text).toContain("bills up to 1 image, GG 3.0");
    expect(events + text).toContain("bills up to 2 images");
    expect(world.emulator.ledger().requests).toEqual({});
    expectBilled(world.emulator, 0);
  });

  test("two tasks in one component do not wait for each other", async () => {
    const world = await openWorld(engine);
    world.declare(
      { name: "a", args: hero, component: "gallery" },
      { name: "b", args: { ...hero, fileInfos: [{ url: { urlOf: "a" } }] }, component: "gallery" },
    );
    const { outputs } = await world.up();
    expect(outputs["a"]?.urn).toContain("scenario:index:Gallery$pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask::a");
    expect(outputs["a"]?.taskId).not.toBe(outputs["b"]?.taskId);
    const [a] = (await world.resources()).filter(({ urn }) => urn.endsWith("::a"));
    expect(a?.inputs?.["resourceUrn"]).toBe(a?.urn);
    expectBilled(world.emulator, 2);
  });

  test("a renamed resource with an alias is not billed again", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    const before = await world.up();
    world.declare({ name: "lead", args: hero, options: { aliases: [{ name: "hero" }] } });
    const after = await world.up();
    expect(after.outputs["lead"]?.taskId).toBe(before.outputs["hero"]?.taskId);
    expect((await world.up()).changes).toEqual({ same: 2 });
    expectBilled(world.emulator, 1);
  });

  test("a changed prompt and changed keepers each bill one new picture; what is not billed, none", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    const first = await world.up();
    world.declare({ name: "hero", args: { ...hero, timeoutSeconds: 30, sessionContext: "x", tasksPriority: 3 } });
    expect((await world.up()).outputs["hero"]?.taskId).toBe(first.outputs["hero"]?.taskId);
    expectBilled(world.emulator, 1);
    world.declare({ name: "hero", args: { ...hero, prompt: "a blue car" } });
    expect((await world.up()).changes).toMatchObject({ replace: 1 });
    world.declare({ name: "hero", args: { ...hero, prompt: "a blue car", keepers: { round: 2 } } });
    await world.up();
    expectBilled(world.emulator, 3);
  });

  test("a prompt that is returned to finds the picture that was paid for", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    const first = await world.up();
    world.declare({ name: "hero", args: { ...hero, prompt: "a blue car" } });
    await world.up();
    world.declare({ name: "hero", args: hero });
    const back = await world.up();
    expect(back.outputs["hero"]?.url).toBe(first.outputs["hero"]?.url);
    expect(back.events).toContain("reused, not billed");
    expectBilled(world.emulator, 2);
  });

  test("a forced replace finds the same picture", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    const first = await world.up();
    const again = await world.up({ replace: [first.outputs["hero"]?.urn] });
    expect(again.changes).toMatchObject({ replace: 1 });
    expect(again.outputs["hero"]?.url).toBe(first.outputs["hero"]?.url);
    expectBilled(world.emulator, 1);
  });

  test("destroy, then up, costs nothing, and destroy says what it leaves", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    const first = await world.up();
    const { text } = await world.destroy();
    expect(text).toContain("adoptFileIds");
    const again = await world.up();
    expect(again.outputs["hero"]?.url).toBe(first.outputs["hero"]?.url);
    expectBilled(world.emulator, 1);
  });

  test("keeps the task id when waiting times out, and a refresh in between does not hide it", async () => {
    const world = await openWorld(engine, { emulator: { taskSeconds: 3600, concurrency: 1, submitsPerSecond: 100 } });
    world.declare({ name: "hero", args: { ...hero, timeoutSeconds: 20 } });
    const said = await world.failing("up");
    const taskId = world.emulator.ledger().tasks[0]?.taskId as string;
    expect(said).toContain(taskId);
    expect(said).toContain("nothing more is sent or billed");
    await world.refresh();
    expect((await world.resources())[0]?.id).toBe(taskId);
    world.emulator.advance(3600);
    const resumed = await world.up();
    expect(resumed.outputs["hero"]).toMatchObject({ taskId, status: "FINISH" });
    expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
    expectBilled(world.emulator, 1);
  });

  test("an upstream refresh with a varying URL re-bills nobody downstream", async () => {
    const world = await openWorld(engine);
    world.emulator.behaviour({ urlVaries: true });
    world.declare({ name: "a", args: hero }, { name: "b", args: { ...hero, fileInfos: [{ url: { urlOf: "a" } }] } });
    await world.up();
    await world.refresh();
    world.emulator.advance(4 * 24 * 3600);
    await world.refresh();
    expect((await world.up()).changes).toEqual({ same: 3 });
    expectBilled(world.emulator, 2);
  });

  test("an `up` in a loop on a moderated prompt sends once, and preview keeps saying so", async () => {
    const world = await openWorld(engine);
    world.emulator.fault({
      action: "CreateAigcImageTask",
      kind: "taskFails",
      errCode: 70000,
      errCodeExt: "InvalidParameter.VoilationContent",
    });
    world.declare({ name: "hero", args: { ...hero, prompt: "something terrible" } });
    for (let round = 0; round < 3; round++) {
      const said = await world.failing("up");
      expect(said).toContain("content moderation");
      expect(said).not.toContain("something terrible");
    }
    expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
    expectBilled(world.emulator, 0);
  });

  test("kill -9 in the middle of waiting, then `up`: the same task, billed once", async () => {
    const world = await openWorld(engine, { emulator: { taskSeconds: 3600 } });
    world.declare({ name: "hero", args: hero });
    const killed = world.spawnUp();
    await world.emulator.waitUntil((ledger) => (ledger.requests["DescribeTaskDetail"] ?? 0) > 0, 60_000);
    await killed.kill("SIGKILL");
    await world.clearLock();
    const taskId = world.emulator.ledger().tasks[0]?.taskId;
    world.emulator.advance(3600);
    const { outputs } = await world.up();
    expect(outputs["hero"]).toMatchObject({ taskId, status: "FINISH" });
    expect(world.emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
    expectBilled(world.emulator, 1);
  });

  test("one SIGINT ends in saved state", async () => {
    const world = await openWorld(engine);
    world.emulator.fault({ kind: "stuck", seconds: 3600 });
    world.declare(...["one", "two", "three"].map((name) => ({ name, args: hero })));
    const interrupted = world.spawnUp();
    await world.emulator.waitUntil((ledger) => (ledger.requests["DescribeTaskDetail"] ?? 0) > 0, 30_000);
    const began = performance.now();
    await interrupted.kill("SIGINT");
    // Two seconds at most on an idle machine; the picture itself would take an hour.
    expect(performance.now() - began).toBeLessThan(10_000);
    const { requests, tasks } = world.emulator.ledger();
    const saved = await world.resources();
    expect(saved.map(({ id }) => id)).toEqual([tasks[0]?.taskId]);
    expect(world.emulator.ledger().requests).toEqual(requests);
    expect(requests["CreateAigcImageTask"]).toBe(1);
    world.emulator.advance(3600);
    const { outputs } = await world.up();
    for (const name of ["one", "two", "three"]) expect(outputs[name]?.status).toBe("FINISH");
    expect(world.emulator.ledger().tasks).toHaveLength(3);
    expectBilled(world.emulator, 3);
  });

  test("a lost state and an empty runner on day 30 reuse the paid picture", async () => {
    const world = await openWorld(engine);
    world.declare({ name: "hero", args: hero });
    const first = await world.up();
    world.emulator.advance(30 * 24 * 3600);
    await world.loseState();
    world.env["XDG_STATE_HOME"] = `${world.env["XDG_STATE_HOME"]}-other`;
    const again = await world.up();
    expect(again.outputs["hero"]?.url).toBe(first.outputs["hero"]?.url);
    expectBilled(world.emulator, 1);
  });
});
