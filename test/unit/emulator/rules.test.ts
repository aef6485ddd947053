/** The request's rules, typed from the reference page and the vendor's SDKs, apart from the package's own tables. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { call, car, send, subAppId } from "./stranger";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ frozen: true, concurrency: 1_000_000, submitsPerSecond: 1_000_000 });
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.behaviour({ unknownFileIds: "accepted", unlistedModels: "refused" });
});

/** The error's code, or nothing when the request was taken. */
async function refusal(request: object): Promise<string | undefined> {
  const { response } = await call(emulator, "CreateAigcImageTask", request);
  return response.Error?.Code;
}

function size(value: string): object {
  return { ExtInfo: JSON.stringify({ AdditionalParameters: JSON.stringify({ size: value }) }) };
}

function images(count: number): object {
  return { FileInfos: Array.from({ length: count }, (_, index) => ({ Type: "File", FileId: `37042${index}` })) };
}

const listed = [
  ["OG", "image2_low"],
  ["OG", "image2_medium"],
  ["OG", "image2_high"],
  ["GG", "2.5"],
  ["GG", "3.0"],
  ["GG", "3.1"],
  ["Jimeng", "4.0"],
  ["SI", "4.0"],
  ["SI", "4.5"],
  ["SI", "5.0-lite"],
  ["Qwen", "0925"],
  ["Hunyuan", "3.0"],
  ["Vidu", "q2"],
  ["Kling", "2.1"],
  ["Kling", "3.0"],
  ["Kling", "3.0-Omni"],
  ["Kling", "O1"],
];
test.each(listed)("takes the listed model %s %s", async (ModelName, ModelVersion) => {
  expect(await refusal(car({ ModelName, ModelVersion }))).toBeUndefined();
});

test.each([
  ["GEM", "2.5"],
  ["MJ", "v7"],
  ["GG", "4.0"],
  ["Kling", "3.1"],
  ["kling", "3.0"],
  ["OG", "3.0"],
])("refuses the unlisted model %s %s, unless told to take it", async (ModelName, ModelVersion) => {
  expect(await refusal(car({ ModelName, ModelVersion }))).toBe("InvalidParameter");
  emulator.behaviour({ unlistedModels: "accepted" });
  expect(await refusal(car({ ModelName, ModelVersion }))).toBeUndefined();
});

const referenceImages: [string, string, number][] = [
  ["GG", "2.5", 3],
  ["GG", "3.0", 14],
  ["GG", "3.1", 14],
  ["Kling", "2.1", 4],
  ["Kling", "3.0", 1],
  ["Kling", "3.0-Omni", 10],
  ["Kling", "O1", 10],
  ["SI", "4.0", 14],
  ["SI", "4.5", 14],
  ["SI", "5.0-lite", 14],
  ["Vidu", "q2", 7],
  ["Hunyuan", "3.0", 3],
  ["Qwen", "0925", 1],
];
test.each(referenceImages)("%s %s takes up to %i reference images", async (ModelName, ModelVersion, most) => {
  expect(await refusal(car({ ModelName, ModelVersion, ...images(most) }))).toBeUndefined();
  expect(await refusal(car({ ModelName, ModelVersion, ...images(most + 1) }))).toBe("InvalidParameter");
});

const sizes: [string, string, string, boolean][] = [
  ["Hunyuan", "3.0", "728x1024", true],
  ["Hunyuan", "3.0", "512x2048", true],
  ["Hunyuan", "3.0", "1024x1024", true],
  ["Hunyuan", "3.0", "511x1024", false],
  ["Hunyuan", "3.0", "1025x1024", false],
  ["Hunyuan", "3.0", "100x100", false],
  ["Hunyuan", "3.0", "728*1024", false],
  ["SI", "4.0", "728x1356", true],
  ["SI", "4.0", "1280x720", true],
  ["SI", "4.0", "1279x720", false],
  ["SI", "4.0", "4096x4096", true],
  ["SI", "4.0", "4097x4096", false],
  ["SI", "4.5", "2560x1440", true],
  ["SI", "4.5", "2559x1440", false],
  ["SI", "5.0-lite", "2560x1440", true],
  ["SI", "5.0-lite", "3072x3386", true],
  ["SI", "5.0-lite", "3072x3387", false],
  ["Qwen", "0925", "728*1024", true],
  ["Qwen", "0925", "2048*2048", true],
  ["Qwen", "0925", "2049*2048", false],
  ["Qwen", "0925", "728x1024", false],
  ["Qwen", "0925", "100*100", false],
];
test.each(sizes)("%s %s of size %s is taken: %s", async (ModelName, ModelVersion, pixels, taken) => {
  expect(await refusal(car({ ModelName, ModelVersion, ...size(pixels) }))).toBe(taken ? undefined : "InvalidParameter");
});

const fields: [string, object, string | undefined][] = [
  ["the page's own example, for a listed model", {}, undefined],
  ["no prompt with a reference image", { Prompt: undefined, ...images(1) }, undefined],
  ["neither prompt nor reference image", { Prompt: undefined }, "InvalidParameter"],
  ["an empty prompt", { Prompt: "" }, "InvalidParameter"],
  ["no application", { SubAppId: undefined }, "InvalidParameterValue.SubAppId"],
  ["an application that is no number", { SubAppId: "one" }, "InvalidParameterValue.SubAppId"],
  ["no model", { ModelName: undefined }, "InvalidParameter"],
  ["no version", { ModelVersion: undefined }, "InvalidParameter"],
  ["a SessionId of 50 characters", { SessionId: "s".repeat(50) }, undefined],
  ["a SessionId of 51 characters", { SessionId: "s".repeat(51) }, "InvalidParameterValue.SessionIdTooLong"],
  ["a SessionContext of 1000 characters", { SessionContext: "c".repeat(1000) }, undefined],
  [
    "a SessionContext of 1001 characters",
    { SessionContext: "c".repeat(1001) },
    "InvalidParameterValue.SessionContextTooLong",
  ],
  ["priority -10", { TasksPriority: -10 }, undefined],
  ["priority 10", { TasksPriority: 10 }, undefined],
  ["priority 11", { TasksPriority: 11 }, "InvalidParameter"],
  ["priority as a text, as the page's example sends it", { TasksPriority: "10" }, undefined],
  ["priority as a text out of range", { TasksPriority: "11" }, "InvalidParameter"],
  ["EnhancePrompt Enabled", { EnhancePrompt: "Enabled" }, undefined],
  ["EnhancePrompt enabled", { EnhancePrompt: "enabled" }, "InvalidParameter"],
  ["InputRegion OverseaUSWest", { InputRegion: "OverseaUSWest" }, undefined],
  ["InputRegion Moon", { InputRegion: "Moon" }, "InvalidParameter"],
  ["a scene type of another model", { SceneType: "3d_panorama" }, "InvalidParameter"],
  ["a seed", { Seed: 42 }, undefined],
  ["a seed that is no integer", { Seed: 1.5 }, "InvalidParameter"],
  ["a media name of 64 characters", { OutputConfig: { MediaName: "m".repeat(64) } }, undefined],
  ["a media name of 65 characters", { OutputConfig: { MediaName: "m".repeat(65) } }, "InvalidParameter"],
  ["an aspect ratio of the model", { OutputConfig: { AspectRatio: "21:9" } }, undefined],
  ["an aspect ratio of another model", { OutputConfig: { AspectRatio: "9:21" } }, "InvalidParameter"],
  ["a resolution of the model", { OutputConfig: { Resolution: "4K" } }, undefined],
  ["a resolution in another case", { OutputConfig: { Resolution: "4k" } }, "InvalidParameter"],
  ["a storage mode there is not", { OutputConfig: { StorageMode: "Forever" } }, "InvalidParameter"],
  ["an ExtInfo that is no JSON, as in the page's example", { ExtInfo: "myextinfo" }, undefined],
  ["a null, which is nothing", { NegativePrompt: null, OutputConfig: null }, undefined],
];
test.each(fields)("%s", async (_, changes, code) => {
  const example = {
    FileInfos: [{ FileId: "3704211509819" }],
    NegativePrompt: "red",
    EnhancePrompt: "Enabled",
    OutputConfig: {
      StorageMode: "Temporary",
      AspectRatio: "16:9",
      PersonGeneration: "AllowAdult",
      InputComplianceCheck: "Enabled",
      OutputComplianceCheck: "Enabled",
    },
    SessionContext: "mySessionContext",
    TasksPriority: "10",
    ExtInfo: "myextinfo",
  };
  const request = Object.keys(changes).length === 0 ? car(example) : car(changes);
  expect(await refusal(request)).toBe(code);
});

test.each([
  ["a model that is in no list", { ModelName: "GEM" }],
  ["a version that is in no list", { ModelVersion: "4.0" }],
  [
    "a resolution of a model that has none",
    { ModelName: "Qwen", ModelVersion: "0925", OutputConfig: { Resolution: "1K" } },
  ],
  [
    "a ratio of a model that has none",
    { ModelName: "Qwen", ModelVersion: "0925", OutputConfig: { AspectRatio: "1:1" } },
  ],
  ["additional parameters in another form", { ExtInfo: JSON.stringify({ AdditionalParameters: { size: "1x1" } }) }],
  ["a size that is none", { ModelName: "Hunyuan", ...size("1x1") }],
])("a message tells a client nothing of what only a Pulumi program has: %s", async (_, changes) => {
  const { response } = await call(emulator, "CreateAigcImageTask", car(changes));
  expect(response.Error?.Code).toBe("InvalidParameter");
  expect(response.Error?.Message).not.toMatch(/[Pp]ulumi|allowUndocumented|additionalParameters/);
});

test("Hunyuan takes its scene type and no other", async () => {
  const hunyuan = { ModelName: "Hunyuan", ModelVersion: "3.0" };
  expect(await refusal(car({ ...hunyuan, SceneType: "3d_panorama" }))).toBeUndefined();
  expect(await refusal(car({ ...hunyuan, SceneType: "2d" }))).toBe("InvalidParameter");
});

describe("reference images", () => {
  test("a FileId must exist in the application, however it came to be", async () => {
    emulator.behaviour({ unknownFileIds: "refused" });
    expect(await refusal(car(images(1)))).toBe("InvalidParameterValue.FileId");

    const fileId = emulator.addMedia({ subAppId });
    expect(await refusal(car({ FileInfos: [{ FileId: fileId }] }))).toBeUndefined();
    expect(await refusal(car({ SubAppId: 5, FileInfos: [{ FileId: fileId }] }))).toBe("InvalidParameterValue.FileId");
  });

  test("a generated Permanent picture can be the reference of another", async () => {
    emulator.behaviour({ unknownFileIds: "refused" });
    await call(emulator, "CreateAigcImageTask", car({ OutputConfig: { StorageMode: "Permanent" } }));
    emulator.advance(1);
    const fileId = emulator.ledger().tasks.at(-1)?.files[0]?.fileId ?? "";
    expect(await refusal(car({ FileInfos: [{ Type: "File", FileId: fileId }] }))).toBeUndefined();
  });

  test("a Url is taken and never fetched", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/picture.png`;
    const { response } = await call(emulator, "CreateAigcImageTask", car({ FileInfos: [{ Type: "Url", Url: url }] }));
    emulator.advance(1);
    const detail = await call(emulator, "DescribeTaskDetail", { TaskId: response.TaskId });
    expect(detail.response.AigcImageTask.Input.FileInfos[0].Url).toBe(url);
    expect(await send(detail.response.AigcImageTask.Output.FileInfos[0].FileUrl, "GET", {})).toMatchObject({
      status: 200,
    });
    expect(connections).toBe(0);
    server.close();
  });
});

describe("what is not a proper request", () => {
  test.each([
    ["no JSON", "{", {}, "InvalidParameter"],
    ["JSON that is no object", "[]", {}, "InvalidParameter"],
    ["another content type", "{}", { contentType: "text/plain" }, "InvalidRequest"],
    ["another version", "{}", { version: "2024-07-18" }, "NoSuchVersion"],
    ["more than 10 MB", JSON.stringify(car({ Prompt: "p".repeat(10 * 1024 * 1024) })), {}, "RequestSizeLimitExceeded"],
  ])("%s", async (_, body, signing, code) => {
    const { status, response } = await call(emulator, "CreateAigcImageTask", body, signing);
    expect({ status, code: response.Error.Code }).toEqual({ status: 200, code });
  });

  test("an action that does not exist, even one that every object has", async () => {
    for (const action of ["CreateAigcVideoTask", "constructor", "__proto__"]) {
      expect((await call(emulator, action, {})).response.Error.Code).toBe("InvalidAction");
    }
  });

  test("a parameter that does not exist is ignored, or refused where the behaviour says so", async () => {
    expect(await refusal(car({ ClientToken: "x" }))).toBeUndefined();
    emulator.behaviour({ unknownParameters: "refused" });
    expect(await refusal(car({ ClientToken: "x" }))).toBe("UnknownParameter");
    emulator.behaviour({ unknownParameters: "ignored" });
  });
});
