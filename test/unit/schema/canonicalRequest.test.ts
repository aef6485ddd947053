import { describe, expect, test } from "vitest";
import { billedInputs, inputEffects } from "../../../provider/schema/inputs";
import { canonicalRequest, digestBase64 } from "../../../provider/schema/request";
import { UNKNOWN } from "../../../provider/schema/unknown";

const base = {
  subAppId: 1,
  modelName: "GG",
  modelVersion: "3.0",
  fileInfos: [{ fileId: "1" }, { base64: "aGVsbG8=" }],
  prompt: "a red car",
  negativePrompt: "blue",
  enhancePrompt: "Enabled",
  outputConfig: { storageMode: "Permanent", resolution: "1K" },
  inputRegion: "Oversea",
  seed: 1,
  extInfo: '{"AdditionalParameters":"{\\"size\\":\\"1x1\\"}","other":1}',
};

const text = (inputs: object) => JSON.stringify(canonicalRequest(inputs));

test("the billed part of a request, in its frozen form", () => {
  expect(
    canonicalRequest({ ...base, sessionId: "mine", keepers: { a: 1 }, timeoutSeconds: 1, __provider: "text" }),
  ).toEqual({
    additionalParameters: { size: "1x1" },
    enhancePrompt: "Enabled",
    extInfo: { other: 1 },
    fileInfos: [
      { fileId: "1", type: "File" },
      { base64: "sha256:333d6b3a3c1f5db6c9bdda5939b136986d170f4649172a68368d54ecb44c2ff2", type: "Base64" },
    ],
    inputRegion: "Oversea",
    modelName: "GG",
    modelVersion: "3.0",
    negativePrompt: "blue",
    outputConfig: { resolution: "1K", storageMode: "Permanent" },
    prompt: "a red car",
    seed: 1,
    subAppId: 1,
  });
});

test("its text is frozen, since SessionIds are derived from it", () => {
  expect(
    text({ modelVersion: "3.0", prompt: "a", modelName: "GG", subAppId: 1, additionalParameters: { b: 1, a: 2 } }),
  ).toBe(
    '{"additionalParameters":{"a":2,"b":1},"modelName":"GG","modelVersion":"3.0",' +
      '"outputConfig":{"storageMode":"Permanent"},"prompt":"a","subAppId":1}',
  );
});

describe("a change of a billed input is another request", () => {
  const changes: Record<string, object> = {
    subAppId: { subAppId: 2 },
    modelName: { modelName: "OG" },
    modelVersion: { modelVersion: "3.1" },
    fileInfos: { fileInfos: [{ base64: "aGVsbG8=" }, { fileId: "1" }] },
    prompt: { prompt: "a blue car" },
    negativePrompt: { negativePrompt: undefined },
    enhancePrompt: { enhancePrompt: "Disabled" },
    "outputConfig.storageMode": { outputConfig: { ...base.outputConfig, storageMode: "Temporary" } },
    "outputConfig.resolution": { outputConfig: { storageMode: "Permanent", resolution: "2K" } },
    "outputConfig.aspectRatio": { outputConfig: { ...base.outputConfig, aspectRatio: "1:1" } },
    "outputConfig.personGeneration": { outputConfig: { ...base.outputConfig, personGeneration: "Disallowed" } },
    "outputConfig.inputComplianceCheck": { outputConfig: { ...base.outputConfig, inputComplianceCheck: "Enabled" } },
    "outputConfig.outputComplianceCheck": { outputConfig: { ...base.outputConfig, outputComplianceCheck: "Enabled" } },
    "outputConfig.outputImageCount": { outputConfig: { ...base.outputConfig, outputImageCount: 1 } },
    "outputConfig.outputFormat": { outputConfig: { ...base.outputConfig, outputFormat: "png" } },
    "outputConfig.logoAdd": { outputConfig: { ...base.outputConfig, logoAdd: "Enabled" } },
    inputRegion: { inputRegion: "Mainland" },
    sceneType: { sceneType: "3d_panorama" },
    seed: { seed: 0 },
    extInfo: { extInfo: base.extInfo.replace('"other":1', '"other":2') },
    additionalParameters: { extInfo: undefined, additionalParameters: { size: "1x1" } },
  };

  test("every billed input is among them, but the keepers, which are no part of a request", () => {
    expect(Object.keys(changes).sort()).toEqual(billedInputs.filter((path) => path !== "keepers").sort());
  });

  test.each(Object.entries(changes))("%s", (_, change) => {
    expect(text({ ...base, ...change })).not.toBe(text(base));
  });

  test.each([
    ["a further reference image", { fileInfos: [...base.fileInfos, { fileId: "2" }] }],
    ["another picture as Base64", { fileInfos: [{ fileId: "1" }, { base64: "aGVsbG8h" }] }],
    ["the description of a reference image", { fileInfos: [{ fileId: "1", text: "a" }, { base64: "aGVsbG8=" }] }],
    ["a seed of 0 against none", { seed: undefined }],
    ["another additional parameter", { extInfo: base.extInfo.replace("1x1", "1x2") }],
  ])("%s", (_, change) => {
    expect(text({ ...base, ...change })).not.toBe(text(base));
  });
});

describe("the same request", () => {
  const free: Record<string, unknown> = {
    "outputConfig.mediaName": "car",
    "outputConfig.classId": 3,
    "outputConfig.expireTime": "2030-01-31T00:00:00Z",
    sessionId: "mine",
    sessionContext: "context",
    tasksPriority: 1,
    sessionScope: "shared",
    adoptTaskId: "1",
    adoptFileIds: ["1"],
    allowUndocumentedModel: true,
    onFailure: "keep",
    waitForCompletion: false,
    timeoutSeconds: 1,
    resourceUrn: "urn",
    generationId: "g",
    formerUrns: ["urn"],
    __provider: "text",
    keepers: { a: 1 },
  };

  test("every input that is not billed, and the keepers, are among what makes no difference", () => {
    const unbilled = Object.keys(inputEffects).filter((path) => !(billedInputs as string[]).includes(path));
    expect(Object.keys(free).sort()).toEqual([...unbilled, "keepers"].sort());
  });

  test.each(Object.entries(free))("%s makes no difference", (path, value) => {
    const [name = "", field] = path.split(".");
    const change = field === undefined ? { [name]: value } : { outputConfig: { ...base.outputConfig, [field]: value } };
    expect(text({ ...base, ...change })).toBe(text(base));
  });

  const { extInfo, ...withoutExtInfo } = base;
  test.each<[string, object, object]>([
    ["keys in another order", Object.fromEntries(Object.entries(base).reverse()), base],
    ["the default storage mode, written or not", { ...base, outputConfig: { resolution: "1K" } }, base],
    [
      "undefined, null, empty or absent",
      { ...base, sceneType: undefined, additionalParameters: null },
      { ...base, sceneType: "" },
    ],
    [
      "no output configuration or an empty one",
      { ...base, outputConfig: undefined },
      { ...base, outputConfig: { aspectRatio: null } },
    ],
    [
      "the type of a reference image, written or not",
      { ...base, fileInfos: [{ type: "File", fileId: "1" }, { base64: "aGVsbG8=" }] },
      base,
    ],
    [
      "a Base64 value and its digest",
      { ...base, fileInfos: [{ fileId: "1" }, { base64: digestBase64("aGVsbG8=") }] },
      base,
    ],
    [
      "additional parameters in either form",
      { ...withoutExtInfo, additionalParameters: { b: [1, { d: 2, c: null }], a: "x" } },
      { ...withoutExtInfo, extInfo: '{ "AdditionalParameters": "{ \\"a\\": \\"x\\", \\"b\\": [1, {\\"d\\": 2}] }" }' },
    ],
    [
      "no additional parameters, in either form",
      { ...withoutExtInfo, additionalParameters: { size: null } },
      { ...withoutExtInfo, extInfo: '{"AdditionalParameters":"{}"}' },
    ],
  ])("%s", (_, one, other) => {
    expect(text(one)).toBe(text(other));
  });
});

describe("different ExtInfo texts", () => {
  const { extInfo, ...rest } = base;
  test.each([
    [
      "parameters as an object and as text",
      '{"AdditionalParameters":{"size":"1x1"}}',
      '{"AdditionalParameters":"{\\"size\\":\\"1x1\\"}"}',
    ],
    ["a text that is no JSON and another", "myextinfo", "otherextinfo"],
    ["a text and a JSON string", "1", '"1"'],
  ])("%s stay different", (_, one, other) => {
    expect(text({ ...rest, extInfo: one })).not.toBe(text({ ...rest, extInfo: other }));
  });
});

test("an unknown stays visible where it is", () => {
  const inputs = { ...base, prompt: UNKNOWN, fileInfos: [UNKNOWN, { base64: UNKNOWN }], extInfo: UNKNOWN };
  expect(canonicalRequest(inputs)).toMatchObject({
    prompt: UNKNOWN,
    fileInfos: [UNKNOWN, { base64: UNKNOWN }],
    extInfo: UNKNOWN,
  });
  expect(
    canonicalRequest({
      ...base,
      outputConfig: UNKNOWN,
      fileInfos: UNKNOWN,
      additionalParameters: UNKNOWN,
      extInfo: "",
    }),
  ).toMatchObject({
    outputConfig: UNKNOWN,
    fileInfos: UNKNOWN,
    additionalParameters: UNKNOWN,
  });
});

test("a digest is that of the text, and stays itself", () => {
  const digest = digestBase64("aGVsbG8=");
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(digestBase64(digest)).toBe(digest);
  expect(digestBase64("aGVsbG8h")).not.toBe(digest);
});

describe("numbers in ExtInfo that a float cannot hold", () => {
  const { extInfo: _, ...rest } = base;
  const withSeed = (seed: string) => text({ ...rest, extInfo: `{"seed":${seed}}` });
  const withParameter = (seed: string) =>
    text({ ...rest, extInfo: JSON.stringify({ AdditionalParameters: `{"seed":${seed}}` }) });

  test.each([
    ["9007199254740993", "9007199254740992"],
    ["123456789012345678901", "123456789012345678902"],
    ["-9007199254740993", "-9007199254740994"],
    ["0.12345678901234567891", "0.12345678901234567892"],
    ["1e400", "1e500"],
    ["1e-400", "1e-500"],
    ["1e400", "null"],
    ["9007199254740993", '"9007199254740993"'],
  ])("%s is another one than %s", (one, other) => {
    expect(withSeed(one)).not.toBe(withSeed(other));
    expect(withParameter(one)).not.toBe(withParameter(other));
  });

  test("are the same whatever the order of the keys and the blanks between them", () => {
    const one = { ...rest, extInfo: '{"a":1,"seed":9007199254740993}' };
    expect(text({ ...rest, extInfo: ' { "seed" : 9007199254740993 , "a" : 1 } ' })).toBe(text(one));
  });

  test("leave every other number in its frozen form, however it is written", () => {
    for (const [written, value] of [
      ["9007199254740992", 9007199254740992],
      ["100000000000000000000", 100000000000000000000],
      ["0.10", 0.1],
      ["1.0", 1],
      ["1E3", 1000],
      ["-0.0", 0],
      ["0e999", 0],
      ["5e-324", 5e-324],
      ["1.7976931348623157e308", 1.7976931348623157e308],
    ] as const) {
      expect(withSeed(written)).toBe(text({ ...rest, extInfo: JSON.stringify({ seed: value }) }));
      expect(withParameter(written)).toBe(text({ ...rest, additionalParameters: { seed: value } }));
    }
  });
});
