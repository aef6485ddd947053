import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { authenticate } from "../../../emulator/authentication";
import { call, car, type Signing, send, signedHeaders } from "./stranger";

const account = { secretId: "AKIDEXAMPLE", secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE" };
const signedAt = 1_551_113_065_000;

/** Signatures made by the vendor's own signer for these bodies, 2019-02-25, host vod.intl.tencentcloudapi.com. */
const vectors = [
  {
    name: "plain text",
    body: '{"SubAppId":251007502,"ModelName":"GG","ModelVersion":"2.5","Prompt":"generate a car"}',
    contentType: "application/json",
    signature: "ffd66cdfb447c26a7b46c585bfde07bbdc4d172aba6d1b0fa7f3e274345945e7",
  },
  {
    name: "plain text, content type with a charset",
    body: '{"SubAppId":251007502,"ModelName":"GG","ModelVersion":"2.5","Prompt":"generate a car"}',
    contentType: "application/json; charset=utf-8",
    signature: "974887fea37ecace5cbe4d4a83006dc88f0c1e7a2c8bee362890117099606618",
  },
  {
    name: "text beyond ASCII",
    body: '{"SubAppId":251007502,"ModelName":"GG","ModelVersion":"2.5","Prompt":"画一辆红色的车 🚗"}',
    contentType: "application/json",
    signature: "45d2b99e6694f5d11c7c6d083ba6ce0c2494d367edeb432c55159c48858b71db",
  },
];

function vectorRequest({ body, contentType, signature }: (typeof vectors)[number]) {
  return {
    method: "POST",
    query: "",
    body: Buffer.from(body),
    headers: {
      host: "vod.intl.tencentcloudapi.com",
      "content-type": contentType,
      "x-tc-timestamp": "1551113065",
      authorization: `TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2019-02-25/vod/tc3_request, SignedHeaders=content-type;host, Signature=${signature}`,
    },
  };
}

describe("the vendor's signatures", () => {
  test.each(vectors)("accepts: $name", (vector) => {
    expect(() => authenticate(vectorRequest(vector), [account], [signedAt])).not.toThrow();
  });

  test.each(vectors)("refuses one changed byte: $name", (vector) => {
    const request = vectorRequest({ ...vector, body: vector.body.replace("GG", "OG") });
    expect(() => authenticate(request, [account], [signedAt])).toThrow(/signature/);
  });

  test.each([
    [-300, true],
    [-301, false],
    [300, true],
    [301, false],
  ])("a clock that is %i s off is accepted: %s", (seconds, accepted) => {
    const check = () =>
      authenticate(vectorRequest(vectors[0] as (typeof vectors)[number]), [account], [signedAt + seconds * 1000]);
    if (accepted) expect(check).not.toThrow();
    else expect(check).toThrow(/5 minutes/);
  });
});

describe("over HTTP", () => {
  let emulator: Emulator;
  let withToken: Emulator;
  beforeAll(async () => {
    const limits = { concurrency: 100, submitsPerSecond: 1000 };
    emulator = await startEmulator(limits);
    withToken = await startEmulator({ ...limits, token: "emulator-session" });
  });
  afterAll(async () => {
    await emulator.close();
    await withToken.close();
  });

  const now = () => Math.floor(Date.now() / 1000);

  const accepted: [string, () => Signing][] = [
    ["host without its port, as the official SDKs sign it", () => ({ host: "127.0.0.1" })],
    ["host with its port", () => ({})],
    ["the first label of the address as the service, as the official Node SDK does", () => ({ service: "127" })],
    [
      "more signed headers than the usual two",
      () => ({ signedHeaders: ["content-type", "host", "x-tc-action", "x-tc-timestamp"] }),
    ],
    ["a content type with a charset", () => ({ contentType: "application/json; charset=utf-8" })],
    ["a payload that is declared unsigned", () => ({ headers: { "x-tc-content-sha256": "UNSIGNED-PAYLOAD" } })],
    ["four minutes late", () => ({ timestamp: now() - 240 })],
  ];
  test.each(accepted)("accepts %s", async (_, signing) => {
    const { response } = await call(emulator, "CreateAigcImageTask", car(), signing());
    expect(response.Error).toBeUndefined();
    expect(response.TaskId).toMatch(/^251007502-AigcImageTask-[0-9a-f]{32}t$/);
  });

  test("accepts each key of the account, with the token that is its own, and no other", async () => {
    const keys = [
      { secretId: "second", secretKey: "second-key" },
      { secretId: "third", secretKey: "third-key", token: "third-token" },
    ];
    const several = await startEmulator({ keys });
    onTestFinished(() => several.close());
    const code = async (signing: Signing) => (await call(several, "SearchMedia", {}, signing)).response.Error?.Code;
    expect(await code({})).toBeUndefined();
    expect(await code({ secretId: "second", secretKey: "second-key" })).toBeUndefined();
    expect(await code({ secretId: "third", secretKey: "third-key", token: "third-token" })).toBeUndefined();
    expect(await code({ secretId: "third", secretKey: "third-key" })).toBe("AuthFailure.TokenFailure");
    expect(await code({ secretId: "second", secretKey: "third-key" })).toBe("AuthFailure.SignatureFailure");
    expect(await code({ secretId: "fourth", secretKey: "fourth-key" })).toBe("AuthFailure.SecretIdNotFound");
  });

  test("accepts JSON as Python writes it: other blanks, escaped characters", async () => {
    const body =
      '{"SubAppId": 251007502, "ModelName": "GG", "ModelVersion": "2.5", "Prompt": "\\u753b\\u4e00\\u8f86 \\ud83d\\ude97"}';
    const { response } = await call(emulator, "CreateAigcImageTask", body);
    const detail = await call(emulator, "DescribeTaskDetail", { TaskId: response.TaskId });
    expect(detail.response.AigcImageTask.Input.Prompt).toBe("画一辆 🚗");
  });

  const refused: [string, () => Signing, string][] = [
    ["an unknown id", () => ({ secretId: "someone-else" }), "AuthFailure.SecretIdNotFound"],
    ["a wrong secret", () => ({ secretKey: "wrong" }), "AuthFailure.SignatureFailure"],
    ["another service's scope", () => ({ service: "cvm" }), "AuthFailure.SignatureFailure"],
    ["another host's signature", () => ({ host: "vod.tencentcloudapi.com" }), "AuthFailure.SignatureFailure"],
    ["a clock ten minutes ahead", () => ({ timestamp: now() + 600 }), "AuthFailure.SignatureExpire"],
    ["a clock ten minutes behind", () => ({ timestamp: now() - 600 }), "AuthFailure.SignatureExpire"],
    ["a list without host", () => ({ signedHeaders: ["content-type"] }), "AuthFailure.InvalidAuthorization"],
    ["a list without content-type", () => ({ signedHeaders: ["host"] }), "AuthFailure.InvalidAuthorization"],
    ["a token that belongs to no key", () => ({ token: "stray" }), "AuthFailure.TokenFailure"],
  ];
  test.each(refused)("refuses %s", async (_, signing, code) => {
    const before = emulator.ledger().tasks.length;
    const { status, response } = await call(emulator, "CreateAigcImageTask", car(), signing());
    expect(status).toBe(200);
    expect(response.Error.Code).toBe(code);
    expect(response.RequestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(emulator.ledger().tasks).toHaveLength(before);
  });

  test("refuses a request that is not signed, or otherwise than with TC3", async () => {
    const headers = signedHeaders(emulator, "DescribeTasks", "{}");
    for (const authorization of ["", "Bearer abc", "TC3-HMAC-SHA256 Credential=a", "SKIP"]) {
      const { response } = await send(emulator.url, "POST", { ...headers, authorization }, "{}");
      expect(response.Error.Code).toBe("AuthFailure.InvalidAuthorization");
    }
  });

  test.each([
    ["the right token", "emulator-session", undefined],
    ["a wrong token", "other", "AuthFailure.TokenFailure"],
    ["no token", undefined, "AuthFailure.TokenFailure"],
  ])("with a session: %s", async (_, token, code) => {
    const { response } = await call(withToken, "DescribeTasks", {}, token === undefined ? {} : { token });
    expect(response.Error?.Code).toBe(code);
  });

  test("judges signatures by real time, whatever its own clock says", async () => {
    const aged = await startEmulator();
    aged.advance(30 * 86_400);
    const { response, headers } = await call(aged, "DescribeTasks", {});
    expect(response.Error).toBeUndefined();
    const shown = Date.parse(String(headers["date"]));
    expect(shown - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    await aged.close();
  });
});
