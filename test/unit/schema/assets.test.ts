import { describe, expect, test } from "vitest";
import { archiveSignature, assetSignature, signatureKey } from "../../../engine/values";
import { assetReason, filePath, isPicture } from "../../../provider/schema/assets";
import { validateInputs, validateRequest } from "../../../provider/schema/inputs";
import { canonicalRequest, digestBase64, toWire } from "../../../provider/schema/request";
import { UNKNOWN } from "../../../provider/schema/unknown";
import { failingProperties, failures, reasonAt, valid } from "./samples";

const asset = (value: object) => ({ [signatureKey]: assetSignature, hash: "a1", ...value });
const file = asset({ path: "style.png" });
const digest = digestBase64("aGVsbG8=");

describe("an asset that can be a reference image", () => {
  test("is a FileAsset", () => {
    expect(filePath(file)).toBe("style.png");
    expect(assetReason(file)).toBeUndefined();
    expect(failures({ ...valid, fileInfos: [{ asset: file }] })).toEqual([]);
    expect(failures({ ...valid, fileInfos: [{ asset: file, type: "Base64", text: "a style" }] })).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["a StringAsset", asset({ text: "a" })],
    ["a RemoteAsset", asset({ uri: "https://example.com/a.png" })],
    ["an archive", { [signatureKey]: archiveSignature, path: "a.zip" }],
    ["an asset of nothing", asset({})],
    ["a map", { path: "a.png" }],
    ["a text", "a.png"],
    ["a number", 1],
    ["a list", ["a.png"]],
  ])("is not %s", (_, value) => {
    expect(filePath(value)).toBeUndefined();
    expect(failingProperties({ ...valid, fileInfos: [{ url: "https://a.com" }, { asset: value }] })).toEqual([
      "fileInfos[1].asset",
    ]);
  });

  test("may not be known yet", () => {
    expect(failures({ ...valid, fileInfos: [{ asset: UNKNOWN }] })).toEqual([]);
    expect(canonicalRequest({ fileInfos: [{ asset: UNKNOWN }] })).toMatchObject({
      fileInfos: [{ base64: UNKNOWN, type: "Base64" }],
    });
  });

  test("is no field of a request", () => {
    const request = { subAppId: 1, ...valid, fileInfos: [{ asset: file }] };
    const found = validateRequest(request, { allowUndocumentedModel: false }).map(({ property }) => property);
    expect(found).toContain("fileInfos[0].asset");
  });
});

test("a digest is no Base64, except beside an asset", () => {
  expect(reasonAt("fileInfos[0].base64", { ...valid, fileInfos: [{ base64: digest }] })).toMatch(/must be Base64 text/);
  expect(failures({ ...valid, fileInfos: [{ asset: file, base64: digest }] })).toEqual([]);
  expect(failingProperties({ ...valid, fileInfos: [{ asset: file, base64: "aGVsbG8=" }] })).toEqual(["fileInfos[0]"]);
});

test("neither an asset nor its digest is sent", () => {
  const inputs = { subAppId: 1, ...valid, fileInfos: [{ asset: file, base64: digest, text: "a style" }] };
  expect(toWire(inputs).FileInfos).toEqual([{ Type: "Base64", Text: "a style" }]);
});

test("an asset is the same request as its bytes in Base64, whatever its path and hash", () => {
  const one = canonicalRequest({ fileInfos: [{ asset: file, base64: digest }] });
  expect(one).toEqual(canonicalRequest({ fileInfos: [{ base64: "aGVsbG8=" }] }));
  expect(one).toEqual(
    canonicalRequest({ fileInfos: [{ asset: asset({ path: "b.png", hash: "b2" }), base64: digest }] }),
  );
  const others = [{ asset: file }, { asset: asset({ path: "style.png", hash: "b2" }) }].map((item) =>
    JSON.stringify(canonicalRequest({ fileInfos: [item] })),
  );
  expect(new Set(others).size).toBe(2);
});

describe("7 MB in all and 10 MB a request", () => {
  const megabyte = 1024 * 1024;
  const judged = (sizes: readonly number[], prompt = "a red car") => {
    const bytesOf = (value: unknown) => Number((value as { bytes?: number } | undefined)?.bytes ?? 0);
    const fileInfos = sizes.map((bytes) => ({ asset: { ...file, bytes } }));
    const inputs = { ...valid, prompt, fileInfos };
    return validateInputs(inputs, { allowUndocumentedModel: false, bytesOf }).map(({ property }) => property);
  };

  test("are allowed", () => {
    expect(judged([3 * megabyte, 4 * megabyte])).toEqual([]);
  });

  test("a byte more is refused", () => {
    expect(judged([3 * megabyte, 4 * megabyte + 1])).toEqual(["fileInfos"]);
  });

  test("a text that makes the request larger is refused", () => {
    expect(judged([7 * megabyte], "é".repeat(500_000))).toEqual([""]);
    expect(judged([], "é".repeat(500_000))).toEqual([]);
  });
});

describe("a picture by its first bytes", () => {
  const bytes = (...parts: (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from([part]))));

  test.each([
    ["jpeg", bytes("\xff\xd8\xff\xe0", "JFIF")],
    ["png", bytes("\x89PNG\r\n\x1a\n", "rest")],
    ["webp", bytes("RIFF", "\x01\x02\x03\x04", "WEBPVP8 ")],
  ])("%s is one", (_, content) => {
    expect(isPicture(content)).toBe(true);
  });

  test.each([
    ["gif", bytes("GIF89a")],
    ["svg", bytes("<svg xmlns='http://www.w3.org/2000/svg'/>")],
    ["heic", bytes("\0\0\0\x18ftypheic")],
    ["wav", bytes("RIFF", "\x01\x02\x03\x04", "WAVEfmt ")],
    ["a png that was read as text", Buffer.from("\ufffdPNG\r\n\x1a\n")],
    ["a png that is cut short", bytes("\x89PNG")],
    ["nothing", Buffer.alloc(0)],
  ])("%s is none", (_, content) => {
    expect(isPicture(content)).toBe(false);
  });
});
