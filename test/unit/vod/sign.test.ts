import { createHash } from "node:crypto";
import fc from "fast-check";
import Sign from "tencentcloud-sdk-nodejs-common/tencentcloud/common/sign";
import { describe, expect, test } from "vitest";
import { authorization, canonicalRequest, signingKey } from "../../../provider/vod/sign";

const credentials = { secretId: "AKIDEXAMPLE", secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE" };
const timestamp = 1551113065;
const hostname = "vod.intl.tencentcloudapi.com";
const withCharset = "application/json; charset=utf-8";
const bodyA = '{"SubAppId":251007502,"ModelName":"GG","ModelVersion":"2.5","Prompt":"generate a car"}';
const bodyB = '{"SubAppId":251007502,"ModelName":"GG","ModelVersion":"2.5","Prompt":"画一辆红色的车 🚗"}';
const bodyBHex =
  "7b225375624170704964223a3235313030373530322c224d6f64656c4e616d65223a224747222c224d6f64656c56657273696f6e223a22322e35222c2250726f6d7074223a22e794bbe4b880e8be86e7baa2e889b2e79a84e8bda620f09f9a97227d";

const vectors = [
  {
    name: "A",
    body: bodyA,
    bytes: 86,
    bodyHash: "07f90bb2423edd771d262b992cd2ab22704685664c1216b193e05a672a26ce83",
    canonicalHash: "aa2fe8ff36533ecd8de23a42736f4bb5934aaba41b893cf846ee4165b58a871c",
    signature: "ffd66cdfb447c26a7b46c585bfde07bbdc4d172aba6d1b0fa7f3e274345945e7",
    charset: {
      canonicalHash: "65c7da023168a6e3eef2e7a0597fa83e461fe0f9967415f071b1f0f83c64ec0e",
      signature: "974887fea37ecace5cbe4d4a83006dc88f0c1e7a2c8bee362890117099606618",
    },
  },
  {
    name: "B, beyond ASCII",
    body: bodyB,
    bytes: 98,
    bodyHash: "c7655f9f0b4dbec533c95d488f609562ccbf3562ab478ee893920d04b75a998a",
    canonicalHash: "236a1388d62eb0ed08adb6bf384cf33756dc6e847e0eca3bc8a433c42b3a3749",
    signature: "45d2b99e6694f5d11c7c6d083ba6ce0c2494d367edeb432c55159c48858b71db",
    charset: {
      canonicalHash: "fd273f852fbbef6d46406f2799e95cceb376f86038ad30c6f00c0f584ddcabc2",
      signature: "9300aaca946409f7b5ec6b8365d924d1955e7a016597e0b00be4fe8814d23ab1",
    },
  },
];

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function header(signature: string): string {
  return `TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2019-02-25/vod/tc3_request, SignedHeaders=content-type;host, Signature=${signature}`;
}

describe("signatures", () => {
  test.each(vectors)(
    "match the official signer's vector $name",
    ({ body, bytes, bodyHash, canonicalHash, signature }) => {
      const request = { hostname, body, timestamp };
      expect(Buffer.byteLength(body)).toBe(bytes);
      expect(sha256(body)).toBe(bodyHash);
      expect(sha256(canonicalRequest(request))).toBe(canonicalHash);
      expect(authorization(credentials, request)).toBe(header(signature));
      expect(authorization(credentials, { ...request, body: Buffer.from(body) })).toBe(header(signature));
    },
  );

  test.each(vectors)("sign the content type that is sent: vector $name with a charset", ({ body, charset }) => {
    const request = { hostname, body, timestamp, contentType: withCharset };
    expect(sha256(canonicalRequest(request))).toBe(charset.canonicalHash);
    expect(authorization(credentials, request)).toBe(header(charset.signature));
  });

  test("sign exactly content type and host, in the canonical order", () => {
    expect(canonicalRequest({ hostname, body: bodyA, timestamp }).split("\n")).toEqual([
      "POST",
      "/",
      "",
      "content-type:application/json",
      "host:vod.intl.tencentcloudapi.com",
      "",
      "content-type;host",
      "07f90bb2423edd771d262b992cd2ab22704685664c1216b193e05a672a26ce83",
    ]);
  });

  test("derive the key step by step", () => {
    const { kDate, kService, kSigning } = signingKey(credentials.secretKey, "2019-02-25", "vod");
    expect(kDate.toString("hex")).toBe("d1308c81fe71cfd4e06437bbc067b2b8a3d2d8c0e375d547f15c41d5214b395a");
    expect(kService.toString("hex")).toBe("83d5967d5843c7ab6e6d02c373eeb0d994cd6c326b58d793d35c74a72ea36f2c");
    expect(kSigning.toString("hex")).toBe("55df1e76d74c83e6772422ba8182c39df3a6190d6a47c228983ad044fc4c3a43");
  });

  test("leave text beyond ASCII as it is: escaped, it is another body with another signature", () => {
    expect(Buffer.from(bodyB).toString("hex")).toBe(bodyBHex);
    const escaped = JSON.stringify(JSON.parse(bodyB))
      .replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .replace(/":/g, '": ')
      .replace(/,"/g, ', "');
    expect(sha256(escaped)).toBe("29500b411af0986cd3b33162ce14ccc0d85407de71ac3ab8931c18e8b3fa5f0a");
    expect(authorization(credentials, { hostname, body: escaped, timestamp })).not.toBe(
      authorization(credentials, { hostname, body: bodyB, timestamp }),
    );
  });

  test("are those of the official signer for any body, key, host and time", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]{1,40}$/);
    const text = fc.string({ unit: "binary", maxLength: 60 });
    const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text, { maxLength: 3 }));
    const body = fc.dictionary(fc.stringMatching(/^[A-Z][A-Za-z]{0,12}$/), value, { minKeys: 1, maxKeys: 6 });
    const time = fc.integer({ min: 0, max: 4_102_444_800 });
    const host = fc.constantFrom("vod.intl.tencentcloudapi.com", "vod.tencentcloudapi.com", "127.0.0.1");
    fc.assert(
      fc.property(body, word, word, host, time, (payload, secretId, secretKey, name, at) => {
        const official = Sign.sign3({
          method: "POST",
          url: `https://${name}:8443/`,
          // As bytes: the official client escapes some invisible characters that JSON.stringify leaves as they are.
          payload: Buffer.from(JSON.stringify(payload)),
          timestamp: at,
          service: "vod",
          secretId,
          secretKey,
          multipart: false,
          boundary: "",
          headers: { "Content-Type": "application/json" },
        });
        const ours = { hostname: name, body: JSON.stringify(payload), timestamp: at };
        expect(authorization({ secretId, secretKey }, ours)).toBe(official);
      }),
      { numRuns: 300 },
    );
  });
});
