import { expect, test } from "vitest";
import { ignoringInputs } from "../../provider/ignoredChanges";
import { inputsThat } from "../../provider/schema/effects";

test("`*` is every input of a program, and nothing that this package adds", () => {
  const { ignoreChanges = [], ...rest } = ignoringInputs({ ignoreChanges: ["*", "tags[0]"], protect: true }) ?? {};
  expect(rest).toEqual({ protect: true });
  expect(ignoreChanges).toEqual(expect.arrayContaining(["tags[0]", "prompt", "outputConfig", "keepers", "fileInfos"]));
  for (const own of ["*", "isPreview", ...inputsThat("hidden")]) expect(ignoreChanges).not.toContain(own);
  expect(new Set(ignoreChanges).size).toBe(ignoreChanges.length);
});

test("without `*` the options stay as they are", () => {
  for (const options of [undefined, {}, { ignoreChanges: [] }, { ignoreChanges: ["prompt", "outputConfig.*"] }]) {
    expect(ignoringInputs(options)).toBe(options);
  }
});
