import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { archiveSignature, assetSignature, signatureKey } from "../../../engine/values";
import { inputEffects, validateInputs, validateRequest } from "../../../provider/schema/inputs";
import { canonicalRequest, fromWire, type ImageRequest, toWire } from "../../../provider/schema/request";
import { UNKNOWN } from "../../../provider/schema/unknown";

const options = { allowUndocumentedModel: false };
const topLevelNames = [...new Set(Object.keys(inputEffects).map((path) => path.split(".")[0] as string))];
const hostileNames = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length", ""];

/** Any JSON, with the names that inputs have, names that objects have, and unknowns. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        false,
        UNKNOWN,
        "GG",
        "3.0",
        "Kling",
        "scene",
        "Hunyuan",
        "data:",
        assetSignature,
        archiveSignature,
        "728x1024",
      ),
      fc.string(),
      fc.double(),
      fc.integer(),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom(
              ...topLevelNames,
              ...hostileNames,
              "resolution",
              "url",
              "base64",
              "size",
              "type",
              "fileId",
              "asset",
              signatureKey,
            ),
            fc.string(),
          ),
          tie("value"),
        ),
        { maxLength: 5 },
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const inputsLike = fc
  .tuple(
    fc.constantFrom({}, { modelName: "Hunyuan", modelVersion: "3.0" }, { modelName: "Kling", modelVersion: "scene" }),
    json,
  )
  .map(([model, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value, ...model } : value,
  );

function stringified(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}

describe("any JSON", () => {
  test("is judged without an exception, the same way twice, and left as it was", () => {
    fc.assert(
      fc.property(inputsLike, (raw) => {
        const before = stringified(raw);
        const first = validateInputs(raw, options);
        expect(validateInputs(raw, options)).toEqual(first);
        expect(stringified(raw)).toBe(before);
        expect(() => canonicalRequest(Object(raw))).not.toThrow();
        for (const failure of [...first, ...validateRequest(fromWire(raw), options)]) {
          expect(typeof failure.property).toBe("string");
          expect(failure.reason).not.toBe("");
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("each input of its own is judged without an exception", () => {
    fc.assert(
      fc.property(fc.constantFrom(...topLevelNames), json, (name, value) => {
        expect(
          Array.isArray(validateInputs({ modelName: "SI", modelVersion: "4.0", prompt: "a", [name]: value }, options)),
        ).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test("of any depth is judged without an exception", () => {
    for (const name of topLevelNames) {
      for (const open of ['{"a":', "["]) {
        const depth = 50_000;
        const close = open === "[" ? "]" : "}";
        const value: unknown = JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`);
        expect(() => validateInputs({ modelName: "GG", modelVersion: "3.0", [name]: value }, options)).not.toThrow();
        expect(() => validateRequest(fromWire({ [name]: value }), options)).not.toThrow();
        expect(() => JSON.stringify(canonicalRequest({ [name]: value }))).not.toThrow();
      }
    }
    const extInfo = JSON.stringify({ AdditionalParameters: `${"[".repeat(100_000)}` });
    expect(() => validateInputs({ modelName: "GG", modelVersion: "3.0", extInfo }, options)).not.toThrow();
  });

  test("an object whose own names are those of every object is judged without an exception", () => {
    const names = '"toString":1,"valueOf":2,"constructor":3,"hasOwnProperty":4,"__proto__":5';
    const hostile = JSON.parse(`{${names},"length":{${names}}}`);
    for (const name of topLevelNames) {
      expect(() => validateInputs({ modelName: "SI", modelVersion: "4.0", [name]: hostile }, options)).not.toThrow();
    }
    const nested = { size: hostile, sequential_image_generation: hostile };
    expect(() =>
      validateInputs({ modelName: "SI", modelVersion: "4.0", additionalParameters: nested }, options),
    ).not.toThrow();
  });
});

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const toggle = fc.constantFrom("Enabled", "Disabled");
const freeForm = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });

const fileInfo = fc.tuple(
  fc.oneof(
    fc.record({ fileId: fc.string({ minLength: 1 }) }),
    fc.webUrl().map((url) => ({ url })),
    fc.base64String({ minLength: 4 }).map((base64) => ({ base64 })),
  ),
  fc.record({ text: fc.string(), referenceType: fc.constant("mask") }, { requiredKeys: [] }),
);

const imageRequest = fc
  .record({
    subAppId: fc.integer({ min: 1 }),
    modelName: fc.string({ minLength: 1 }),
    modelVersion: fc.string({ minLength: 1 }),
    prompt: fc.string({ minLength: 1 }).filter((prompt) => prompt.trim() !== ""),
    negativePrompt: optional(fc.string()),
    enhancePrompt: optional(toggle),
    fileInfos: optional(
      fc.array(
        fileInfo.map(([source, more]) => ({ ...source, ...more })),
        { maxLength: 3 },
      ),
    ),
    outputConfig: optional(
      fc.record(
        {
          storageMode: fc.constantFrom("Permanent", "Temporary"),
          resolution: fc.string({ minLength: 1 }),
          aspectRatio: fc.string({ minLength: 1 }),
          outputImageCount: fc.integer({ min: 1, max: 9 }),
          mediaName: fc.string({ maxLength: 64 }),
          classId: fc.nat(),
          logoAdd: toggle,
        },
        { requiredKeys: [] },
      ),
    ),
    seed: optional(fc.maxSafeInteger()),
    sessionId: optional(fc.string({ minLength: 1, maxLength: 50 })),
    tasksPriority: optional(fc.integer({ min: -10, max: 10 })),
  })
  .chain((request) =>
    fc.oneof(
      fc.constant(request),
      fc.string().map((extInfo) => ({ ...request, extInfo })),
      freeForm.map((additionalParameters) => ({ ...request, additionalParameters })),
    ),
  ) as fc.Arbitrary<ImageRequest>;

/** The same content with every object's keys in another order, and with absent values spelt out. */
function respelt(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(respelt);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, respelt(inner)]);
  return Object.fromEntries([["zzNotGiven", undefined], ...entries.reverse(), ["aaNotGiven", null]]);
}

describe("any request", () => {
  test("has one canonical form, whatever the order of keys and whether absent values are written", () => {
    fc.assert(
      fc.property(imageRequest, (request) => {
        expect(stringified(canonicalRequest(respelt(request) as object))).toBe(stringified(canonicalRequest(request)));
      }),
    );
  });

  test("that is sent and read again is the same request, and valid again", () => {
    fc.assert(
      fc.property(imageRequest, (request) => {
        const sent = toWire(request);
        expect(stringified(sent)).toBe(stringified(JSON.parse(stringified(sent))));
        const read = fromWire(sent) as ImageRequest;
        expect(canonicalRequest(read)).toEqual(canonicalRequest(request));
        expect(toWire(read)).toEqual(sent);
        expect(canonicalRequest(canonicalRequest(request))).toEqual(canonicalRequest(request));
        const any = { allowUndocumentedModel: true };
        expect(validateRequest(read, any)).toEqual([]);
        expect(validateInputs(request, any)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("is another one when its prompt is", () => {
    fc.assert(
      fc.property(imageRequest, fc.string({ minLength: 1 }), (request, prompt) => {
        fc.pre(prompt !== request.prompt);
        expect(canonicalRequest({ ...request, prompt })).not.toEqual(canonicalRequest(request));
      }),
    );
  });
});
