import { expect, test } from "vitest";
import { parseEndpoint, stsEndpointFor, stsEndpointVariable } from "../../../../provider/vod/endpoint";
import { endpointOf } from "../vodServer";

test.each([
  ["https://vod.intl.tencentcloudapi.com", "https://sts.intl.tencentcloudapi.com"],
  ["https://vod.tencentcloudapi.com", "https://sts.tencentcloudapi.com"],
  ["https://vod.ap-singapore.tencentcloudapi.com", "https://sts.ap-singapore.tencentcloudapi.com"],
  ["http://127.0.0.1:4711", "http://127.0.0.1:4711"],
  ["http://localhost:4711", "http://localhost:4711"],
])("STS for VOD at %s is at %s", (vod, sts) => {
  expect(stsEndpointFor(endpointOf(vod), {})).toMatchObject({ url: new URL(sts) });
});

test("STS for VOD behind a gateway is the international one, unless the environment names it", () => {
  const env = { TENCENT_AIGC_ALLOW_CUSTOM_ENDPOINT: "1" };
  const gateway = parseEndpoint("https://gateway.example.com", env);
  if (typeof gateway === "string") throw new Error(gateway);
  expect(stsEndpointFor(gateway, env)).toMatchObject({ host: "sts.intl.tencentcloudapi.com" });
  const named = { ...env, [stsEndpointVariable]: "https://sts.example.com" };
  expect(stsEndpointFor(gateway, named)).toMatchObject({ host: "sts.example.com" });
});

test("keys of an emulator never go to the real STS, nor real ones to an emulator's", () => {
  const real = { [stsEndpointVariable]: "https://sts.tencentcloudapi.com" };
  expect(stsEndpointFor(endpointOf("http://127.0.0.1:4711"), real)).toContain("must be this machine");
  const emulated = { [stsEndpointVariable]: "http://127.0.0.1:4711" };
  expect(stsEndpointFor(endpointOf("https://vod.tencentcloudapi.com"), emulated)).toContain("must be no host of this");
});
