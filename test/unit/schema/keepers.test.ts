import { describe, expect, test } from "vitest";
import { deriveGenerationId } from "../../../provider/generation/generationId";
import { canonicalKeepers, storedKeepers } from "../../../provider/schema/keepers";
import { UNKNOWN } from "../../../provider/schema/unknown";
import { failures, reasonAt, valid } from "./samples";

const signature = "4dabf18193072939515e22adb298388d";
const assetKind = "c44067f5952c0a294b673a41bacd8c17";
const archiveKind = "0def7320c3a5731c473e5ecbe6d01bc7";

describe("values that JSON cannot carry are refused at their path", () => {
  test.each<[string, object, string]>([
    ["NaN", { v: Number.NaN }, "keepers.v"],
    ["infinity", { v: Number.POSITIVE_INFINITY }, "keepers.v"],
    ["minus infinity", { v: Number.NEGATIVE_INFINITY }, "keepers.v"],
    ["NaN in a list", { rounds: [1, Number.NaN] }, "keepers.rounds[1]"],
    ["half a surrogate pair", { v: "a\ud800b" }, "keepers.v"],
    ["half a surrogate pair, deep", { a: { b: ["\udc00"] } }, "keepers.a.b[0]"],
  ])("%s among keepers", (_, keepers, path) => {
    expect(failures({ ...valid, keepers }).map(({ property }) => property)).toEqual([path]);
    expect(reasonAt(path, { ...valid, keepers })).toMatch(/JSON/);
  });

  test("half a surrogate pair as the name of one", () => {
    expect(failures({ ...valid, keepers: { "\ud800": 1 } }).map(({ property }) => property)).toEqual(["keepers"]);
  });

  test("NaN among the additional parameters of a model that the table does not list", () => {
    const additionalParameters = { deep: { strength: Number.NaN } };
    expect(failures({ ...valid, additionalParameters }, true).map(({ property }) => property)).toEqual([
      "additionalParameters.deep.strength",
    ]);
  });

  test("what JSON can carry is taken: null, nothing, whole pairs, unknowns", () => {
    const keepers = { a: null, b: undefined, c: "🎉", d: [0, -0, 1e300], e: UNKNOWN, f: {} };
    expect(failures({ ...valid, keepers })).toEqual([]);
  });

  test("nesting without end is one failure", () => {
    let keepers: object = { v: Number.NaN };
    for (let level = 0; level < 10_000; level++) keepers = { keepers };
    expect(failures({ ...valid, keepers })).toHaveLength(1);
  });
});

describe("an asset among keepers", () => {
  const asset = (changes: object = {}) => ({ [signature]: assetKind, hash: "a1", ...changes });
  const idOf = (keepers: object) => deriveGenerationId({ scope: "catalogue", request: {}, keepers });

  test("counts by its kind and hash, whatever its path and whatever is told of it", () => {
    const forms = [asset(), asset({ path: "/a/logo.txt" }), asset({ path: "/b/logo.txt" }), asset({ text: "a logo" })];
    expect(new Set(forms.map((logo) => idOf({ logo }))).size).toBe(1);
    expect(new Set(forms.map((logo) => idOf({ list: [{ logo }] }))).size).toBe(1);
  });

  test("is another one by another hash, or as an archive", () => {
    const kinds = [asset(), asset({ hash: "b2" }), asset({ [signature]: archiveKind })];
    expect(new Set(kinds.map((logo) => idOf({ logo }))).size).toBe(3);
  });

  test("is compared by what is stored of it, which is neither its path nor its text", () => {
    const keepers = { logo: asset({ path: "/a/logo.txt", text: "a logo" }), round: 1 };
    const stored = storedKeepers(keepers);
    expect(JSON.stringify(stored)).not.toMatch(/logo\.txt|a logo/);
    expect(JSON.stringify(stored)).not.toContain(signature);
    expect(canonicalKeepers(stored)).toEqual(canonicalKeepers(keepers));
    expect(storedKeepers(stored)).toEqual(stored);
  });

  test("without a hash counts by all that is known of it", () => {
    const { hash: _, ...unhashed } = asset({ path: "/a" });
    expect(idOf({ logo: unhashed })).not.toBe(idOf({ logo: { ...unhashed, path: "/b" } }));
  });

  test("plain keepers are as they were", () => {
    expect(canonicalKeepers({ b: [1, null], a: { hash: "x" }, c: null })).toEqual({ a: { hash: "x" }, b: [1, null] });
    expect(canonicalKeepers(undefined)).toEqual({});
  });
});
