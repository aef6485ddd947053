import { describe, expect, test } from "vitest";
import { deriveGenerationId } from "../../../provider/generation/generationId";
import { canonicalKeepers } from "../../../provider/schema/keepers";
import { plainUrls, secureUrl } from "../../../provider/schema/pictureUrl";
import { canonicalRequest } from "../../../provider/schema/request";

describe("a picture's URL is given over https", () => {
  test.each([
    "251000800.vod2.myqcloud.com/a/b.png?sign=1",
    "store.vod-qcloud.com",
    "a.b.c.myqcloud.com/#x",
    "A.MyQCloud.com/a",
  ])("of %s", (rest) => {
    expect(secureUrl(`http://${rest}`)).toBe(`https://${rest}`);
    expect(secureUrl(`https://${rest}`)).toBe(`https://${rest}`);
  });

  test.each([
    "http://127.0.0.1:8080/a.png",
    "http://1.myqcloud.com:80/a.png",
    "http://myqcloud.com/a.png",
    "http://notmyqcloud.com/a.png",
    "http://1.myqcloud.com.example.com/a.png",
    "http://1.myqcloud.community/a.png",
    "http://example.com/http://1.myqcloud.com/a.png",
    "http://user@1.myqcloud.com/a.png",
    "",
  ])("but not where it may not be served: %s", (url) => {
    expect(secureUrl(url)).toBe(url);
  });
});

describe("what is made from a picture's URL is the same in either form", () => {
  const http = "http://1.vod2.myqcloud.com/a.png";
  const https = secureUrl(http);
  const base = { subAppId: 1, modelName: "GG", modelVersion: "3.0" };

  test.each<[string, (url: string) => object]>([
    ["fileInfos", (url) => ({ ...base, fileInfos: [{ url }, { fileId: "1" }] })],
    ["prompt", (url) => ({ ...base, prompt: `like ${url}, and (${url}).` })],
    ["extInfo", (url) => ({ ...base, extInfo: JSON.stringify({ image: url }) })],
    ["additionalParameters", (url) => ({ ...base, additionalParameters: { image: [{ url }] } })],
  ])("by %s, in the form it always had", (_, of) => {
    const asWritten = canonicalRequest(of(http), (text) => text);
    expect(canonicalRequest(of(http))).toEqual(asWritten);
    expect(canonicalRequest(of(https))).toEqual(asWritten);
    expect(canonicalRequest(of(https), (text) => text)).not.toEqual(asWritten);
  });

  test("by keepers", () => {
    const idOf = (url: string) => deriveGenerationId({ scope: "a", request: {}, keepers: { from: { url } } });
    expect(idOf(https)).toBe(idOf(http));
    expect(canonicalKeepers({ from: https })).toEqual({ from: http });
  });

  test("and other URLs are as they are written", () => {
    for (const url of ["https://example.com/a.png", "https://1.myqcloud.com:443/a.png", "HTTP://1.myqcloud.com/a"]) {
      expect(plainUrls(url)).toBe(url);
    }
  });
});
