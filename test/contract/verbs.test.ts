import { describe, expect, test } from "vitest";
import { InitError } from "../../engine/providerPort";
import { providerText } from "../../provider/dynamic/providerText";
import { UNKNOWN } from "../../provider/schema/unknown";
import { expectLedger, openWorld, requests, sharedWorld, tasks } from "../support/emulator";
import { codeOutput, type Properties, registered, urnOf } from "../support/host";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

const world = sharedWorld();

const full: Properties = {
  subAppId,
  modelName: "OG",
  modelVersion: "image2_low",
  prompt: "a lighthouse",
  outputConfig: { mediaName: "lighthouse", outputImageCount: 2, expireTime: "2030-01-31T00:00:00Z" },
  additionalParameters: { size: "1024x1024" },
  keepers: { season: { of: ["winter", "2026"] } },
  sessionContext: "from the shop",
};

test("the text in every state is this one for ever", () => {
  expect(providerText).toBe(
    'exports.handler=()=>require("node:module").createRequire(process.cwd()+"/")("pulumi-tencent-aigc/handler")',
  );
});

describe("check", () => {
  test("gives back over the wire what it was given, completed", async () => {
    const host = await world.host();
    const program = registered(urnOf("whole"), full);
    const { inputs, failures } = await host.check({}, program);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject(program);
    expect(inputs["outputConfig"]).toMatchObject({ storageMode: "Permanent" });
    expect(inputs["generationId"]).toMatch(/^pulumi-aigc-[0-9a-f]{32}$/);
    expectLedger(world, { billed: 0, intended: 0 });
  });

  test("is idempotent: checking its own result changes nothing", async () => {
    const host = await world.host();
    const once = await host.check({}, registered(urnOf("twice"), full));
    expect(await host.check({}, once.inputs)).toEqual(once);
    expect(await host.check(once.inputs, once.inputs)).toEqual(once);
  });

  test.each<[string, Properties]>([
    ["prompt", { prompt: UNKNOWN }],
    ["subAppId", { subAppId: UNKNOWN }],
    ["modelName", { modelName: UNKNOWN }],
    ["outputConfig", { outputConfig: UNKNOWN }],
    ["outputConfig.outputImageCount", { outputConfig: { outputImageCount: UNKNOWN } }],
    ["fileInfos", { fileInfos: UNKNOWN }],
    ["fileInfos[0].url", { fileInfos: [{ url: UNKNOWN }] }],
    ["additionalParameters.size", { additionalParameters: { size: UNKNOWN } }],
    ["keepers at depth", { keepers: { of: [{ season: UNKNOWN }] } }],
    ["timeoutSeconds", { timeoutSeconds: UNKNOWN }],
    ["sessionScope", { sessionScope: UNKNOWN }],
  ])("an unknown %s breaks no rule, and is passed on", async (_, unknown) => {
    const host = await world.host();
    const { inputs, failures } = await host.check({}, registered(urnOf("unknowns"), { ...full, ...unknown }));
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject(unknown);
  });

  test("names the property, what is allowed, and shows no value of a text that may be secret", async () => {
    const host = await world.host();
    const wrong = { ...full, prompt: 7, modelVersion: "image9", outputConfig: { outputImageCount: 0 } };
    const { failures } = await host.check({}, registered(urnOf("wrong"), wrong));
    const text = failures.map(({ property, reason }) => `${property} ${reason}`).join("\n");
    expect(text).toContain("prompt must be a text");
    expect(text).toContain("image2_low");
    expect(text).toContain("outputImageCount");
    expect(failures.map(({ property }) => property)).not.toContain("prompt");
  });
});

describe("diff", () => {
  const unknowns: [string, Properties, boolean][] = [
    ["a billed text", { prompt: UNKNOWN }, true],
    ["a billed value at depth", { additionalParameters: { size: UNKNOWN } }, true],
    ["a keeper at depth", { keepers: { season: { of: ["winter", UNKNOWN] } } }, true],
    ["what only governs waiting", { timeoutSeconds: UNKNOWN }, false],
    ["what only the next generation uses", { sessionContext: UNKNOWN }, false],
  ];
  test.each(unknowns)("an unknown in %s: replaces: %#", async (_, unknown, replaces) => {
    const hero = new Lifecycle(world, "unknown-later");
    await hero.up(full);
    const before = requests(world);
    const host = await world.host();
    const { inputs } = await host.check(hero.state?.inputs ?? {}, registered(hero.urn, { ...full, ...unknown }));
    const difference = await host.diff(hero.state?.id ?? "", hero.outputs, inputs);
    expect(difference.replaces.length > 0).toBe(replaces);
    expect(requests(world)).toBe(before);
  });

  test("one text of ExtInfo and the same as an object are no difference", async () => {
    const hero = new Lifecycle(world, "two-forms");
    await hero.up({ ...full, keepers: { form: 1 } });
    const { additionalParameters: _, ...rest } = full;
    const extInfo = JSON.stringify({ AdditionalParameters: JSON.stringify({ size: "1024x1024" }) });
    const result = await hero.up({ ...rest, keepers: { form: 1 }, extInfo });
    expect(result.operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("create, read, update and delete", () => {
  test("what was created is found whole in the outputs", async () => {
    const hero = new Lifecycle(world, "created");
    await hero.up(full);
    const [task] = tasks(world);
    expect(hero.state?.id).toBe(task?.taskId);
    expect(hero.outputs).toMatchObject({
      taskId: task?.taskId,
      sessionId: task?.sessionId,
      status: "FINISH",
      attempt: 1,
      endpoint: new URL(world.emulator.url).host,
      ...codeOutput,
    });
    expect(hero.outputs["files"]).toMatchObject(task?.files.map(({ fileId, url }) => ({ fileId, url })) ?? []);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("a null among the keepers loses no result", async () => {
    const hero = new Lifecycle(world, "nulls");
    const { error } = await hero.up(picture({ keepers: { none: null, list: [null, { deep: null }] } }));
    expect(error).toBeUndefined();
    expect((await hero.up(picture({ keepers: { none: null, list: [null, { deep: null }] } }))).operation).toBe("same");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test.each<[string, (hero: Lifecycle) => Promise<unknown>]>([
    ["create", (hero) => hero.up(full)],
    ["refresh", async (hero) => [await hero.up(full), await hero.refresh()]],
    ["update", async (hero) => [await hero.up(full), await hero.up({ ...full, outputConfig: { mediaName: "other" } })]],
    ["failed create", (hero) => hero.up({ ...full, prompt: "refused by moderation" })],
  ])("outputs of %s hold no undefined, null or bigint", async (name, verb) => {
    world.emulator.fault({ kind: "taskFails", prompt: "moderation", errCodeExt: "InvalidParameter.VoilationContent" });
    const hero = new Lifecycle(world, `outputs-${name}`);
    await verb(hero);
    expect(hero.state?.id).not.toBe("");
    expect(lost(hero.outputs)).toEqual([]);
  });

  test("a failure that leaves a task behind has its id, its whole properties with __provider, and reasons", async () => {
    world.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" });
    const host = await world.host();
    const { inputs } = await host.check({}, registered(urnOf("partial"), picture()));
    const failure = await host.create(inputs).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InitError);
    const { id, properties, reasons } = failure as InitError;
    const [task] = tasks(world);
    expect(id).toBe(task?.taskId);
    expect(properties).toMatchObject({
      ...codeOutput,
      taskId: task?.taskId,
      sessionId: task?.sessionId,
      status: "FAILED",
      errCodeExt: "InvalidParameter.VoilationContent",
      prompt: picture()["prompt"],
    });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(task?.taskId);
    expect(reasons[0]).toContain("content moderation");
    expect(reasons[0]).not.toContain(picture()["prompt"]);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("an update gives back whole outputs, of which nothing is lost", async () => {
    const hero = new Lifecycle(world, "updated");
    await hero.up(full);
    const before = hero.outputs;
    const result = await hero.up({
      ...full,
      outputConfig: { ...(full["outputConfig"] as object), mediaName: "other" },
    });
    expect(result.operation).toBe("update");
    expect(hero.outputs).toEqual({
      ...before,
      outputConfig: { ...(before["outputConfig"] as object), mediaName: "other" },
    });
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("preview sends nothing", async () => {
    const hero = new Lifecycle(world, "previewed");
    expect((await hero.preview(full)).operation).toBe("create");
    await hero.up(full);
    const before = requests(world);
    expect((await hero.preview(full)).operation).toBe("same");
    expect((await hero.preview({ ...full, prompt: "another" })).operation).toBe("replace");
    expect((await hero.preview({ ...full, outputConfig: { mediaName: "n" } })).operation).toBe("replace");
    expect(requests(world)).toBe(before);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("inputs that were secret arrive plain, and are sent as they are", async () => {
    // The host says that it takes no secrets, so the engine unwraps them; a wrapper that came all the same is no prompt.
    const signature = "4dabf18193072939515e22adb298388d";
    const host = await world.host();
    const wrapped = { [signature]: "1b47061264138c4ac30d75fd1eb44270", value: "a lighthouse" };
    const { failures } = await host.check({}, registered(urnOf("wrapped"), picture({ prompt: wrapped })));
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).not.toContain("a lighthouse");
    const hero = new Lifecycle(world, "secret");
    expect((await hero.up(picture())).error).toBeUndefined();
    expect(hero.outputs["prompt"]).toBe(picture()["prompt"]);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("a bill is announced on the row in preview, and the sum on the stack's", async () => {
  const own = await openWorld();
  const { engine } = await own.host();
  await new Lifecycle(own, "one").preview(full);
  await new Lifecycle(own, "two").preview(picture());
  expect(engine.rows(urnOf("one")).at(-1)).toBe("bills up to 2 images, OG image2_low");
  expect(engine.rows(urnOf("two")).at(-1)).toBe("bills up to 1 image, GG 2.5");
  expect(engine.rows("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev").at(-1)).toContain("3 images");
  expect(requests(own.emulator)).toBe(0);
});

/** Paths of what Pulumi's wire cannot carry, or would carry as nothing. */
function lost(value: unknown, path = "$"): string[] {
  if (value === undefined || value === null || typeof value === "bigint" || typeof value === "function") return [path];
  if (typeof value === "number" && !Number.isFinite(value)) return [path];
  if (typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => lost(inner, `${path}.${key}`));
}
