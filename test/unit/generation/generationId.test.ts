import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveGenerationId, sessionIdOf } from "../../../provider/generation/generationId";
import { billedInputs } from "../../../provider/schema/inputs";
import { canonicalRequest, sessionIdMaxLength } from "../../../provider/schema/request";

const scope = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask::hero";
const request = {
  subAppId: 1500000001,
  modelName: "GG",
  modelVersion: "3.0",
  prompt: "a red car",
  outputConfig: { storageMode: "Permanent" },
};
const idOf = (inputs: object, keepers?: unknown, inScope = scope) =>
  deriveGenerationId({ scope: inScope, request: canonicalRequest(inputs), keepers });

describe("the generation id", () => {
  // Any other value for the same inputs would bill every picture ever deployed again: a change is a major version.
  test.each([
    ["a plain request", idOf(request), "pulumi-aigc-ce38c76d97f15192a4505e55ae251a8e"],
    ["with keepers", idOf(request, { round: 2 }), "pulumi-aigc-9e7a68b38d126a8a918b3908540ad9d8"],
    ["in a shared scope", idOf(request, undefined, "catalogue"), "pulumi-aigc-c145e6227adf085ce5b143693fd8881d"],
  ])("is frozen: %s", (_, id, golden) => {
    expect(id).toBe(golden);
  });

  test("is the same whatever the order of keys, and whether a field is absent, undefined or null", () => {
    const other = {
      outputConfig: { resolution: undefined, storageMode: "Permanent" },
      prompt: "a red car",
      modelVersion: "3.0",
      seed: null,
      modelName: "GG",
      subAppId: 1500000001,
    };
    expect(idOf(other)).toBe(idOf(request));
    expect(idOf(request, {})).toBe(idOf(request, undefined));
  });

  test("differs for every billed field, for keepers and for the scope", () => {
    const changed: Record<string, unknown> = {
      subAppId: 1500000002,
      modelName: "Vidu",
      modelVersion: "3.1",
      fileInfos: [{ fileId: "1" }],
      prompt: "a blue car",
      negativePrompt: "people",
      enhancePrompt: "Enabled",
      "outputConfig.storageMode": "Temporary",
      "outputConfig.resolution": "2K",
      "outputConfig.aspectRatio": "16:9",
      "outputConfig.personGeneration": "Disallowed",
      "outputConfig.inputComplianceCheck": "Enabled",
      "outputConfig.outputComplianceCheck": "Enabled",
      "outputConfig.outputImageCount": 2,
      "outputConfig.outputFormat": "png",
      "outputConfig.logoAdd": "Enabled",
      inputRegion: "Oversea",
      sceneType: "3d_panorama",
      seed: 7,
      extInfo: "reserved",
      additionalParameters: { size: "1024x1024" },
    };
    expect(Object.keys(changed).concat("keepers").sort()).toEqual([...billedInputs].sort());
    const ids = Object.entries(changed).map(([path, value]) => {
      const [field, nested] = path.split(".") as [string, string?];
      return idOf({
        ...request,
        [field]: nested === undefined ? value : { ...request.outputConfig, [nested]: value },
      });
    });
    const all = [idOf(request), idOf(request, { round: 1 }), idOf(request, undefined, "other"), ...ids];
    expect(new Set(all).size).toBe(all.length);
  });

  test("stays the same when only what is not billed changes", () => {
    const unbilled = {
      sessionContext: "x",
      tasksPriority: 3,
      timeoutSeconds: 5,
      onFailure: "keep",
      waitForCompletion: false,
    };
    const named = { ...request, outputConfig: { ...request.outputConfig, mediaName: "n", classId: 3 }, ...unbilled };
    expect(idOf(named)).toBe(idOf(request));
  });

  test("has at most 50 safe characters, at any submission, derived or explicit", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 50 }),
        fc.jsonValue(),
        fc.integer({ min: 2, max: 99_999 }),
        (text, value, submission) => {
          const derived = deriveGenerationId({ scope: text, request: value, keepers: value });
          const all = [
            sessionIdOf(derived, undefined, 1),
            sessionIdOf(derived, undefined, submission),
            sessionIdOf(derived, text, submission),
          ];
          for (const id of all) {
            expect(id).toMatch(/^[a-z0-9-]+$/);
            expect(id.length).toBeLessThanOrEqual(sessionIdMaxLength);
          }
        },
      ),
      { seed: 1 },
    );
  });

  test("is another one for each submission, and an explicit one is used as it is only once", () => {
    expect(sessionIdOf("base", "my-session", 1)).toBe("my-session");
    expect(sessionIdOf("base", "my-session", 2)).not.toContain("my-session");
    expect(sessionIdOf("base", undefined, 2)).toBe("base-2");
    expect(sessionIdOf("base", "base", 2)).toBe("base-2");
  });
});
