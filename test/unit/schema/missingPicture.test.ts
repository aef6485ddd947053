import { expect, test } from "vitest";
import { validateInputs } from "../../../provider/schema/inputs";
import { missingPictureIn, missingPictureUrl } from "../../../provider/schema/missingPicture";

const options = { allowUndocumentedModel: false };
const url = missingPictureUrl("hero", "failed");
const inputs = { subAppId: 1, modelName: "GG", modelVersion: "3.0", prompt: "a red car" };

test.each(["hero", "a/b", "Ünï çödé", "it's (new)*!~", "%2F", "a::b", "x".repeat(300), ""])(
  "the address of a picture called %j is a URL that leads back to it",
  (name) => {
    const address = missingPictureUrl(name, "failed");
    expect(new URL(address).hostname).toMatch(/\.invalid$/);
    expect(missingPictureIn(address)).toEqual({ name, why: "failed" });
    expect(missingPictureIn(`like ${address}?width=100, 'quoted'`)).toEqual({ name, why: "failed" });
  },
);

test("what was made of the address is still known, though no longer of which picture", () => {
  expect(missingPictureIn(encodeURIComponent(url))).toEqual({ name: "", why: "failed" });
  expect(missingPictureIn(url.toUpperCase())).toMatchObject({ why: "failed" });
  expect(missingPictureIn(new URL(url).origin)).toEqual({ name: "", why: "failed" });
  expect(missingPictureIn("https://tencent-aigc.example/hero/failed")).toBeUndefined();
});

test.each([
  ["prompt", { prompt: `like ${url}` }],
  ["negativePrompt", { negativePrompt: url }],
  ["fileInfos[1].url", { fileInfos: [{ url: "https://example.com/a.png" }, { url }] }],
  ["fileInfos[0].text", { fileInfos: [{ url: "https://example.com/a.png", text: url }] }],
  ["keepers.from[0].url", { keepers: { from: [{ url }] } }],
  ["extInfo", { extInfo: JSON.stringify({ AdditionalParameters: JSON.stringify({ url }) }) }],
  ["additionalParameters.style", { additionalParameters: { style: url } }],
  ["sessionContext", { sessionContext: url }],
])("whatever is made from it is refused at its path, wherever the text came from: %s", (property, made) => {
  const failures = validateInputs({ ...inputs, ...made }, options);
  expect(failures.filter((failure) => failure.property === property)).toEqual([
    { property, reason: expect.stringMatching(/picture "hero", which failed.*nothing is billed/) },
  ]);
});

test("a text beside it is not shown", () => {
  const [failure] = validateInputs({ ...inputs, prompt: `hush ${url} hush` }, options);
  expect(failure?.reason).not.toContain("hush");
});
