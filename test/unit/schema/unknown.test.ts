import { runtime } from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { containsUnknown, isUnknown, UNKNOWN } from "../../../provider/schema/unknown";
import { failingProperties, failures, images, text } from "./samples";

test("the sentinel is Pulumi's own", () => {
  expect(UNKNOWN).toBe((runtime as { unknownValue?: string }).unknownValue);
  expect(isUnknown(UNKNOWN)).toBe(true);
  expect(isUnknown("")).toBe(false);
});

test("an unknown is found at any depth", () => {
  let nested: unknown = UNKNOWN;
  for (let level = 0; level < 100_000; level++) {
    nested = level % 2 === 0 ? [nested] : { a: 1, b: nested };
  }
  expect(containsUnknown(nested)).toBe(true);
  expect(containsUnknown({ a: [1, null, { b: "text" }], c: undefined })).toBe(false);
});

const full = {
  subAppId: 1,
  modelName: "GG",
  modelVersion: "3.0",
  fileInfos: [{ type: "Url", url: "https://example.com/a.png", text: "a car" }, { base64: "aGVsbG8=" }],
  prompt: "a red car",
  negativePrompt: "blue",
  enhancePrompt: "Enabled",
  outputConfig: {
    storageMode: "Permanent",
    mediaName: "car",
    classId: 1,
    expireTime: "2030-01-31T00:00:00Z",
    resolution: "1K",
    aspectRatio: "1:1",
    personGeneration: "AllowAdult",
    inputComplianceCheck: "Enabled",
    outputComplianceCheck: "Enabled",
    outputImageCount: 1,
    outputFormat: "png",
    logoAdd: "Disabled",
  },
  inputRegion: "Oversea",
  seed: 1,
  sessionContext: "context",
  tasksPriority: 1,
  extInfo: "{}",
  keepers: { a: [1] },
  sessionScope: "shared",
  adoptTaskId: "1",
  allowUndocumentedModel: false,
  onFailure: "keep",
  waitForCompletion: true,
  timeoutSeconds: 600,
};

/** Every way to make one value of a JSON value unknown. */
function* withOneUnknown(value: unknown, path = ""): Generator<[path: string, value: unknown]> {
  yield [path, UNKNOWN];
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      for (const [innerPath, changed] of withOneUnknown(inner, `${path}/${key}`)) {
        const copy = structuredClone(value) as Record<string, unknown>;
        copy[key] = changed;
        yield [innerPath, copy];
      }
    }
  }
}

const cases = [...withOneUnknown(full)].filter(([path]) => path !== "");

test("the inputs that are made unknown break no rule while they are known", () => {
  expect(failures(full)).toEqual([]);
  expect(cases).toHaveLength(40);
});

test.each(cases)("%s may be unknown", (_, inputs) => {
  expect(failures(inputs)).toEqual([]);
});

test.each(["sceneType", "sessionId", "additionalParameters", "adoptFileIds"])("%s may be unknown", (name) => {
  const { extInfo, adoptTaskId, sessionScope, ...rest } = full;
  expect(failures({ ...rest, [name]: UNKNOWN })).toEqual([]);
});

describe("an unknown skips the rules that need it, and no other", () => {
  test.each<[string, object, string[]]>([
    ["model name", { modelName: UNKNOWN, fileInfos: images(99), tasksPriority: 11 }, ["tasksPriority"]],
    ["model version", { modelVersion: UNKNOWN, fileInfos: images(99), seed: 0.5 }, ["seed"]],
    ["model version with a name that is not listed", { modelName: "GEM", modelVersion: UNKNOWN }, ["modelName"]],
    ["switch of the table", { allowUndocumentedModel: UNKNOWN, modelVersion: "9", sessionId: text(51) }, ["sessionId"]],
    ["prompt", { prompt: UNKNOWN, outputConfig: { resolution: "9K" } }, ["outputConfig.resolution"]],
    ["list of reference images", { fileInfos: UNKNOWN, prompt: undefined, enhancePrompt: "On" }, ["enhancePrompt"]],
    ["reference image", { fileInfos: [UNKNOWN, { url: "a" }] }, ["fileInfos[1].url"]],
    ["reference image among too many", { fileInfos: [UNKNOWN, ...images(14)] }, ["fileInfos"]],
    ["source that may turn out absent", { fileInfos: [{ url: UNKNOWN, fileId: "1" }] }, []],
    [
      "source beside two known ones",
      { fileInfos: [{ base64: UNKNOWN, fileId: "1", url: "https://a.b" }] },
      ["fileInfos[0]"],
    ],
    ["output configuration", { outputConfig: UNKNOWN, sceneType: "3d_panorama" }, ["sceneType"]],
    ["additional parameters", { additionalParameters: UNKNOWN, extInfo: "{}", seed: "1" }, ["seed"]],
    [
      "additional parameter that is not allowed",
      { additionalParameters: { size: UNKNOWN } },
      ["additionalParameters.size"],
    ],
    ["adopted task", { adoptTaskId: UNKNOWN, adoptFileIds: ["1"], seed: "1" }, ["seed"]],
    ["mistyped input", { promt: UNKNOWN }, ["promt"]],
  ])("%s", (_, given, expected) => {
    expect(failingProperties({ modelName: "GG", modelVersion: "3.0", prompt: "a", ...given })).toEqual(expected);
  });

  test("an unknown size among known parameters", () => {
    const inputs = (parameters: object) => ({
      modelName: "SI",
      modelVersion: "4.0",
      prompt: "a",
      additionalParameters: { size: UNKNOWN, ...parameters },
    });
    expect(failures(inputs({}))).toEqual([]);
    expect(failingProperties(inputs({ sequential_image_generation: "on" }))).toEqual([
      "additionalParameters.sequential_image_generation",
    ]);
  });
});
