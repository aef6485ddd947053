import { describe, expect, test } from "vitest";
import { validateRequest } from "../../../provider/schema/inputs";
import { canonicalRequest, fromWire, type ImageRequest, toWire, wirePath } from "../../../provider/schema/request";

/** The page's own example, with a model that it lists and a priority of the type that it states. */
const pageExample = {
  SubAppId: 251007502,
  ModelName: "GG",
  ModelVersion: "2.5",
  FileInfos: [{ FileId: "3704211***509819" }],
  Prompt: "generate a car",
  NegativePrompt: "red",
  EnhancePrompt: "Enabled",
  OutputConfig: {
    StorageMode: "Temporary",
    AspectRatio: "16:9",
    PersonGeneration: "AllowAdult",
    InputComplianceCheck: "Enabled",
    OutputComplianceCheck: "Enabled",
  },
  SessionId: "mysession",
  SessionContext: "mySessionContext",
  TasksPriority: 10,
  ExtInfo: "myextinfo",
};

const everyField: ImageRequest = {
  subAppId: 1,
  modelName: "Kling",
  modelVersion: "scene",
  fileInfos: [
    { type: "File", fileId: "1", text: "a", referenceType: "mask" },
    { type: "Url", url: "https://example.com/a.png" },
    { type: "Base64", base64: "aGVsbG8=" },
  ],
  prompt: "a red car",
  negativePrompt: "blue",
  enhancePrompt: "Disabled",
  outputConfig: {
    storageMode: "Permanent",
    mediaName: "car",
    classId: 3,
    expireTime: "2030-01-31T00:00:00Z",
    resolution: "1k",
    aspectRatio: "1:1",
    personGeneration: "Disallowed",
    inputComplianceCheck: "Disabled",
    outputComplianceCheck: "Disabled",
    outputImageCount: 2,
    outputFormat: "jpeg",
    logoAdd: "Enabled",
  },
  inputRegion: "OverseaUSWest",
  sceneType: "image_expand",
  seed: 0,
  sessionId: "mine",
  sessionContext: "context",
  tasksPriority: 0,
  extInfo: "{}",
};

describe("from the wire", () => {
  test("the page's example, with a listed model and an integer priority, breaks no rule", () => {
    expect(validateRequest(fromWire(pageExample), { allowUndocumentedModel: false })).toEqual([]);
  });

  test("the page's example as printed breaks two rules, which say why", () => {
    const printed = { ...pageExample, ModelName: "GEM", TasksPriority: "10" };
    expect(validateRequest(fromWire(printed), { allowUndocumentedModel: false })).toMatchObject([
      { property: "tasksPriority", reason: expect.stringContaining("without quotes") },
      { property: "modelName", reason: expect.stringContaining("use GG") },
    ]);
  });

  test("an empty SessionId is none, as the page says", () => {
    const request = fromWire({ ...pageExample, SessionId: "" });
    expect(validateRequest(request, { allowUndocumentedModel: false })).toEqual([]);
  });

  test("an input of the resource alone is no field of a request", () => {
    const request = { ...(fromWire(pageExample) as object), keepers: {}, additionalParameters: {} };
    const failing = validateRequest(request, { allowUndocumentedModel: false }).map(({ property }) => property);
    expect(failing).toEqual(["keepers", "additionalParameters"]);
  });

  test("what is no request is passed on as it is", () => {
    for (const value of [null, undefined, "text", 1, true, [{ Prompt: "a" }]]) {
      expect(fromWire(value)).toEqual(value);
    }
    expect(fromWire({ FileInfos: "none", OutputConfig: [1], Other: { Inner: 1 } })).toEqual({
      fileInfos: "none",
      outputConfig: [1],
      other: { Inner: 1 },
    });
  });

  test("a path has the API's spelling", () => {
    expect(wirePath("outputConfig.resolution")).toBe("OutputConfig.Resolution");
    expect(wirePath("fileInfos[2].url")).toBe("FileInfos[2].Url");
  });
});

describe("to the wire", () => {
  test("every field is sent in the API's spelling, and comes back as it was", () => {
    const sent = toWire(everyField);
    expect(Object.keys(sent)).toHaveLength(15);
    expect(Object.keys(sent.OutputConfig ?? {})).toHaveLength(12);
    expect(fromWire(sent)).toEqual(everyField);
  });

  test("nothing that says nothing is sent", () => {
    const request = {
      subAppId: 1,
      modelName: "GG",
      modelVersion: "3.0",
      prompt: "a",
      negativePrompt: undefined,
      seed: null,
      sessionId: undefined,
      fileInfos: [],
      extInfo: "",
      outputConfig: { resolution: undefined, mediaName: "" },
      additionalParameters: {},
    } as unknown as ImageRequest;
    expect(toWire(request)).toStrictEqual({
      SubAppId: 1,
      ModelName: "GG",
      ModelVersion: "3.0",
      Prompt: "a",
      OutputConfig: { StorageMode: "Permanent" },
    });
  });

  test("inputs that are not of the request are not sent", () => {
    const inputs = { ...everyField, keepers: { a: 1 }, generationId: "g", __provider: "text", adoptTaskId: "1" };
    expect(toWire(inputs)).toEqual(toWire(everyField));
  });

  test("the effective storage mode is sent, since the API's own default loses the picture", () => {
    expect(toWire({ subAppId: 1, modelName: "GG", modelVersion: "3.0", prompt: "a" }).OutputConfig).toEqual({
      StorageMode: "Permanent",
    });
  });

  test.each([
    [{ fileId: "1" }, { Type: "File", FileId: "1" }],
    [{ url: "https://example.com" }, { Type: "Url", Url: "https://example.com" }],
    [{ base64: "aGVsbG8=" }, { Type: "Base64", Base64: "aGVsbG8=" }],
  ])("the type of a reference image follows from what is given: %j", (item, sent) => {
    expect(toWire({ ...everyField, fileInfos: [item] }).FileInfos).toEqual([sent]);
  });

  test("additional parameters are sent as JSON in JSON", () => {
    const { extInfo, ...rest } = everyField;
    // Typed from the page's example for Hunyuan 3.0, without its optional blank.
    expect(toWire({ ...rest, additionalParameters: { size: "728x1024" } }).ExtInfo).toBe(
      '{"AdditionalParameters":"{\\"size\\":\\"728x1024\\"}"}',
    );
  });

  test("equal additional parameters are sent alike, whatever the order of their keys", () => {
    const sent = (additionalParameters: Record<string, unknown>) =>
      toWire({ ...everyField, extInfo: undefined, additionalParameters }).ExtInfo;
    expect(sent({ b: 1, a: { d: 1, c: null } })).toBe(sent({ a: { d: 1 }, b: 1 }));
  });

  test("what was sent is what is billed", () => {
    for (const request of [everyField, { ...everyField, extInfo: undefined, additionalParameters: { b: 1, a: [2] } }]) {
      expect(canonicalRequest(fromWire(toWire(request)) as object)).toEqual(canonicalRequest(request));
    }
  });
});
