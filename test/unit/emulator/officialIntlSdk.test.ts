import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { selfSignedCertificate } from "../vod/certificate";

const { cert, key } = selfSignedCertificate("localhost");
const subAppId = 251007502;

let folder: string;
let emulator: Emulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tencent-aigc-intl-"));
  await writeFile(join(folder, "emulator.pem"), cert);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => emulator.close());

interface Told {
  readonly endpoint?: string;
  readonly secretKey?: string;
  readonly token?: string;
  readonly profile?: { readonly signMethod?: string; readonly http?: object };
}

type Call = readonly [action: string, parameters: object];

/** What the SDK's calls gave, one after the other; each may speak of the first one's TaskId. */
async function sdk(calls: readonly Call[], told: Told = {}) {
  const { secretId, secretKey } = emulator;
  const { host } = new URL(emulator.url);
  const program = join(__dirname, "clients", "intlNode.cjs");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, JSON.stringify({ endpoint: host, secretId, secretKey, calls, ...told })],
    { env: { PATH: process.env["PATH"], NODE_EXTRA_CA_CERTS: join(folder, "emulator.pem") } },
  );
  return JSON.parse(stdout);
}

const picture: Call = [
  "CreateAigcImageTask",
  {
    SubAppId: subAppId,
    ModelName: "Kling",
    ModelVersion: "2.1",
    Prompt: "画一辆车 🚗 & a+b=100%\nnext line",
    SessionId: "intl_1",
    FileInfos: [{ Type: "Url", Url: "https://example.com/a b?x=1&y=%20" }],
    OutputConfig: { StorageMode: "Permanent", MediaName: "car", ClassId: 7 },
  },
];
const detail: Call = ["DescribeTaskDetail", { TaskId: "$TaskId", SubAppId: subAppId }];

describe("tencentcloud-sdk-nodejs-intl-en", () => {
  test("with its default profile works on an emulator that has a certificate", async () => {
    emulator = await startEmulator({ taskSeconds: 0, tlsCert: cert, tlsKey: key });
    const { port } = new URL(emulator.url);
    const seen = await sdk(
      [picture, detail, ["SearchMedia", { SubAppId: subAppId, NamePrefixes: ["car"], Limit: 5 }]],
      {
        endpoint: `localhost:${port}`,
      },
    );
    expect(seen[1]).toMatchObject({
      Status: "FINISH",
      AigcImageTask: {
        Input: { Prompt: "画一辆车 🚗 & a+b=100%\nnext line", OutputConfig: { ClassId: 7 } },
        SessionId: "intl_1",
      },
    });
    expect(seen[2].TotalCount).toBe(1);
    expect(emulator.ledger()).toMatchObject({
      billed: 1,
      billedImages: 1,
      requests: { CreateAigcImageTask: 1, DescribeTaskDetail: 1, SearchMedia: 1 },
    });
  });

  test.each([
    ["HmacSHA256", "POST"],
    ["HmacSHA256", "GET"],
    ["HmacSHA1", "POST"],
    ["HmacSHA1", "GET"],
    ["TC3-HMAC-SHA256", "POST"],
    ["TC3-HMAC-SHA256", "GET"],
  ])("signs with %s and sends by %s", async (signMethod, reqMethod) => {
    emulator = await startEmulator({ taskSeconds: 0 });
    const seen = await sdk([picture, detail], { profile: { signMethod, http: { protocol: "http://", reqMethod } } });
    expect(seen[1]).toMatchObject({
      Status: "FINISH",
      AigcImageTask: { Input: { OutputConfig: { ClassId: 7 } }, SessionId: "intl_1" },
    });
    expect(seen[1].AigcImageTask.Output.FileInfos).toHaveLength(1);
    expect(emulator.ledger()).toMatchObject({ billed: 1, billedImages: 1 });
  });

  test("carries a session token, and a wrong key and a wrong token are told apart", async () => {
    emulator = await startEmulator({ token: "session" });
    const profile = { http: { protocol: "http://" } };
    const list: Call = ["DescribeTasks", { SubAppId: subAppId, Limit: 1 }];
    expect(await sdk([list], { profile, token: "session" })).toMatchObject([{ RequestId: expect.any(String) }]);
    expect(await sdk([list], { profile, token: "stray" })).toMatchObject([{ code: "AuthFailure.TokenFailure" }]);
    expect(await sdk([list], { profile, token: "session", secretKey: "wrong" })).toMatchObject([
      { code: "AuthFailure.SignatureFailure" },
    ]);
    expect(emulator.ledger()).toMatchObject({ billed: 0, tasks: [] });
  });
});
