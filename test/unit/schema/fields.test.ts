import { describe, expect, test } from "vitest";
import { failingProperties, failures, images, reasonAt, text, valid } from "./samples";

/** Typed from the reference page: property, then values that are allowed (the bounds among them), then values that are not. */
const fields: [property: string, allowed: unknown[], refused: unknown[]][] = [
  ["subAppId", [1, 251007502, Number.MAX_SAFE_INTEGER], [0, -1, 1.5, "251007502", 2 ** 53, true]],
  ["prompt", ["a", text(10_000)], [1, {}, ["a"], true]],
  ["negativePrompt", ["", "red"], [1, {}]],
  ["enhancePrompt", ["Enabled", "Disabled"], ["enabled", "On", true, ""]],
  ["inputRegion", ["Mainland", "Oversea", "OverseaUSWest"], ["Overseas", "mainland", "", 1]],
  ["seed", [0, -1, 42, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER], [0.5, "42", 2 ** 53, true]],
  ["sessionId", ["a", text(49), text(50)], [text(51), "", 1]],
  ["sessionContext", ["", "a", text(999), text(1000)], [text(1001), 1]],
  ["tasksPriority", [-10, -9, 0, 9, 10], [-11, 11, 0.5, "10", ""]],
  ["extInfo", ["", "myextinfo", "{}", '{"other":1}'], [1, {}, []]],
  ["outputConfig", [{}], ["Permanent", [], 1]],
  ["outputConfig.storageMode", ["Temporary", "Permanent"], ["permanent", "", 1]],
  ["outputConfig.mediaName", ["a", text(63), text(64)], [text(65), 1]],
  ["outputConfig.classId", [0, 1, 1000], [-1, 0.5, "1"]],
  [
    "outputConfig.expireTime",
    ["2030-01-31T00:00:00Z", "2030-01-31T08:30:00+08:00", "2030-01-31T00:00:00.123Z", "2028-02-29T00:00:00Z"],
    ["2030-01-31", "2030-01-31T00:00:00", "2030-02-30T00:00:00Z", "2030-13-01T00:00:00Z", "tomorrow", "", 1893456000],
  ],
  ["outputConfig.personGeneration", ["AllowAdult", "Disallowed"], ["AllowAll", "allowadult", true]],
  ["outputConfig.inputComplianceCheck", ["Enabled", "Disabled"], ["enabled", false]],
  ["outputConfig.outputComplianceCheck", ["Enabled", "Disabled"], ["enabled", false]],
  ["outputConfig.outputImageCount", [1], [0, -1, 1.5, "1", 2]],
  ["outputConfig.outputFormat", ["jpeg", "png"], ["jpg", "PNG", "webp"]],
  ["outputConfig.logoAdd", ["Enabled", "Disabled"], ["enabled", true]],
  ["fileInfos", [[], images(1)], [{}, "https://example.com/a.png", 1]],
  ["fileInfos[0]", [{ fileId: "3704211" }], ["https://example.com/a.png", {}, { text: "a car" }, []]],
  [
    "fileInfos[0].url",
    ["http://example.com", "https://example.com/a.png?sign=1"],
    ["ftp://example.com/a", "a.png", 1, ""],
  ],
  ["fileInfos[0].fileId", ["3704211"], [3704211, ""]],
  ["fileInfos[0].base64", ["aGVsbG8=", "aGVsbG8h"], ["data:image/png;base64,aGVsbG8=", "aGVsbG8", "a b=", "", 1]],
  ["modelName", ["GG"], ["", 1, "gg", "GPT"]],
  ["modelVersion", ["3.0"], ["", 3, "9.9"]],
  ["additionalParameters", [{}], ["size", [], 1]],
  ["keepers", [{}, { a: 1, b: [null, { c: true }] }], ["a", [], 1]],
  ["sessionScope", ["a"], ["", 1]],
  ["adoptTaskId", ["251007502-AigcImageTask-1t"], ["", 1]],
  ["adoptFileIds", [["1"], ["1", "2"]], [[], "1", 1]],
  ["adoptFileIds[1]", ["2"], ["", 2]],
  ["allowUndocumentedModel", [true, false], ["true", 1]],
  ["waitForCompletion", [true, false], ["true", 1]],
  ["onFailure", ["fail", "keep"], ["", "ignore", true]],
  ["timeoutSeconds", [0.001, 1, 600, 259_199, 259_200], [0, -1, 259_201, "600"]],
];

function withValue(property: string, value: unknown): object {
  const [, name = "", index, field] = /^(\w+)(?:\[(\d)\])?(?:\.(\w+))?$/.exec(property) ?? [];
  if (index === undefined) {
    return { ...valid, [name]: field === undefined ? value : { [field]: value } };
  }
  const items = name === "adoptFileIds" ? ["1"] : [];
  return { ...valid, [name]: [...items, field === undefined ? value : { [field]: value }] };
}

describe.each(fields)("%s", (property, allowed, refused) => {
  test.each(allowed.map((value) => [label(value), value]))("allows %s", (_, value) => {
    expect(failures(withValue(property, value))).toEqual([]);
  });

  test.each(refused.map((value) => [label(value), value]))("refuses %s, at that property alone", (_, value) => {
    // A reference image whose only field is no source at all fails as a whole.
    const isNoSource = property.startsWith("fileInfos[0].") && value === "";
    const expected = isNoSource ? [property, "fileInfos[0]"] : [property];
    expect(failingProperties(withValue(property, value))).toEqual(expected);
  });
});

function label(value: unknown): string {
  const shown = JSON.stringify(value);
  return shown.length > 40
    ? `${shown.slice(0, 20)}… (${typeof value === "string" ? value.length : shown.length})`
    : shown;
}

describe("what is required", () => {
  test.each(["modelName", "modelVersion"])("%s is required", (property) => {
    expect(reasonAt(property, { ...valid, [property]: undefined })).toMatch(/^is required: it must be/);
  });

  test.each([[{}], [{ prompt: "" }], [{ prompt: "  \n" }], [{ fileInfos: [] }], [{ prompt: null, fileInfos: null }]])(
    "a prompt is required when fileInfos is empty: %j",
    (given) => {
      expect(failingProperties({ modelName: "GG", modelVersion: "3.0", ...given })).toEqual(["prompt"]);
    },
  );

  test("no prompt is required when there is a reference image", () => {
    expect(failures({ modelName: "GG", modelVersion: "3.0", fileInfos: images(1) })).toEqual([]);
  });

  test("what is adopted needs neither model nor prompt, and may have them", () => {
    expect(failures({ adoptTaskId: "1-AigcImageTask-1t" })).toEqual([]);
    expect(failures({ adoptFileIds: ["1"] })).toEqual([]);
    expect(failures({ ...valid, adoptFileIds: ["1"] })).toEqual([]);
    expect(failingProperties({ ...valid, modelVersion: "9.9", adoptFileIds: ["1"] })).toEqual(["modelVersion"]);
  });

  test.each([undefined, null])("what is %s is not given", (absent) => {
    const inputs = {
      ...valid,
      seed: absent,
      outputConfig: { resolution: absent },
      fileInfos: [{ url: absent, fileId: "1" }],
    };
    expect(failures(inputs)).toEqual([]);
  });

  test.each([null, undefined, "text", 1, true, []])("inputs that are no object are refused: %j", (raw) => {
    expect(failures(raw)).toEqual([{ property: "", reason: "must be an object" }]);
  });
});

describe("fields that do not go together", () => {
  test.each([
    ["adoptFileIds", { adoptTaskId: "1", adoptFileIds: ["1"] }],
    ["extInfo", { modelName: "Hunyuan", extInfo: "{}", additionalParameters: { size: "728x1024" } }],
    ["sessionScope", { sessionId: "mine", sessionScope: "shared" }],
  ])("%s", (property, given) => {
    expect(failingProperties({ ...valid, ...given })).toEqual([property]);
  });

  test.each([
    [{ extInfo: "" }],
    [{ extInfo: '{"AdditionalParameters":"{\\"size\\":\\"728x1024\\"}"}', additionalParameters: {} }],
  ])("an empty one goes with the other: %j", (given) => {
    expect(
      failures({
        modelName: "Hunyuan",
        modelVersion: "3.0",
        prompt: "a",
        additionalParameters: { size: "728x1024" },
        ...given,
      }),
    ).toEqual([]);
  });

  test.each([
    ["two sources", { url: "https://example.com/a.png", fileId: "1" }, "fileInfos[0]"],
    ["no source", { type: "File" }, "fileInfos[0]"],
    ["a type that goes with another source", { type: "Url", fileId: "1" }, "fileInfos[0].type"],
    ["an unknown type", { type: "Link", url: "https://example.com" }, "fileInfos[0].type"],
  ])("a reference image with %s is refused", (_, item, property) => {
    expect(failingProperties({ ...valid, fileInfos: [item] })).toEqual([property]);
  });

  test.each([
    [{ type: "File", fileId: "1" }],
    [{ type: "Url", url: "https://example.com/a.png" }],
    [{ type: "Base64", base64: "aGVsbG8=" }],
  ])("a reference image with its own type is allowed: %j", (item) => {
    expect(failures({ ...valid, fileInfos: [item] })).toEqual([]);
  });
});

describe("Base64 pictures", () => {
  const megabyte = Buffer.alloc(1024 * 1024).toString("base64");
  const pictures = (count: number) => Array.from({ length: count }, () => ({ base64: megabyte }));

  test("7 MB in all are allowed", () => {
    expect(failures({ ...valid, fileInfos: pictures(7) })).toEqual([]);
  });

  test("a byte more is refused", () => {
    expect(failingProperties({ ...valid, fileInfos: [...pictures(7), { base64: "AA==" }] })).toEqual(["fileInfos"]);
  });
});

describe("names that are no input", () => {
  test.each([
    ["promt", "prompt"],
    ["Prompt", "prompt"],
    ["ModelName", "modelName"],
    ["keeper", "keepers"],
    ["subAppID", "subAppId"],
    ["timeoutSecond", "timeoutSeconds"],
  ])("%s is refused with the name that was meant, %s", (written, meant) => {
    expect(reasonAt(written, { ...valid, [written]: "a" })).toBe(`is no input; did you mean ${meant}?`);
  });

  test("a nested name is refused at its path", () => {
    expect(failures({ ...valid, outputConfig: { resoluton: "1K" }, fileInfos: [{ fileId: "1", uri: "a" }] })).toEqual([
      { property: "fileInfos[0].uri", reason: "is no input; did you mean url?" },
      { property: "outputConfig.resoluton", reason: "is no input; did you mean resolution?" },
    ]);
  });

  test("a name near none is refused with those there are, hidden ones left out", () => {
    const reason = reasonAt("unheardOf", { ...valid, unheardOf: 1 });
    expect(reason).toContain("the inputs here are subAppId, modelName, ");
    expect(reason).not.toMatch(/__provider|generationId|resourceUrn/);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("%s is a name like any other", (name) => {
    const inputs = JSON.parse(
      `{"modelName":"GG","modelVersion":"3.0","prompt":"a",${JSON.stringify(name)}:{"prompt":1}}`,
    );
    expect(failingProperties(inputs)).toEqual([name]);
  });
});

describe("reasons", () => {
  test("a number given as a text says how to write it", () => {
    expect(reasonAt("tasksPriority", { ...valid, tasksPriority: "10" })).toBe(
      "must be an integer from -10 to 10, written as a number without quotes",
    );
  });

  test("no reason repeats what a prompt, a picture or another free text says", () => {
    const secret = "s3cret";
    const inputs = {
      modelName: "Hunyuan",
      modelVersion: "3.0",
      prompt: [secret],
      negativePrompt: [secret],
      sessionContext: secret.repeat(1000),
      sessionId: secret.repeat(10),
      extInfo: JSON.stringify({ AdditionalParameters: JSON.stringify({ size: secret }) }),
      additionalParameters: { size: secret },
      fileInfos: [{ base64: `data:${secret}` }, { url: secret }, { fileId: [secret] }, { text: secret }],
      keepers: secret,
      outputConfig: { mediaName: secret.repeat(20), resolution: secret, expireTime: secret },
      enhancePrompt: secret,
      modelTypo: secret,
    };
    expect(failures(inputs).length).toBeGreaterThan(14);
    expect(JSON.stringify(failures(inputs))).not.toContain(secret);
  });
});
