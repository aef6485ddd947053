import { describe, expect, test } from "vitest";
import { withoutShownValues } from "../../../provider/schema/inputs";
import { failures, images, text, valid } from "./samples";

function shown(inputs: object) {
  return withoutShownValues(failures(inputs), inputs);
}

describe("the engine prints the value of a failing top-level property, so", () => {
  test.each<[string, object]>([
    ["sessionContext", { sessionContext: text(1001) }],
    ["fileInfos", { fileInfos: images(15) }],
    ["prompt", { prompt: ["a"] }],
    ["promt", { promt: "a" }],
    ["extInfo", { extInfo: 1 }],
    ["additionalParameters", { additionalParameters: 1 }],
    ["keepers", { keepers: 1 }],
    ["outputConfig", { outputConfig: 1 }],
  ])("a failure of %s names it in the reason alone", (property, given) => {
    const [failure, ...others] = shown({ ...valid, ...given });
    expect(others).toEqual([]);
    expect(failure?.property).toBe("");
    expect(failure?.reason).toMatch(new RegExp(`^${property} (must|has|is) `));
  });

  test.each<[string, object]>([
    ["modelVersion", { modelVersion: "9.9" }],
    ["tasksPriority", { tasksPriority: 11 }],
    ["outputConfig.resolution", { outputConfig: { resolution: "9K" } }],
    ["fileInfos[0].url", { fileInfos: [{ url: "a" }] }],
    ["prompt", { prompt: undefined }],
  ])("a failure of %s, which has no text to print, keeps its property", (property, given) => {
    const { prompt, ...rest } = { ...valid, ...given };
    const inputs = prompt === undefined ? rest : { prompt, ...rest };
    expect(shown(inputs).map((failure) => failure.property)).toEqual([property]);
  });
});
