import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import {
  AnswerLostError,
  ApiError,
  ConfigurationError,
  DuplicateSessionError,
  TencentAigcError,
} from "../../../provider/vod/errors";
import { scrub } from "../../../provider/vod/scrub";

const facts = { billed: "no", nextStep: "Do that." } as const;

describe("errors", () => {
  test("end their message with the next step", () => {
    const error = new AnswerLostError("It happened.", { ...facts, action: "DescribeTasks", reason: "ECONNRESET" });
    expect(error.message).toBe("It happened. Do that.");
    expect({ ...error }).toEqual({ ...facts, action: "DescribeTasks", reason: "ECONNRESET" });
    expect(error.name).toBe("AnswerLostError");
    expect(inspect(error)).toContain("AnswerLostError: It happened. Do that.");
  });

  test("have no property for what is not known", () => {
    expect(Object.keys(new ApiError("x", { ...facts, code: undefined }))).toEqual(["billed", "nextStep"]);
  });

  test("know their classes", () => {
    const error = new DuplicateSessionError("x", facts);
    expect(DuplicateSessionError.isInstance(error)).toBe(true);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(TencentAigcError.isInstance(error)).toBe(true);
    expect(AnswerLostError.isInstance(error)).toBe(false);
    expect(DuplicateSessionError.isInstance(new ApiError("x", facts))).toBe(false);
  });

  test.each([undefined, null, "text", 1, {}, new Error("x"), Object.create(null)])("do not claim %j", (value) => {
    expect(TencentAigcError.isInstance(value)).toBe(false);
  });

  test("are known across two loaded copies of the package", async () => {
    vi.resetModules();
    const copy = await import("../../../provider/vod/errors.js");
    const error = new copy.DuplicateSessionError("x", facts);
    expect(error).not.toBeInstanceOf(TencentAigcError);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(ConfigurationError.isInstance(error)).toBe(false);
  });

  test("name each setting with its rule, then how to fix it", () => {
    const error = new ConfigurationError([
      { key: "a", rule: "must be b", fix: "Set a." },
      { key: "c", rule: "must be d", fix: "Set a." },
    ]);
    expect(error.message).toBe("a must be b. c must be d. Nothing was sent. Set a.");
  });
});

describe("the service's own words", () => {
  const request = {
    SubAppId: 251007502,
    ModelName: "GG",
    Prompt: "a red car in the old\nharbour, painted by moonlight",
    FileInfos: [{ Url: "https://example.com/private/picture.png?sign=abcd" }],
    ExtInfo: JSON.stringify({ AdditionalParameters: JSON.stringify({ size: "728x1024", note: "whisper" }) }),
    NegativePrompt: "画一辆红色的车",
  };

  test("are kept where they hold nothing that was sent", () => {
    expect(scrub("The value of parameter `SubAppId` 251007502 is wrong.", request, [])).toBe(
      "The value of parameter `SubAppId` 251007502 is wrong.",
    );
  });

  test.each([
    ["verbatim", "bad: a red car in the old\nharbour, painted by moonlight", /harbour|moonlight|red car/],
    ["on one line", "bad: a red car in the old harbour, painted by moonlight", /harbour|moonlight|red car/],
    ["in another case", "bad: A RED CAR IN THE OLD HARBOUR, PAINTED BY MOONLIGHT!", /harbour|moonlight/i],
    ["cut short", "bad: ...old harbour, paint...", /harbour/],
    ["escaped as JSON", 'bad: {"Prompt":"a red car in the old\\nharbour, painted by moonlight"}', /harbour|moonlight/],
    ["escaped as a URL", "bad: a%20red%20car%20in%20the%20old%0Aharbour", /harbour|red.*car/],
    ["as an address", "cannot fetch https://example.com/private/picture.png?sign=abcd", /private|abcd/],
    ["as part of an address", "cannot fetch /private/picture.png", /private/],
    ["from within ExtInfo", "unknown note whisper", /whisper/],
    ["beyond ASCII", "敏感词: 一辆红色", /一辆红色/],
    ["beyond ASCII, escaped", "x: \\u4e00\\u8f86\\u7ea2\\u8272", /一辆红色|u7ea2/],
  ])("lose what the request held, %s", (_, message, secret) => {
    const words = scrub(message, request, []);
    expect(words).not.toMatch(secret);
    expect(words).toContain("…");
  });

  test("lose credentials, whole or in part, and any long word", () => {
    const key = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE";
    expect(scrub(`key ${key}`, {}, [key])).toBe("key …");
    expect(scrub(`key ${key.slice(4, 20)}`, {}, [key])).toBe("key …");
    expect(scrub(`signature ${"0a".repeat(32)} is wrong`, {}, [])).toBe("signature … is wrong");
  });

  test("are one short line of printable text", () => {
    const words = scrub(`line\r\none\u001b[31m\u0000 ${"word ".repeat(500)}`, {}, []);
    expect(words).toMatch(/^line one \[31m word/);
    expect(words.length).toBeLessThanOrEqual(241);
  });

  test("cost no noticeable time beside a large request", () => {
    const large = { FileInfos: [{ Base64: "QUJD".repeat(1_800_000) }] };
    const started = performance.now();
    scrub("word ".repeat(10_000), large, []);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
