import { describe, expect, test } from "vitest";
import { models } from "../../../provider/schema/models";
import { ModelName } from "../../../provider/schema/values";
import { failingProperties, failures, images, reasonAt } from "./samples";

/**
 * Typed by hand from the reference page (names, versions, reference images, scene types, sizes) and the vendor's SDKs
 * (resolutions, ratios, image counts), independently of the table under test. A rule left out is stated nowhere.
 */
interface Expected {
  model: string;
  images?: number;
  resolutions?: string;
  ratios?: string;
  scene?: string;
  count?: number;
  /** Whether a reference image may have a text. */
  texts?: true;
  /** Whether a reference image may be a mask. */
  mask?: true;
  /** Sizes at and inside each bound, and sizes just outside. */
  sizes?: [allowed: string[], refused: string[]];
}

const ogSizes: Expected["sizes"] = [
  // 1024 x 640 is exactly the least area; 3840 x 2160 exactly the greatest; 728 x 1024 is the vendor's own example.
  ["1024x640", "1024*640", "3840x2160", "728x1024", "728*1024"],
  ["1024x639", "3840x2161", "1023x641", "1025x769", "1024 x 640", "1024:640", "1024X640"],
];
const og = {
  resolutions: "1K 2K 4K",
  ratios: "1:1 3:2 2:3 3:4 4:3 16:9 9:16 21:9 9:21",
  count: 8,
  mask: true,
  sizes: ogSizes,
} as const;
const ggRatios = "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9";
const klingRatios = "16:9 9:16 1:1 4:3 3:4 3:2 2:3 21:9";

const expected: Expected[] = [
  { model: "OG image2_low", ...og },
  { model: "OG image2_medium", ...og },
  { model: "OG image2_high", ...og },
  { model: "GG 2.5", images: 3, resolutions: "1K 2K 4K", ratios: ggRatios, texts: true },
  { model: "GG 3.0", images: 14, resolutions: "1K 2K 4K", ratios: ggRatios, texts: true },
  {
    model: "GG 3.1",
    images: 14,
    resolutions: "720P 1K 2K 4K",
    ratios: "1:1 1:4 1:8 2:3 3:2 3:4 4:1 4:3 4:5 5:4 8:1 9:16 16:9 21:9",
  },
  { model: "GG 3.1-lite" },
  { model: "Jimeng 4.0" },
  {
    model: "SI 4.0",
    images: 14,
    resolutions: "1K 2K 4K",
    ratios: "",
    sizes: [
      ["1280x720", "4096x4096", "728x1356"],
      ["1280x719", "4096x4097", "1280*720"],
    ],
  },
  {
    model: "SI 4.5",
    images: 14,
    resolutions: "2K 4K",
    ratios: "",
    sizes: [
      ["2560x1440", "4096x4096"],
      ["2560x1439", "4097x4096", "2560*1440"],
    ],
  },
  {
    model: "SI 5.0-lite",
    images: 14,
    resolutions: "2K 3K",
    ratios: "",
    sizes: [
      ["2560x1440", "3072x3072", "3225x3226"],
      ["2560x1439", "3226x3226", "2560*1440"],
    ],
  },
  {
    model: "Qwen 0925",
    images: 1,
    resolutions: "",
    ratios: "",
    sizes: [
      ["512*512", "2048*2048", "728*1024"],
      ["511*512", "2048*2049", "512x512"],
    ],
  },
  {
    model: "Hunyuan 3.0",
    images: 3,
    resolutions: "",
    ratios: "",
    scene: "3d_panorama",
    sizes: [
      ["512x512", "512x2048", "2048x512", "1024x1024", "728x1024"],
      ["511x512", "512x511", "512x2049", "2049x512", "1024x1025", "100x100", "728*1024"],
    ],
  },
  { model: "Hunyuan 3.5-preview", scene: "3d_panorama" },
  { model: "Hunyuan 3d_2.0", scene: "3d_panorama" },
  { model: "Vidu q2", images: 7, resolutions: "1080p 2K 4K", ratios: "16:9 9:16 1:1 3:4 4:3 21:9 2:3 3:2" },
  { model: "Kling 2.1", images: 4, resolutions: "1k 2k", ratios: klingRatios, count: 9 },
  { model: "Kling 3.0", images: 1, resolutions: "1k 2k", ratios: klingRatios, count: 9 },
  { model: "Kling 3.0-Omni", images: 10, resolutions: "1k 2k 4k", ratios: `${klingRatios} auto`, count: 9 },
  { model: "Kling O1", images: 10, resolutions: "1k 2k 4k", ratios: `${klingRatios} auto`, count: 9 },
  { model: "Kling scene", scene: "image_expand", count: 9 },
  { model: "Mingmou 1.0" },
];

/** Every value that any model has, and some that none has. */
const all = (field: "resolutions" | "ratios" | "scene", ...others: string[]) => [
  ...new Set([...expected.flatMap((row) => row[field]?.match(/\S+/g) ?? []), ...others]),
];
const resolutions = all("resolutions", "512", "1080P", "8K");
const ratios = all("ratios", "7:3", "16x9");
const scenes = all("scene", "portrait");

function inputs(model: string, given: object = {}): object {
  const [modelName, modelVersion] = model.split(" ");
  return { modelName, modelVersion, prompt: "a red car", ...given };
}

test("the table lists these models, each once", () => {
  expect(models.map(({ name, version }) => `${name} ${version}`)).toEqual(expected.map(({ model }) => model));
  const names = expected.map(({ model }) => model.split(" ")[0]);
  expect(Object.values(ModelName)).toEqual([...new Set(names)]);
});

describe.each(expected)("$model", (row) => {
  const { model } = row;

  test("is listed", () => {
    expect(failures(inputs(model))).toEqual([]);
  });

  test("takes as many reference images as stated, and not one more", () => {
    const most = row.images ?? 20;
    expect(failures(inputs(model, { fileInfos: images(most) }))).toEqual([]);
    const oneMore = failingProperties(inputs(model, { fileInfos: images(most + 1) }));
    expect(oneMore).toEqual(row.images === undefined ? [] : ["fileInfos"]);
  });

  test.each([
    ["resolution", resolutions, row.resolutions],
    ["aspectRatio", ratios, row.ratios],
  ] as const)("takes its own values of %s and no other's", (field, all, own) => {
    for (const value of all) {
      const isAllowed = own === undefined || own.split(" ").includes(value);
      const failing = failingProperties(inputs(model, { outputConfig: { [field]: value } }));
      expect([value, ...failing]).toEqual(isAllowed ? [value] : [value, `outputConfig.${field}`]);
    }
  });

  test("takes its own scene types and no other's", () => {
    for (const sceneType of scenes) {
      const failing = failingProperties(inputs(model, { sceneType }));
      expect([sceneType, ...failing]).toEqual(sceneType === row.scene ? [sceneType] : [sceneType, "sceneType"]);
    }
  });

  test("makes as many images as stated, and not one more", () => {
    const most = row.count ?? 1;
    expect(failures(inputs(model, { outputConfig: { outputImageCount: most } }))).toEqual([]);
    const oneMore = failingProperties(inputs(model, { outputConfig: { outputImageCount: most + 1 } }));
    expect(oneMore).toEqual(["outputConfig.outputImageCount"]);
  });

  test.each(row.texts ? ["takes"] : [])("%s a text with a reference image", () => {
    expect(failures(inputs(model, { fileInfos: [{ fileId: "1", text: "a car" }] }))).toEqual([]);
  });

  test.each(row.texts ? [] : ["refuses"])("%s a text with a reference image", () => {
    const failing = failingProperties(inputs(model, { fileInfos: [{ fileId: "1", text: "a car" }] }));
    expect(failing).toEqual(["fileInfos[0].text"]);
  });

  test("takes a mask as a reference image if that is stated", () => {
    const failing = failingProperties(inputs(model, { fileInfos: [{ fileId: "1", referenceType: "mask" }] }));
    expect(failing).toEqual(row.mask ? [] : ["fileInfos[0].referenceType"]);
    const other = failingProperties(inputs(model, { fileInfos: [{ fileId: "1", referenceType: "style" }] }));
    expect(other).toEqual(["fileInfos[0].referenceType"]);
  });

  const [allowed, refused] = row.sizes ?? [[], []];
  test.each(allowed)("draws the size %s, in either form of ExtInfo", (size) => {
    expect(failures(inputs(model, { additionalParameters: { size } }))).toEqual([]);
    expect(failures(inputs(model, { extInfo: extInfo({ size }) }))).toEqual([]);
  });

  test.each(refused)("refuses the size %s, in either form of ExtInfo", (size) => {
    const property = "additionalParameters.size";
    expect(failingProperties(inputs(model, { additionalParameters: { size } }))).toEqual([property]);
    expect(failingProperties(inputs(model, { extInfo: extInfo({ size }) }))).toEqual(["extInfo"]);
  });
});

function extInfo(parameters: object): string {
  return JSON.stringify({ AdditionalParameters: JSON.stringify(parameters) });
}

describe("the exact bounds of an area", () => {
  test.each([
    ["SI 5.0-lite", "3188x3263", 10_402_444, true],
    ["SI 5.0-lite", "3226x3225", 10_403_850, true],
    ["SI 5.0-lite", "2828x3679", 10_404_212, true],
    ["SI 5.0-lite", "102004x102", 10_404_408, true],
    ["SI 5.0-lite", "650281x16", 10_404_496, true],
    ["SI 5.0-lite", "867042x12", 10_404_504, false],
    ["OG image2_low", "40960x16", 655_360, true],
    ["OG image2_low", "40959x16", 655_344, false],
    ["OG image2_low", "518400x16", 8_294_400, true],
    ["OG image2_low", "518401x16", 8_294_416, false],
    ["OG image2_low", "819201x1", 819_201, false],
    ["Qwen 0925", "262144*1", 262_144, true],
    ["Qwen 0925", "262143*1", 262_143, false],
    ["Qwen 0925", "511*512", 261_632, false],
    ["SI 4.0", "921600x1", 921_600, true],
    ["SI 4.0", "921599x1", 921_599, false],
    ["SI 4.5", "737280x5", 3_686_400, true],
    ["SI 4.5", "737279x5", 3_686_395, false],
  ])("%s %s (%i pixels): %s", (model, size, area, isAllowed) => {
    expect(size.split(/\D/).reduce((product, side) => product * Number(side), 1)).toBe(area);
    const failing = failingProperties(inputs(model, { additionalParameters: { size } }));
    expect(failing).toEqual(isAllowed ? [] : ["additionalParameters.size"]);
  });
});

describe("additional parameters", () => {
  test.each([
    ["SI 4.0", { sequential_image_generation: "auto" }],
    ["SI 5.0-lite", { sequential_image_generation: "auto", size: "2560x1440" }],
    ["OG image2_high", { background: "transparent" }],
    ["Kling scene", { up_expansion_ratio: 0.1, down_expansion_ratio: 0.2, left_expansion_ratio: 0.3 }],
    ["Kling scene", { up_expansion_ratio: 0, right_expansion_ratio: 2 }],
    ["Kling scene", { up_expansion_ratio: 0.2, down_expansion_ratio: 0.3, left_expansion_ratio: 1 }],
    ["Hunyuan 3.0", { size: null }],
    ["GG 3.1-lite", { anything: 1 }],
    ["GG 3.0", {}],
  ])("%s takes %j", (model, additionalParameters) => {
    expect(failures(inputs(model, { additionalParameters }))).toEqual([]);
  });

  test.each([
    ["SI 4.0", { sequential_image_generation: "on" }, "additionalParameters.sequential_image_generation"],
    ["SI 4.0", { background: "transparent" }, "additionalParameters.background"],
    ["OG image2_high", { background: "white" }, "additionalParameters.background"],
    ["GG 3.0", { size: "1024x1024" }, "additionalParameters.size"],
    ["Vidu q2", { size: "1024x1024" }, "additionalParameters.size"],
    ["Kling 2.1", { up_expansion_ratio: 0.1 }, "additionalParameters.up_expansion_ratio"],
    ["Kling scene", { up_expansion_ratio: 2.01 }, "additionalParameters.up_expansion_ratio"],
    ["Kling scene", { up_expansion_ratio: -0.01 }, "additionalParameters.up_expansion_ratio"],
    ["Kling scene", { up_expansion_ratio: "0.1" }, "additionalParameters.up_expansion_ratio"],
    ["Kling scene", { up_expansion_ratio: 2, left_expansion_ratio: 0.01 }, "additionalParameters"],
    ["Hunyuan 3.0", { size: 1024 }, "additionalParameters.size"],
    ["Hunyuan 3.0", { size: "" }, "additionalParameters.size"],
    ["Hunyuan 3.0", { size: "0728x1024" }, "additionalParameters.size"],
    ["Hunyuan 3.0", { size: "728x1024x3" }, "additionalParameters.size"],
    ["Hunyuan 3.0", JSON.parse('{"__proto__":1}'), "additionalParameters.__proto__"],
    ["SI 4.0", { constructor: "auto" }, "additionalParameters.constructor"],
    ["Hunyuan 3.0", { "a.b": 1 }, 'additionalParameters["a.b"]'],
  ])("%s refuses %j", (model, additionalParameters, property) => {
    expect(failingProperties(inputs(model, { additionalParameters }))).toEqual([property]);
  });

  test("a mistyped key is answered with the one that was meant", () => {
    const given = inputs("Hunyuan 3.0", { additionalParameters: { szie: "728x1024" } });
    expect(reasonAt("additionalParameters.szie", given)).toContain("did you mean size?");
  });

  test("an ExtInfo that is no JSON, as in the page's example, is passed on", () => {
    expect(failures(inputs("GG 2.5", { extInfo: "myextinfo" }))).toEqual([]);
  });

  test.each(['{"AdditionalParameters":{"size":"728x1024"}}', '{"AdditionalParameters":"size"}'])(
    "an ExtInfo whose parameters are not JSON in a string is refused: %s",
    (text) => {
      expect(failingProperties(inputs("Hunyuan 3.0", { extInfo: text }))).toEqual(["extInfo"]);
    },
  );

  test("nesting ends at 32 levels", () => {
    const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
    expect(failures(inputs("GG 3.1-lite", { additionalParameters: nested(31), keepers: nested(31) }))).toEqual([]);
    expect(failingProperties(inputs("GG 3.1-lite", { additionalParameters: nested(40), keepers: nested(40) }))).toEqual(
      ["additionalParameters", "keepers"],
    );
  });
});

describe("a model that is not listed", () => {
  test.each([
    ["GEM 2.5", "modelName", "GEM is an earlier name of GG: use GG"],
    ["MJ v7", "modelName", "at most 3 reference images"],
    ["Klingg 3.0", "modelName", "did you mean Kling?"],
    ["constructor 1", "modelName", "OG, GG, "],
    ["GG 4.0", "modelVersion", "must be 2.5 or 3.0 or 3.1 or 3.1-lite for GG"],
    ["Jimeng 3.0", "modelVersion", "must be 4.0 for Jimeng"],
  ])("%s is refused with what is allowed and the ways out", (model, property, hint) => {
    const [failure, ...others] = failures(inputs(model));
    expect(others).toEqual([]);
    expect(failure?.property).toBe(property);
    expect(failure?.reason).toContain(hint);
    expect(failure?.wayOut).toContain("allowUndocumentedModel: true");
    expect(failure?.wayOut).toContain("pulumi config set tencent-aigc:allowUndocumentedModels true");
  });

  const beyond = inputs("New 1.0", {
    sceneType: "any",
    fileInfos: images(20).map((image) => ({ ...image, referenceType: "style", text: "a car" })),
    outputConfig: { resolution: "16K", aspectRatio: "7:3", outputImageCount: 20 },
    additionalParameters: { size: "1x1", other: true },
  });

  test("is allowed by the resource's switch, and by the stack's, with every value that the table would rule out", () => {
    expect(failures({ ...beyond, allowUndocumentedModel: true })).toEqual([]);
    expect(failures(beyond, true)).toEqual([]);
    expect(failingProperties({ ...beyond, allowUndocumentedModel: false })).toEqual(["modelName"]);
  });

  test("keeps the general bounds", () => {
    const inputsBeyond = {
      ...beyond,
      tasksPriority: 11,
      sessionId: "x".repeat(51),
      outputConfig: { logoAdd: "Maybe" },
    };
    expect(failingProperties(inputsBeyond, true).sort()).toEqual([
      "outputConfig.logoAdd",
      "sessionId",
      "tasksPriority",
    ]);
  });

  test("the switch lets a listed model go beyond its row, too", () => {
    expect(failures(inputs("Hunyuan 3.0", { additionalParameters: { size: "100x100" } }), true)).toEqual([]);
  });
});

describe("reasons of the table", () => {
  test("a size says what it is, what is allowed and how to skip the table", () => {
    const given = inputs("Hunyuan 3.0", { additionalParameters: { size: "100x100" } });
    expect(reasonAt("additionalParameters.size", given)).toBe(
      'is 100x100, a side out of bounds: for Hunyuan 3.0 it must be width and height in pixels with "x" between them, ' +
        "each from 512 to 2048, width times height at most 1048576; for example 512x512 (allowUndocumentedModel: true on the resource, or " +
        "`pulumi config set tencent-aigc:allowUndocumentedModels true` for the stack, skips the model table)",
    );
  });

  test("a resolution in another letter case says which case", () => {
    const reason = reasonAt("outputConfig.resolution", inputs("Kling 3.0", { outputConfig: { resolution: "1K" } }));
    expect(reason).toContain("must be 1k or 2k for Kling 3.0, letter case included");
  });

  test("a field that the model lacks says what does the same", () => {
    const reason = reasonAt("outputConfig.resolution", inputs("Qwen 0925", { outputConfig: { resolution: "1K" } }));
    expect(reason).toContain(
      "is not supported by Qwen 0925: remove it (give the size in additionalParameters; allowUndocumentedModel",
    );
  });

  test("too many reference images say how many are allowed", () => {
    expect(reasonAt("fileInfos", inputs("GG 3.0", { fileInfos: images(15) }))).toContain(
      "has 15 reference images; GG 3.0 takes at most 14",
    );
  });
});
