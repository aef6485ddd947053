import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { providerText } from "../../provider/dynamic/providerText";
import { UNKNOWN } from "../../provider/schema/unknown";
import { expectLedger, openWorld, requests, sharedWorld, tasks } from "../support/emulator";
import { describeDynamic, type Host, projectName, registered, startHost, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";
import { type PausableEngine, startPausableEngine } from "../support/pausableEngine";

const world = sharedWorld();
const create = "CreateAigcImageTask";
const temporary = picture({ outputConfig: { storageMode: "Temporary" } });
let resources = 0;

function newHero(stack?: string): Lifecycle {
  return new Lifecycle(world, `hero-${++resources}`, stack);
}

function expectOnePicture(hero: Lifecycle): void {
  expect(hero.outputs["status"]).toBe("FINISH");
  expect(tasks(world)).toHaveLength(1);
  expectLedger(world, { billed: 1, intended: 1 });
}

describe("the provider is killed in the middle of `create`", () => {
  const points: [string, (hero: Lifecycle) => Promise<unknown>][] = [
    [
      "while its request is on the way",
      async () => {
        const before = requests(world, create);
        world.emulator.fault({ kind: "slow", seconds: 600, action: create });
        return () => world.emulator.waitUntil(() => requests(world, create) > before);
      },
    ],
    [
      "after the task was accepted, before its answer came",
      async () => {
        world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
        return () => world.emulator.waitUntil(() => tasks(world).length === 1);
      },
    ],
    [
      "while it waits for the picture",
      async (hero) => {
        world.emulator.fault({ kind: "stuck", seconds: 600 });
        const { engine } = await world.host();
        return () => engine.seen((line) => line.urn === hero.urn && line.text.startsWith("PROCESSING"));
      },
    ],
  ];
  for (const newMachine of [false, true]) {
    for (const args of [picture(), temporary]) {
      const kind = args === temporary ? "Temporary" : "Permanent";
      const where = newMachine ? "on another machine" : "on this machine";
      test.each(points)(`%s: ${kind}, the next \`up\` ${where} bills nothing more`, async (_, prepare) => {
        const hero = newHero();
        await world.host();
        const reached = (await prepare(hero)) as () => Promise<unknown>;
        const creating = hero.up(args);
        await reached();
        await hero.crash(creating);
        expect(hero.state).toBeUndefined();
        if (newMachine) await world.restart({ newMachine });
        world.emulator.advance(601);
        const { operation, error } = await hero.up(args);
        expect([operation, error]).toEqual(["create", undefined]);
        expectOnePicture(hero);
      });
    }
  }

  test("a key rotated after a crash bills nothing", async () => {
    const own = await openWorld();
    const hero = new Lifecycle(own);
    own.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const creating = hero.up(temporary);
    await own.emulator.waitUntil((ledger) => ledger.tasks.length === 1);
    await hero.crash(creating);
    own.emulator.rotateKey({ secretId: "rotated-id", secretKey: "rotated-key" });
    expect((await hero.up(temporary)).reasons.join()).toContain("AuthFailure");
    await own.restart({ env: { TENCENTCLOUD_SECRET_ID: "rotated-id", TENCENTCLOUD_SECRET_KEY: "rotated-key" } });
    await hero.up(temporary);
    expect(hero.outputs).toMatchObject({ status: "FINISH", taskId: tasks(own)[0]?.taskId });
    expect(tasks(own)).toHaveLength(1);
    expectLedger(own, { billed: 1, intended: 1 });
  });
});

describe("an orphan of a killed CLI races the next `up`", () => {
  test.each([
    ["on one machine", false],
    ["on two machines", true],
  ])("%s: both end with the same task", async (_, apart) => {
    const hero = newHero();
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const { config, env } = world.settings();
    const orphan = await startHost({
      config,
      env: apart ? { ...env, XDG_STATE_HOME: `${env["XDG_STATE_HOME"]}/other` } : env,
    });
    onTestFinished(() => orphan.kill());
    const { inputs } = await orphan.check({}, registered(hero.urn, temporary));
    const late = orphan.create(inputs);
    await world.emulator.waitUntil(() => tasks(world).length === 1);
    const up = hero.up(temporary);
    const { engine } = await world.host();
    await engine.seen((line) => line.urn === hero.urn && /another process|submitting/.test(line.text));
    world.emulator.advance(601);
    await up;
    expect((await late).id).toBe(hero.state?.id);
    expectOnePicture(hero);
  });
});

describeDynamic("another package's resource in the same host", () => {
  /** Its create takes a while, and leaves a file when it is done. */
  function createOther({ provider }: Host, marker: string, seconds: number): Promise<{ id: string }> {
    const work = `setTimeout(() => { require("node:fs").writeFileSync(${JSON.stringify(marker)}, ""); done({ id: "other", outs: {} }); }, ${seconds * 1000})`;
    const __provider = `exports.handler = () => ({ create: () => new Promise((done) => { ${work}; }) });`;
    const urn = `urn:pulumi:dev::${projectName}::pulumi-nodejs:dynamic:Resource::other`;
    return provider.create({ urn, properties: { __provider }, timeout: 0, preview: false });
  }

  async function hostOf(engine: PausableEngine): Promise<Host> {
    const host = await startHost({ ...world.settings(), engine });
    onTestFinished(() => host.kill());
    return host;
  }

  const markerFile = () => join(world.journalDir(), "..", `other-${++resources}`);

  test("is not cut while the CLI is stopped, and for ours nothing is sent until it goes on", async () => {
    const engine = await startPausableEngine();
    onTestFinished(() => engine.stop());
    const host = await hostOf(engine);
    const marker = markerFile();
    const hero = newHero();
    const { inputs } = await host.check({}, registered(hero.urn, { ...picture(), timeoutSeconds: 20 }));
    const other = createOther(host, marker, 25);
    engine.pause();
    const creating = host.create(inputs);
    // Each one that is opened to find out whether anybody listens follows a question without an answer.
    await engine.knocked(3);
    expect(requests(world, create)).toBe(0);
    engine.resume();
    expect((await creating).properties["status"]).toBe("FINISH");
    expect((await other).id).toBe("other");
    expect(existsSync(marker)).toBe(true);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("is not cut when the CLI is gone: the process ends when it is done, and nothing is sent", async () => {
    const engine = await startPausableEngine();
    const host = await hostOf(engine);
    const marker = markerFile();
    const hero = newHero();
    const other = createOther(host, marker, 15);
    await host.create((await host.check({}, registered(hero.urn, picture()))).inputs);
    engine.stop();
    const { inputs } = await host.check({}, registered(urnOf("late"), picture()));
    await expect(host.create(inputs)).rejects.toThrow(/engine that asked for this picture is gone.*Nothing was sent/);
    await other;
    expect(existsSync(marker)).toBe(true);
    await host.exited;
    expectLedger(world, { billed: 1, intended: 2 });
  });
});

test("a Cancel while the CLI is stopped ends what waits for it", async () => {
  const engine = await startPausableEngine();
  onTestFinished(() => engine.stop());
  const host = await startHost({ ...world.settings(), engine });
  onTestFinished(() => host.kill());
  const { inputs } = await host.check({}, registered(newHero().urn, picture()));
  engine.pause();
  const creating = host.create(inputs);
  await engine.knocked(1);
  const ended = expect(creating).rejects.toThrow("The update was cancelled. Nothing more was sent");
  await host.cancel();
  await ended;
  expect(requests(world, create)).toBe(0);
  expectLedger(world, { billed: 0, intended: 1 });
});

describe("nothing changed", () => {
  test("a second `up` sends nothing", async () => {
    const hero = newHero();
    await hero.up(picture());
    const before = requests(world);
    await world.restart();
    expect((await hero.up(picture())).operation).toBe("same");
    expect(requests(world)).toBe(before);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a preview with a prompt that is not known yet sends nothing and fails on nothing", async () => {
    const hero = newHero();
    expect((await hero.preview(picture({ prompt: UNKNOWN }))).operation).toBe("create");
    await hero.up(picture());
    const before = requests(world);
    expect((await hero.preview(picture({ prompt: UNKNOWN }))).operation).toBe("replace");
    expect(requests(world)).toBe(before);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("refresh", () => {
  const days = (count: number) => count * 86_400;

  test("after a Temporary URL has ended changes nothing, and nothing is generated anew", async () => {
    const hero = newHero();
    await hero.up(temporary);
    const before = hero.outputs["files"] as object[];
    world.emulator.advance(days(8));
    // One answer of the service, so that its time is known.
    await newHero().up(picture({ prompt: "asks for the time" }));
    expect(await hero.refresh()).toBe(true);
    expect(hero.outputs["files"]).toEqual(before);
    expect((await hero.up(temporary)).operation).toBe("same");
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("a refresh forgets no task that has no file", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" });
    await hero.up(temporary);
    world.emulator.advance(days(10));
    expect(await hero.refresh()).toBe(true);
    expect(hero.outputs["status"]).toBe("FAILED");
    expect((await hero.up(temporary)).reasons).toHaveLength(1);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("after every file was deleted, the picture is gone, and preview says what a new one bills", async () => {
    const hero = newHero();
    await hero.up(picture());
    world.emulator.deleteMedia(tasks(world)[0]?.files[0]?.fileId ?? "");
    expect(await hero.refresh()).toBe(false);
    expect((await hero.preview(picture())).operation).toBe("create");
    await hero.row("bills up to 1 image, GG 2.5");
    await hero.up(picture());
    expect(hero.outputs).toMatchObject({ status: "FINISH", attempt: 2 });
    // A picture that has vanished is a new intention.
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("after one of several files was deleted keeps the others", async () => {
    const hero = newHero();
    const several = picture({ modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: 3 } });
    await hero.up(several);
    const files = hero.outputs["files"] as { fileId: string }[];
    world.emulator.deleteMedia(files[1]?.fileId ?? "");
    expect(await hero.refresh()).toBe(true);
    expect(hero.outputs["files"]).toEqual([files[0], files[2]]);
    expect((await hero.up(several)).operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("after the service has forgotten the task keeps a Permanent picture", async () => {
    const hero = newHero();
    await hero.up(picture());
    const before = hero.outputs;
    world.emulator.advance(days(30));
    expect(await hero.refresh()).toBe(true);
    expect(hero.outputs).toEqual(before);
    expect((await hero.up(picture())).operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a URL that the service gives anew at each read stays as it is stored", async () => {
    world.emulator.behaviour({ urlVaries: true });
    const hero = newHero();
    await hero.up(picture());
    const before = hero.outputs;
    await hero.refresh();
    await hero.refresh();
    expect(hero.outputs).toEqual(before);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of a service that cannot be reached fails, and changes nothing", async () => {
    const hero = newHero();
    await hero.up(picture());
    const before = hero.state;
    world.emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", times: "always" });
    await expect(hero.refresh()).rejects.toThrow("UnauthorizedOperation");
    expect(hero.state).toEqual(before);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("destroy", () => {
  test("of a task that is under way says how to take it over, and stops nothing", async () => {
    const hero = newHero();
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    await hero.up(picture({ waitForCompletion: false }));
    const [task] = tasks(world);
    await hero.destroy();
    const { engine } = await world.host();
    const line = await engine.seen(({ text }) => text.includes("is forgotten") && text.includes(task?.taskId ?? "?"));
    expect(line).toMatchObject({ urn: "", ephemeral: false });
    expect(line.text).toContain("adoptTaskId");
    world.emulator.advance(1000);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of a picture whose files are gone already, and without a network, works", async () => {
    const hero = newHero();
    await hero.up(picture());
    world.emulator.deleteMedia(tasks(world)[0]?.files[0]?.fileId ?? "");
    world.emulator.fault({ kind: "closedPort", seconds: 600 });
    const before = requests(world);
    await hero.destroy();
    expect(hero.state).toBeUndefined();
    expect(requests(world)).toBe(before);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test.each([
    ["Permanent", picture()],
    ["Temporary", temporary],
  ])("destroy, then up within three days, costs nothing: %s", async (_, args) => {
    const hero = newHero();
    await hero.up(args);
    const { files } = hero.outputs;
    await hero.destroy();
    world.emulator.advance(2 * 86_400);
    await world.restart({ newMachine: true });
    await hero.up(args);
    expect(hero.outputs["files"]).toEqual(files);
    await hero.row(/^reused, not billed; change keepers for a new image/);
    expectOnePicture(hero);
  });

  test("names the files that stay, and they can be taken over", async () => {
    const hero = newHero();
    await hero.up(picture());
    await hero.destroy();
    const { engine } = await world.host();
    const fileId = tasks(world)[0]?.files[0]?.fileId ?? "?";
    const { text } = await engine.seen((line) => line.text.includes(fileId) && line.text.includes("is forgotten"));
    expect(text).toContain("adoptFileIds");
    const heir = newHero();
    await heir.up(picture({ adoptFileIds: [fileId] }));
    expectOnePicture(heir);
  });
});

describe("replace", () => {
  const other = picture({ prompt: "a harbour at night" });

  test("makes the new picture first, then forgets the old one and deletes nothing", async () => {
    const hero = newHero();
    await hero.up(picture());
    const old = tasks(world)[0];
    expect((await hero.up(other)).operation).toBe("replace");
    expect(hero.pendingDeletes).toEqual([]);
    expect(hero.state?.id).toBe(tasks(world)[1]?.taskId);
    expect(tasks(world)[0]?.files).toEqual(old?.files);
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("whose new task takes too long is finished by the next `up`, which then forgets the old one", async () => {
    const hero = newHero();
    await hero.up(picture());
    world.emulator.fault({ kind: "stuck", seconds: 900 });
    const late = { ...other, timeoutSeconds: 20 };
    expect((await hero.up(late)).reasons).toHaveLength(1);
    expect(hero.pendingDeletes).toHaveLength(1);
    world.emulator.advance(1000);
    expect((await hero.up(late)).operation).toBe("update");
    expect(hero.pendingDeletes).toEqual([]);
    expect(hero.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("that was killed is done again without a second bill, and the old delete runs later", async () => {
    const hero = newHero();
    await hero.up(picture());
    world.emulator.fault({ kind: "acceptThenSlow", seconds: 600, action: create });
    const replacing = hero.up(other);
    await world.emulator.waitUntil(() => tasks(world).length === 2);
    await hero.crash(replacing);
    expect((await hero.up(other)).operation).toBe("replace");
    expect(hero.outputs["files"]).toMatchObject([{ fileId: tasks(world)[1]?.files[0]?.fileId }]);
    expect(hero.pendingDeletes).toEqual([]);
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("forced, is no re-roll: it finds the same picture", async () => {
    const hero = newHero();
    await hero.up(picture());
    const before = hero.outputs["files"];
    const { operation } = await hero.up(picture(), { replace: true });
    expect(operation).toBe("replace");
    expect(hero.outputs["files"]).toEqual(before);
    expectOnePicture(hero);
  });

  test("forced after another picture was made and left again, finds the first", async () => {
    const hero = newHero();
    await hero.up(picture());
    const before = hero.outputs["files"];
    await hero.up(other);
    await hero.up(picture());
    expect(hero.outputs["files"]).toEqual(before);
    expectLedger(world, { billed: 2, intended: 2 });
  });
});

describe("names", () => {
  test("a renamed resource with an alias is not billed again", async () => {
    const hero = newHero();
    await hero.up(picture());
    hero.rename(`renamed-${hero.name}`);
    expect((await hero.up(picture())).operation).toBe("same");
    hero.rename(`renamed-again-${hero.name}`);
    expect((await hero.up(picture({ timeoutSeconds: 30 }))).operation).toBe("same");
    expectOnePicture(hero);
  });

  test("a forced replace after a rename bills, as its preview says; `sessionScope` keeps the picture", async () => {
    const hero = newHero();
    await hero.up(picture());
    const { urn, name } = hero;
    hero.rename(`renamed-${name}`);
    await hero.up(picture({ sessionScope: urn }), { replace: true });
    expectOnePicture(hero);
    await hero.up(picture(), { replace: true });
    await hero.row("bills up to 1 image, GG 2.5");
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("two stacks with the same inputs, in parallel, have a picture each", async () => {
    const [dev, prod] = [new Lifecycle(world, "shared-name", "dev"), new Lifecycle(world, "shared-name", "prod")];
    await Promise.all([dev.up(picture()), prod.up(picture())]);
    expect(dev.outputs["sessionId"]).not.toBe(prod.outputs["sessionId"]);
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("two stacks with one `sessionScope` share one picture", async () => {
    const args = picture({ sessionScope: "the-shop" });
    const [dev, prod] = [newHero("dev"), newHero("prod")];
    await dev.up(args);
    await world.restart({ newMachine: true });
    await prod.up(args);
    expect(prod.outputs["files"]).toEqual(dev.outputs["files"]);
    expectOnePicture(prod);
  });

  test("two resources with one scope and request, created in parallel, bill once", async () => {
    const args = picture({ sessionScope: "the-shop, both at once" });
    const both = [newHero(), newHero()];
    await Promise.all(both.map((hero) => hero.up(args)));
    expect(both[0]?.state?.id).toBe(both[1]?.state?.id);
    expectOnePicture(both[0] as Lifecycle);
  });
});

describe("state", () => {
  test("holds no path of this machine in its provider text", () => {
    expect(providerText).not.toContain(process.cwd());
    expect(providerText).not.toMatch(/[/\\][\w.-]+[/\\][\w.-]+[/\\]/);
  });
});
