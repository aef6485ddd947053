import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { models } from "../../../provider/schema/models";
import { type Comparison, compare } from "../../../scripts/models/compare.mts";
import { ours } from "../../../scripts/models/ours.mts";
import { readSdk, statedIn } from "../../../scripts/models/sdkText.mts";

/** What the vendor's SDK of November 2026 says of the request. */
const text = readFileSync(join(__dirname, "sdk-4.1.313.txt"), "utf8");

/** Compares with the same text after a change in it. */
function changed(from: string, to: string): Comparison {
  expect(text, "the SDK's text has what is changed").toContain(from);
  return compare(ours, readSdk(text.replace(from, to)));
}

test("the table says what the SDK says; rows of the page that the SDK lacks are noted", () => {
  const { differences, notes } = compare(ours, readSdk(text));
  expect(differences).toEqual([]);
  expect(notes.map((note) => note.split(":")[0])).toEqual([
    "Jimeng 4.0",
    "SI 4.0",
    "SI 4.5",
    "SI 5.0-lite",
    "Qwen 0925",
  ]);
});

test("reads the SDK's text as it is written", () => {
  const stated = statedIn(readSdk(text));
  expect(stated.names).toEqual(["OG", "GG", "Hunyuan", "Vidu", "Kling"]);
  expect(stated.versions.get("Hunyuan")).toEqual(["3.0", "3d_2.0", "3.5-preview"]);
  expect(stated.versions.get("Mingmou")).toEqual(["1.0"]);
  expect(stated.referenceImages.get("GG 3.0")).toBe(14);
  expect(stated.resolutions.get("GG 3.1")).toEqual(["720P", "1K", "2K", "4K"]);
  expect(stated.resolutions.get("Hunyuan 3.0")).toEqual([]);
  expect(stated.aspectRatios.get("SI 4.0")).toEqual([]);
  expect(stated.aspectRatios.get("Kling O1")).toContain("auto");
  expect(Object.fromEntries(stated.outputImages)).toEqual({ Kling: 9, OG: 8 });
  expect(Object.fromEntries(stated.sceneTypes)).toEqual({ Hunyuan: ["3d_panorama"], Kling: ["image_expand"] });
  expect([...(stated.extInfo.get("OG") ?? [])]).toEqual(expect.arrayContaining([16, 655_360, 8_294_400]));
});

test("reads the same in English, as the vendor's SDKs for international accounts have it", () => {
  const english = `export interface CreateAigcImageTaskRequest {
    /**
     * <p>Model name. Parameter Value:</p><li>OG</li><li>GG</li>
     */
    ModelName: string;
    /**
     * <p>Model version. Value:</p><li>When ModelName is OG, optional values: image2_low, image2_high;</li><li>When ModelName is GG, available values are 2.5, 3.0;</li>
     */
    ModelVersion: string;
    /**
     * <p>Maximum number of reference images supported by each model:</p><ul><li>GG 2.5: 3</li><li>GG 3.0: 14;</li></ul>
     */
    FileInfos?: Array<AigcImageTaskInputFileInfo>;
    /**
     * <p>Scenario type.</p><li>When ModelName is Hunyuan: 3d_panorama refers to panoramic view;</li><li>Other ModelName values are not currently supported.</li>
     */
    SceneType?: string;
}
export interface AigcImageOutputConfig {
    /**
     * <p>Resolution.</p><ul><li>OG: 1K, 2K, 4K. Default: 1K.</li><li>Hunyuan 3.0: This field is not currently supported.</li></ul>
     */
    Resolution?: string;
    /**
     * <ul><li>OG: 1:1, 3:2;</li><li>SI 4.0: <strong>does not support</strong> this parameter. You can specify 16:9 via prompt;</li></ul>
     */
    AspectRatio?: string;
    /**
     * <ul><li>Kling: value range 1-9;</li></ul><p><strong>Not effective for other models.</strong></p>
     */
    OutputImageCount?: number;
}
`;
  const stated = statedIn(readSdk(english));
  expect(stated).toMatchObject({
    names: ["OG", "GG"],
    versions: new Map([
      ["OG", ["image2_low", "image2_high"]],
      ["GG", ["2.5", "3.0"]],
    ]),
    referenceImages: new Map([
      ["GG 2.5", 3],
      ["GG 3.0", 14],
    ]),
    sceneTypes: new Map([["Hunyuan", ["3d_panorama"]]]),
    resolutions: new Map([
      ["OG", ["1K", "2K", "4K"]],
      ["Hunyuan 3.0", []],
    ]),
    aspectRatios: new Map([
      ["OG", ["1:1", "3:2"]],
      ["SI 4.0", []],
    ]),
    outputImages: new Map([["Kling", 9]]),
  });
});

describe("names", () => {
  test.each<[what: string, from: string, to: string, difference: string]>([
    ["a new model", "<li>Kling</li>", "<li>Kling</li><li>Aurora</li>", "Aurora: a new model name"],
    ["a new version", "2.5、3.0、3.1、3.1-lite", "2.5、3.0、3.1、3.1-lite、4.0", "GG 4.0: a new version"],
    ["a version that its own source no longer has", "、3d_2.0", "", "Hunyuan 3d_2.0: not in the SDK's list"],
    [
      "another limit of reference images",
      "GG 3.0：14张",
      "GG 3.0：16张",
      "GG 3.0: reference images are 16 in the SDK, and 14",
    ],
    [
      "a new limit of reference images",
      "GG 2.5： 3张",
      "GG 2.5： 3张；</li><li>OG：5张",
      "OG image2_low: reference images are 5",
    ],
    [
      "another list of resolutions",
      "Kling 2.1：1k、2k，",
      "Kling 2.1：1k、2k、4k，",
      "Kling 2.1: resolutions are 1k 2k 4k",
    ],
    [
      "a resolution in another letter case",
      "Kling 3.0：1k、2k，",
      "Kling 3.0：1K、2K，",
      "Kling 3.0: resolutions are 1K 2K",
    ],
    [
      "a field that a model now has",
      "Hunyuan 3.0：不支持；",
      "Hunyuan 3.0：1:1, 16:9；",
      "Hunyuan 3.0: aspect ratios are 16:9 1:1",
    ],
    [
      "another list of ratios",
      "16:9、9:16、1:1、3:4、4:3、21:9、2:3、3:2",
      "16:9、9:16",
      "Vidu q2: aspect ratios are 16:9 9:16",
    ],
    [
      "another count of images",
      "OG：可选值1-8",
      "OG：可选值1-10",
      "OG image2_high: images a task are 10 in the SDK, and 8",
    ],
    [
      "a count of images of another model",
      "OG：可选值1-8",
      "GG：可选值1-4；</li><li>OG：可选值1-8",
      "GG 2.5: images a task are 4",
    ],
    [
      "another scene type",
      "image_expand 表示扩图",
      "outpaint 表示扩图",
      "Kling: scene types are outpaint in the SDK, and image_expand",
    ],
    ["another bound of ExtInfo", "8,294,400", "9,000,000", "OG image2_low: ExtInfo does not name 8294400"],
    ["another sum of pixels", "1024x1024", "1024x2048", "Hunyuan 3.0: ExtInfo does not name 1048576"],
    [
      "a new field",
      "    LogoAdd?: string;",
      "    LogoAdd?: string;\n    /**\n     * <p>x</p>\n     */\n    Watermark?: string;",
      "OutputConfig.Watermark: a new field",
    ],
    ["a field that is gone", "NegativePrompt?:", "NoPrompt?:", "CreateAigcImageTask.NoPrompt: a new field"],
    [
      "another value of a field",
      "<li>jpeg</li>",
      "<li>jpeg</li><li>webp</li>",
      "OutputConfig.OutputFormat: values are jpeg png webp",
    ],
    [
      "another way to give an image",
      "<li>Url：",
      "<li>Cos：对象</li><li>Url：",
      "FileInfos.Type: values are Base64 Cos File Url",
    ],
  ])("%s", (_, from, to, difference) => {
    expect(changed(from, to).differences.join("\n")).toContain(difference);
  });
});

test("a text that cannot be read is a difference, and no other is told", () => {
  const { differences } = compare(ours, readSdk(text.replaceAll("AigcImageOutputConfig {", "Output {")));
  expect(differences.map((line) => line.split(":")[0])).toEqual(["resolutions", "aspectRatios", "outputImages"]);
  expect(compare(ours, readSdk("")).differences).toHaveLength(8);
});

test("each row says from which source it is, and on which day it was compared with it", () => {
  for (const { name, version, source, compared } of models) {
    expect(source, `${name} ${version}`).toMatch(/^(page|tencentcloud-sdk-nodejs \d+\.\d+\.\d+)$/);
    expect(new Date(compared).toISOString().slice(0, 10), `${name} ${version}`).toBe(compared);
  }
});
