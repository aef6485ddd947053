import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConfiguration } from "../../../provider/configuration";
import { MemoryCounts } from "../../../provider/generation/operationCounts";
import { SpendGuard } from "../../../provider/generation/spendGuard";
import { Bills } from "../../../provider/lifecycle/bill";
import { check } from "../../../provider/lifecycle/check";
import { Replaces } from "../../../provider/lifecycle/replaces";
import { SaidOnce } from "../../../provider/lifecycle/saidOnce";
import { SessionIds } from "../../../provider/lifecycle/sessionIds";
import { LocalFiles } from "../../../provider/localFiles";
import type { JsonObject } from "../../../provider/schema/json";
import { UNKNOWN } from "../../../provider/schema/unknown";
import { ConfigurationError } from "../../../provider/vod/errors";

const urn = (name: string) => `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask::${name}`;
const hero = { subAppId: 1, modelName: "GG", modelVersion: "3.0", prompt: "a car", resourceUrn: urn("hero") };

function checking(config: Record<string, string> = {}) {
  const configuration = readConfiguration((key) => config[key], {});
  const rows: string[] = [];
  const quiet = async () => {};
  const row = async (_: unknown, text: string) => void rows.push(text);
  const counts = new MemoryCounts();
  const bills = new Bills({
    counts,
    spendGuard: new SpendGuard(configuration.maxImagesPerUpdate, counts),
    progress: { row, stackRow: quiet, stackNote: quiet, note: quiet, warn: quiet },
    file: undefined,
    leftFile: undefined,
    hearsEnd: Promise.resolve(true),
    cancelled: new AbortController().signal,
    words: (text) => text,
  });
  const sessionIds = new SessionIds();
  const replaces = new Replaces();
  const saidOnce = new SaidOnce();
  const localFiles = new LocalFiles();
  const context = { configuration, bills, replaces, sessionIds, saidOnce, localFiles, tellMissingKeys: quiet };
  return {
    rows,
    context,
    check: (olds: object, news: object) => {
      const inputs = news as JsonObject;
      const [scope, oldScope] = [inputs, olds as JsonObject].map(
        ({ resourceUrn }) => resourceUrn as string | undefined,
      );
      return check(olds as JsonObject, inputs, { urn: scope, scope, oldScope }, context);
    },
  };
}

const generationIdOf = async (olds: object, news: object) =>
  (await checking().check(olds, news)).inputs["generationId"];

describe("check", () => {
  test("writes the effective storage mode and SubAppId", async () => {
    const { subAppId: _, ...rest } = hero;
    const { inputs, failures } = await checking({ subAppId: "77" }).check({}, rest);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ subAppId: 77, outputConfig: { storageMode: "Permanent" } });
  });

  test("says how to give a SubAppId where there is none", async () => {
    const { subAppId: _, ...rest } = hero;
    const { failures } = await checking().check({}, rest);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toContain("pulumi config set tencent-aigc:subAppId");
  });

  test("changes nothing that it has completed before", async () => {
    await fc.assert(
      fc.asyncProperty(fc.object({ maxDepth: 3 }), fc.boolean(), async (object, valid) => {
        const news = JSON.parse(JSON.stringify(valid ? { ...hero, keepers: object } : { ...hero, ...object }));
        const once = await checking().check({}, news);
        const twice = await checking().check(once.inputs, once.inputs);
        expect(twice.inputs).toEqual(once.inputs);
        const anew = await checking().check({}, once.inputs);
        expect(anew.inputs).toEqual(once.inputs);
      }),
      { seed: 1 },
    );
  });

  test("never throws, whatever JSON it is given", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        async (olds, news) => {
          const { failures } = await checking().check(olds, news as object);
          for (const { property, reason } of failures) expect(typeof property + typeof reason).toBe("stringstring");
        },
      ),
      { seed: 1 },
    );
  });

  test("keeps the intention through a rename, and takes a new one where something billed or keepers change", async () => {
    const old = (await checking().check({}, hero)).inputs;
    expect(await generationIdOf(old, { ...hero, resourceUrn: urn("renamed") })).toBe(old["generationId"]);
    expect(await generationIdOf(old, { ...hero, sessionScope: "catalogue" })).toBe(old["generationId"]);
    expect(await generationIdOf(old, { ...hero, prompt: "a bus" })).not.toBe(old["generationId"]);
    expect(await generationIdOf(old, { ...hero, keepers: { round: 1 } })).not.toBe(old["generationId"]);
  });

  test("gives two stacks one intention where they share a scope, and two where they do not", async () => {
    const other = { ...hero, resourceUrn: urn("hero").replace(":dev:", ":prod:") };
    const shared = { sessionScope: "catalogue" };
    expect(await generationIdOf({}, { ...hero, ...shared })).toBe(await generationIdOf({}, { ...other, ...shared }));
    expect(await generationIdOf({}, hero)).not.toBe(await generationIdOf({}, other));
  });

  test.each([
    ["prompt", UNKNOWN],
    ["keepers", { from: { another: UNKNOWN } }],
    ["outputConfig", { resolution: UNKNOWN }],
    ["fileInfos", [{ url: UNKNOWN }]],
    ["sessionScope", UNKNOWN],
  ])("derives nothing from an unknown %s, and finds no fault with it", async (property, value) => {
    const { inputs, failures } = await checking().check({}, { ...hero, [property]: value });
    expect(inputs["generationId"]).toBe(UNKNOWN);
    expect(failures).toEqual([]);
  });

  test.each([
    ["sessionId", "mine", "prompt"],
    ["sessionId", "mine", "keepers"],
    ["adoptTaskId", "1-AigcImageTask-x", "prompt"],
    ["adoptFileIds", ["387"], "prompt"],
  ])(
    "refuses %s %j that stays while %s changes, and takes it once it is changed or removed",
    async (property, value, changed) => {
      const given = { ...hero, [property]: value };
      const old = (await checking().check({}, given)).inputs;
      const change = changed === "prompt" ? { prompt: "a bus" } : { keepers: { round: 1 } };
      const stale = await checking().check(old, { ...given, ...change });
      expect(stale.failures.map((failure) => `${failure.property}${failure.reason}`).join()).toContain("stays while");
      expect((await checking().check(old, given)).failures).toEqual([]);
      expect((await checking().check(old, { ...hero, ...change })).failures).toEqual([]);
    },
  );

  test("counts images, not tasks, against the spend guard, the same resource once, and nothing that is adopted or exists", async () => {
    const { check, rows } = checking({ maxImagesPerUpdate: "3" });
    const og = { subAppId: 1, modelName: "OG", modelVersion: "image2_low", prompt: "a car" };
    const two = { ...og, outputConfig: { outputImageCount: 2 } };
    const first = await check({}, { ...two, resourceUrn: urn("a") });
    expect(first.failures).toEqual([]);
    expect((await check({}, { ...two, resourceUrn: urn("a") })).failures).toEqual([]);
    expect((await check(first.inputs, { ...two, resourceUrn: urn("a") })).failures).toEqual([]);
    expect((await check({}, { ...two, resourceUrn: urn("b"), adoptFileIds: ["1"] })).failures).toEqual([]);
    const shared = { ...two, prompt: "shared", outputConfig: undefined, sessionScope: "catalogue" };
    await check({}, { ...shared, resourceUrn: urn("d") });
    await check({}, { ...shared, resourceUrn: urn("e") });
    const { failures } = await check({}, { ...two, resourceUrn: urn("c") });
    expect(failures[0]?.reason).toContain("image 5 of this update");
    expect(failures[0]?.reason).toContain("pulumi config set tencent-aigc:maxImagesPerUpdate 5");
    expect(failures[0]?.reason).toContain("at least so many");
    expect(failures[0]?.reason).toContain("last line of the preview counts all pictures");
    expect(rows[0]).toBe("bills up to 2 images, OG image2_low");
  });

  test.each([
    ["additionalParameters", { additionalParameters: { sequential_image_generation: "auto" } }],
    ["extInfo", { extInfo: JSON.stringify({ AdditionalParameters: '{"sequential_image_generation":"auto"}' }) }],
  ])("counts the most where the prompt says how many images it will be (%s)", async (_, sequential) => {
    const { check, rows } = checking({ maxImagesPerUpdate: "29" });
    const several = {
      subAppId: 1,
      modelName: "SI",
      modelVersion: "4.0",
      prompt: "cars, output 3 images",
      ...sequential,
    };
    expect((await check({}, { ...several, resourceUrn: urn("a") })).failures).toEqual([]);
    expect(rows).toEqual(["bills up to 15 images, SI 4.0"]);
    const { failures } = await check({}, { ...several, prompt: "trams, output 3 images", resourceUrn: urn("b") });
    expect(failures[0]?.reason).toContain("image 30 of this update");
  });

  test.each([
    ["additional parameters", { modelName: "SI", modelVersion: "4.0", additionalParameters: UNKNOWN }, 15],
    ["an extInfo", { modelName: "SI", modelVersion: "4.0", extInfo: UNKNOWN }, 15],
    [
      "additional parameters of a model",
      { modelName: UNKNOWN, modelVersion: UNKNOWN, additionalParameters: UNKNOWN },
      15,
    ],
    ["additional parameters of a model that makes one", { additionalParameters: UNKNOWN }, 1],
    ["a task to take over", { adoptTaskId: UNKNOWN }, 1],
    ["files to take over", { adoptFileIds: UNKNOWN }, 1],
    ["a list of files to take over", { adoptFileIds: [UNKNOWN] }, 0],
    [
      "a number of images of a model that is in no list",
      { modelName: "New", outputConfig: { outputImageCount: UNKNOWN } },
      9,
    ],
  ])("counts the most that %s not known yet can bring about", async (_, given, most) => {
    const { check, rows } = checking({ allowUndocumentedModels: "true" });
    expect((await check({}, { ...hero, ...given })).failures).toEqual([]);
    expect(rows.map((row) => Number(/up to (\d+) image/.exec(row)?.[1]))).toEqual(most === 0 ? [] : [most]);
  });

  test.each([
    ["as an object", JSON.stringify({ AdditionalParameters: { sequential_image_generation: "auto" } })],
    ["of its own", JSON.stringify({ sequential_image_generation: "auto" })],
  ])("counts the most for several images in an extInfo that has them %s, unchecked", async (_, extInfo) => {
    const { check, rows } = checking({ allowUndocumentedModels: "true" });
    expect((await check({}, { ...hero, modelName: "SI", modelVersion: "4.0", extInfo })).failures).toEqual([]);
    expect(rows).toEqual(["bills up to 15 images, SI 4.0"]);
  });

  test("reports settings that cannot be used as a failure, and sends nothing of the inputs along", async () => {
    const configuration = new ConfigurationError([
      { key: "tencent-aigc:endpoint", rule: "must be https", fix: "Set it." },
    ]);
    const { failures } = await check({}, hero, {}, { ...checking().context, configuration });
    expect(failures).toEqual([{ property: "", reason: configuration.message }]);
  });
});

describe("a sessionId of the user's own", () => {
  const own = { ...hero, sessionId: "mine" };
  const other = { ...own, resourceUrn: urn("other") };
  const reasons = async (checked: Promise<{ failures: readonly { property: string; reason: string }[] }>) =>
    (await checked).failures.map(({ property, reason }) => `${property}${reason}`).join();

  test("is refused for the second resource that gives it to another request", async () => {
    const { check } = checking();
    expect((await check({}, own)).failures).toEqual([]);
    expect(await reasons(check({}, { ...other, prompt: "a dog" }))).toMatch(/^sessionId is given to another resource/);
  });

  test("is refused where the keepers differ, and where the other resource has its picture already", async () => {
    const { check } = checking();
    const old = (await checking().check({}, own)).inputs;
    expect((await check(old, own)).failures).toEqual([]);
    expect(await reasons(check({}, { ...other, keepers: { round: 2 } }))).toContain("another resource");
  });

  test("may be shared by equal requests, and changed with its resource", async () => {
    const { check } = checking();
    expect((await check({}, own)).failures).toEqual([]);
    expect((await check({}, other)).failures).toEqual([]);
    expect((await check({}, own)).failures).toEqual([]);
    const alone = checking();
    await alone.check({}, own);
    expect((await alone.check({}, { ...own, prompt: "a dog" })).failures).toEqual([]);
  });

  test.each<[string, object]>([
    ["its own is unknown", { sessionId: UNKNOWN, prompt: "a dog" }],
    ["the request is unknown", { prompt: UNKNOWN }],
    ["nothing is sent", { prompt: "a dog", adoptTaskId: "1-AigcImageTask-x" }],
  ])("is not compared where %s", async (_, change) => {
    const { check } = checking();
    await check({}, own);
    expect((await check({}, { ...other, ...change })).failures).toEqual([]);
  });

  test("does not begin as a derived one does, unless it is the resource's own, which counts as none", async () => {
    const derived = String(await generationIdOf({}, hero));
    const { check } = checking();
    expect((await check({}, { ...hero, sessionId: derived })).failures).toEqual([]);
    expect(await reasons(check({}, { ...hero, resourceUrn: urn("other"), sessionId: derived }))).toMatch(
      /^sessionId begins with pulumi-aigc-.*adoptTaskId/,
    );
    expect(await reasons(check({}, { ...hero, sessionId: `${derived}-2` }))).toContain("begins with pulumi-aigc-");
    // It may turn out to be its own.
    expect((await check({}, { ...hero, prompt: UNKNOWN, sessionId: derived })).failures).toEqual([]);
  });
});

describe("an expireTime in the past", () => {
  const past = { outputConfig: { expireTime: "2020-01-01T00:00:00Z" } };

  test("is refused for what would be generated, at its path, with the ways out", async () => {
    const { failures } = await checking().check({}, { ...hero, ...past });
    expect(failures).toEqual([
      { property: "outputConfig.expireTime", reason: expect.stringMatching(/past.*remove it/) },
    ]);
  });

  test("is refused for what would be replaced, of which check is told no old inputs", async () => {
    const { check } = checking();
    const old = (await check({}, hero)).inputs;
    expect((await check(old, { ...hero, ...past, prompt: "a dog" })).failures).toEqual([]);
    expect((await check({}, { ...hero, ...past, prompt: "a dog" })).failures).toHaveLength(1);
  });

  test("is taken for a picture that is there, for one that is taken over, and while it is not known", async () => {
    const { check } = checking();
    const old = (await check({}, hero)).inputs;
    expect((await check(old, { ...hero, ...past })).failures).toEqual([]);
    expect((await check({}, { ...hero, ...past, adoptTaskId: "1-AigcImageTask-x" })).failures).toEqual([]);
    expect((await check({}, { ...hero, ...past, adoptFileIds: ["387"] })).failures).toEqual([]);
    expect((await check({}, { ...hero, outputConfig: { expireTime: UNKNOWN } })).failures).toEqual([]);
    expect((await check({}, { ...hero, outputConfig: UNKNOWN })).failures).toEqual([]);
  });

  test("is not counted as a bill", async () => {
    const { check, rows } = checking();
    await check({}, { ...hero, ...past });
    expect(rows).toEqual([]);
  });
});

test("a number of images that is not known yet counts as the most that the model makes", async () => {
  const { check: checked, rows } = checking();
  const several = { modelName: "OG", modelVersion: "image2_low", outputConfig: { outputImageCount: UNKNOWN } };
  await checked({}, { ...hero, ...several });
  expect(rows.at(-1)).toBe("bills up to 8 images, OG image2_low");
});
