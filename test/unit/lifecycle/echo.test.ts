import { describe, expect, test } from "vitest";
import { echoTable, inputsOfEcho } from "../../../provider/lifecycle/echo";
import { importIdOf } from "../../../provider/lifecycle/import";
import type { AigcImageTaskInput } from "../../../provider/vod/wire";

const lighthouse: AigcImageTaskInput = { ModelName: "GG", ModelVersion: "2.5", Prompt: "a lighthouse" };
const inputs = { modelName: "GG", modelVersion: "2.5", prompt: "a lighthouse" };
const derived = `pulumi-aigc-${"0".repeat(32)}`;

/** By path of the table: what the service echoes though it was not sent, and the like that was sent. */
const rows: Record<string, { left: AigcImageTaskInput; kept?: [AigcImageTaskInput, object] }> = {
  generationMode: { left: { GenerationMode: "Standard" } },
  seed: { left: { Seed: 0 }, kept: [{ Seed: 7 }, { seed: 7 }] },
  "outputConfig.classId": {
    left: { OutputConfig: { ClassId: 0 } },
    kept: [{ OutputConfig: { ClassId: 4 } }, { outputConfig: { classId: 4 } }],
  },
  "outputConfig.outputImageCount": {
    left: { OutputConfig: { OutputImageCount: 0 } },
    kept: [{ OutputConfig: { OutputImageCount: 1 } }, { outputConfig: { outputImageCount: 1 } }],
  },
  "outputConfig.expireTime": {
    left: { OutputConfig: { ExpireTime: "0000-00-00T00:00:00Z" } },
    kept: [
      { OutputConfig: { ExpireTime: "2040-01-01T00:00:00Z" } },
      { outputConfig: { expireTime: "2040-01-01T00:00:00Z" } },
    ],
  },
  "outputConfig.mediaName": {
    left: { OutputConfig: { MediaName: derived } },
    kept: [{ OutputConfig: { MediaName: "lighthouse" } }, { outputConfig: { mediaName: "lighthouse" } }],
  },
  "outputConfig.logoAdd": {
    left: { OutputConfig: { LogoAdd: "Disabled" } },
    kept: [{ OutputConfig: { LogoAdd: "Enabled" } }, { outputConfig: { logoAdd: "Enabled" } }],
  },
  "fileInfos.type": {
    left: { FileInfos: [{ Type: "Url", Url: "https://example.com/a.png", FileId: "" }] },
  },
};

test("each row of the table of echoes has a case here", () => {
  expect(Object.keys(rows).sort()).toEqual(echoTable.map(({ path }) => path).sort());
});

describe("what the service echoes though nobody has sent it is no input", () => {
  test.each(Object.entries(rows))("%s", (path, { left, kept }) => {
    const files = path === "fileInfos.type" ? { fileInfos: [{ url: "https://example.com/a.png" }] } : {};
    expect(inputsOfEcho({ ...lighthouse, ...left }, undefined)).toEqual({ ...inputs, ...files });
    if (kept) expect(inputsOfEcho({ ...lighthouse, ...kept[0] }, undefined)).toMatchObject(kept[1]);
  });

  test("empty texts, wherever they are", () => {
    const empty = { NegativePrompt: "", SceneType: "", ExtInfo: "", EnhancePrompt: "", FileInfos: [] };
    const OutputConfig = { StorageMode: "", Resolution: "", AspectRatio: "", OutputFormat: "" };
    expect(inputsOfEcho({ ...lighthouse, ...empty, OutputConfig }, undefined)).toEqual(inputs);
  });

  test("a name that is the SessionId of 0.1.0", () => {
    const named = { ...lighthouse, OutputConfig: { MediaName: "order 7" } };
    expect(inputsOfEcho(named, "order 7")).toEqual(inputs);
    expect(inputsOfEcho(named, "order 8")).toEqual({ ...inputs, outputConfig: { mediaName: "order 7" } });
  });
});

test.each([
  ["GEM", "2.5", { modelName: "GG" }],
  ["Mingmou", "4.0", { modelName: "Jimeng" }],
  ["Mingmou", "1.0", { modelName: "Mingmou" }],
  ["GEM", "0.9", { modelName: "GEM", allowUndocumentedModel: true }],
])("the model %s %s is echoed for the one that was sent", (ModelName, ModelVersion, expected) => {
  const imported = inputsOfEcho({ ...lighthouse, ModelName, ModelVersion }, undefined);
  expect(imported).toEqual({ ...inputs, modelVersion: ModelVersion, ...expected });
});

test("parameters are an object where that says all of them, exactly", () => {
  const all = '{"AdditionalParameters":"{\\"size\\":\\"1024x1024\\"}"}';
  const hunyuan = { ModelName: "Hunyuan", ModelVersion: "3.0" };
  expect(inputsOfEcho({ ...lighthouse, ...hunyuan, ExtInfo: all }, undefined)).toMatchObject({
    additionalParameters: { size: "1024x1024" },
  });
  const more = '{"AdditionalParameters":"{\\"size\\":\\"1024x1024\\"}","Other":1}';
  expect(inputsOfEcho({ ...lighthouse, ...hunyuan, ExtInfo: more }, undefined)).toMatchObject({ extInfo: more });
});

test("what no program could give goes", () => {
  const OutputConfig = { LogoAdd: "Maybe", Resolution: "1K" };
  const wrong = { ...lighthouse, EnhancePrompt: "Sometimes", ModelVersion: "3.0", OutputConfig };
  expect(inputsOfEcho(wrong, undefined)).toEqual({
    ...inputs,
    modelVersion: "3.0",
    outputConfig: { resolution: "1K" },
  });
});

test.each([
  ["251007502-AigcImageTask-ab12t", { kind: "task", name: "251007502-AigcImageTask-ab12t", subAppId: 251007502 }],
  ["7/251007502-AigcImageTask-ab12t", { kind: "task", name: "251007502-AigcImageTask-ab12t", subAppId: 7 }],
  ["5285890784273533167", { kind: "file", name: "5285890784273533167" }],
  ["files:5285890784273533167", { kind: "file", name: "5285890784273533167" }],
  ["251007502/5285890784273533167", { kind: "file", name: "5285890784273533167", subAppId: 251007502 }],
  ["251007502/files:5285890784273533167", { kind: "file", name: "5285890784273533167", subAppId: 251007502 }],
])("the id %s names a picture to import", (id, expected) => {
  expect(importIdOf(id)).toEqual(expected);
});
