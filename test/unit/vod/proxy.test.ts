import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createVodClient, type VodClient } from "../../../provider/vod/client";
import { isExcepted } from "../../../provider/vod/proxy";
import { isLastingReason } from "../../../provider/vod/retry";
import { selfSignedCertificate } from "./certificate";
import { manualClock } from "./manualClock";
import { accepts, endpointOf, keys, rejection, submit, vodServer } from "./vodServer";

const host = "vod.intl.tencentcloudapi.com";
const certificate = selfSignedCertificate(host);

/** The service behind TLS, and a proxy that brings every tunnel to it. */
let service: Server;
let proxy: Server;
let tunnels: { target: string; authorization: string | undefined }[];
/** What the proxy does with a CONNECT. */
let onConnect: "tunnel" | "refuse" | "askWho" | "close" | "stall" | "late";
/** Opens the tunnels that are late. */
let release: (() => void)[];
let served: string[];
let plainRequests: number;
let client: VodClient | undefined;

beforeEach(async () => {
  served = [];
  tunnels = [];
  release = [];
  plainRequests = 0;
  onConnect = "tunnel";
  service = createTlsServer(certificate, (request, response) => {
    served.push(String(request.headers.host));
    accepts(response, request);
  });
  proxy = createServer((_, response) => {
    plainRequests++;
    response.end();
  });
  proxy.on("connect", (request, socket) => {
    tunnels.push({ target: request.url ?? "", authorization: request.headers["proxy-authorization"] });
    socket.on("error", () => {});
    if (onConnect === "refuse") {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    } else if (onConnect === "askWho") {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\n\r\n');
    } else if (onConnect === "close") {
      socket.destroy();
    } else if (onConnect !== "stall") {
      const open = () => {
        const upstream = connect((service.address() as AddressInfo).port, "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
          upstream.pipe(socket).pipe(upstream);
        });
        upstream.on("error", () => socket.destroy());
        socket.on("close", () => upstream.destroy());
      };
      if (onConnect === "late") {
        release.push(open);
      } else {
        open();
      }
    }
  });
  service.listen(0, "127.0.0.1");
  proxy.listen(0, "127.0.0.1");
  await Promise.all([once(service, "listening"), once(proxy, "listening")]);
});

afterEach(async () => {
  await client?.close();
  client = undefined;
  for (const server of [service, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});

function proxyUrl(userinfo = ""): string {
  return `http://${userinfo}127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

function clientWith(env: NodeJS.ProcessEnv, endpoint = `https://${host}`): VodClient {
  client = createVodClient({
    endpoint: endpointOf(endpoint),
    credentials: async () => keys,
    requestsPerSecond: 1000,
    env,
    clock: manualClock(Date.now()),
    certificateAuthority: certificate.cert,
    timeouts: { connectMs: 400 },
  });
  return client;
}

describe("a proxy", () => {
  test.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])(
    "is taken from %s, and sees only the tunnel's target",
    async (variable) => {
      const answer = await clientWith({ [variable]: proxyUrl() }).call("CreateAigcImageTask", submit);
      expect(answer.TaskId).toBe("task-1");
      expect(tunnels).toEqual([{ target: `${host}:443`, authorization: undefined }]);
      expect(served).toEqual([host]);
      expect(plainRequests).toBe(0);
    },
  );

  test("gets the user and password of its own URL", async () => {
    await clientWith({ https_proxy: proxyUrl("me:p%40ss@") }).call("CreateAigcImageTask", submit);
    expect(tunnels[0]?.authorization).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });

  test.each([
    ["token", "token:"],
    ["tok%65n%3A", "token::"],
    [":hunter22", ":hunter22"],
    ["me:", "me:"],
    ["m%C3%A9:p%2Fa%23%3F%25", "mé:p/a#?%"],
  ])("gets what of its URL there is of user and password, percent-decoded: %s", async (userinfo, sent) => {
    await clientWith({ HTTPS_PROXY: proxyUrl(`${userinfo}@`) }).call("CreateAigcImageTask", submit);
    expect(tunnels.map(({ authorization }) => authorization)).toEqual([
      `Basic ${Buffer.from(sent).toString("base64")}`,
    ]);
  });

  test("that wants another user or password is named, and not asked again", async () => {
    onConnect = "askWho";
    const client = clientWith({ HTTPS_PROXY: proxyUrl("me:hunter22@") });
    const error = await rejection(client.call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "NotConnectedError", reason: "HTTP 407 from the proxy", billed: "no" });
    expect(error.message).toContain("HTTPS_PROXY");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hunter22|bWU6aHVudGVyMjI/);
    expect(tunnels).toHaveLength(1);
    expect(served).toEqual([]);
  });

  test("that refuses is named by its status", async () => {
    onConnect = "refuse";
    const error = await rejection(clientWith({ HTTPS_PROXY: proxyUrl() }).call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "NotConnectedError", reason: "HTTP 403 from the proxy", billed: "no" });
  });

  test("may be given without a scheme", async () => {
    await clientWith({ https_proxy: proxyUrl().slice("http://".length) }).call("CreateAigcImageTask", submit);
    expect(tunnels).toHaveLength(1);
  });

  test("for https comes before the one for http, lower case before upper case", async () => {
    const nowhere = "http://127.0.0.1:1";
    const env = { https_proxy: proxyUrl(), HTTPS_PROXY: nowhere, http_proxy: nowhere, ALL_PROXY: nowhere };
    await clientWith(env).call("CreateAigcImageTask", submit);
    expect(tunnels).toHaveLength(1);
  });

  test.each([
    ["NO_PROXY", host],
    ["no_proxy", "tencentcloudapi.com"],
    ["NO_PROXY", "example.com, .tencentcloudapi.com"],
    ["no_proxy", `${host}:1`],
    ["NO_PROXY", "*"],
  ])("is left out where %s says %s", async (variable, value) => {
    // Port 1 of this machine stands for the service: nothing listens there.
    const local = clientWith({ HTTPS_PROXY: proxyUrl(), [variable]: value }, `https://${host}:1`);
    const error = await rejection(local.call("CreateAigcImageTask", submit));
    expect(error.name).toBe("NotConnectedError");
    expect(tunnels).toEqual([]);
  });

  test.each([["example.com"], ["cloudapi.com"], [`${host}:8443`], [""]])(
    "is used where NO_PROXY says %j",
    async (value) => {
      await clientWith({ HTTPS_PROXY: proxyUrl(), NO_PROXY: value }).call("CreateAigcImageTask", submit);
      expect(tunnels).toHaveLength(1);
    },
  );

  test("is never used for this machine", async () => {
    await using server = await vodServer(accepts);
    const env = { HTTP_PROXY: proxyUrl(), HTTPS_PROXY: proxyUrl(), ALL_PROXY: proxyUrl() };
    await server.client({ env }).call("CreateAigcImageTask", submit);
    expect(server.received).toHaveLength(1);
    expect(tunnels).toEqual([]);
    expect(plainRequests).toBe(0);
  });

  test.each(["refuse", "close", "stall"] as const)("that will %s the tunnel means nothing was sent", async (way) => {
    onConnect = way;
    const error = await rejection(
      clientWith({ HTTPS_PROXY: proxyUrl("me:hunter22@") }).call("CreateAigcImageTask", submit),
    );
    expect(error).toMatchObject({ name: "NotConnectedError", billed: "no" });
    expect(tunnels.length).toBeGreaterThan(0);
    expect(tunnels.length).toBeLessThan(20);
    expect(served).toEqual([]);
    expect(inspect(error)).not.toContain("hunter22");
  });

  test("that opens the tunnel after the call gave up gets nothing through it", async () => {
    onConnect = "late";
    const error = await rejection(clientWith({ HTTPS_PROXY: proxyUrl() }).call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "NotConnectedError", reason: "connect timeout", billed: "no" });
    const opened = once(service, "connection");
    release[0]?.();
    const [socket] = await opened;
    await once(socket, "close");
    expect(served).toEqual([]);
  });

  test("that is not there means nothing was sent", async () => {
    const error = await rejection(
      clientWith({ HTTPS_PROXY: "http://127.0.0.1:1" }).call("CreateAigcImageTask", submit),
    );
    expect(error).toMatchObject({ name: "NotConnectedError", reason: "ECONNREFUSED", billed: "no" });
  });

  test.each([
    "http://me:hunter22@[",
    "socks5://hunter22",
    "http://hunter22%zz:x@h",
    "http://me:hunter22%ff@h",
    "http://me:8/hunter22@h",
    "http://me:8#hunter22@h",
    "me:8?hunter22@h",
  ])("that is no proxy's URL is a configuration error that does not repeat it: %s", (value) => {
    let error: unknown;
    try {
      clientWith({ HTTPS_PROXY: value });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: "ConfigurationError", problems: [{ key: "HTTPS_PROXY" }] });
    expect(inspect(error)).not.toContain("hunter22");
  });
});

describe("NO_PROXY", () => {
  test.each([
    ["https://[2001:db8::1]", "2001:db8::1", true],
    ["https://[2001:db8::1]", "[2001:db8::1]", true],
    ["https://[2001:db8::1]", "[2001:DB8:0::1]:443", true],
    ["https://[2001:db8::1]:8443", "[2001:db8::1]:443", false],
    ["https://[2001:db8::1]", "2001:db8::/32", true],
    ["https://[2001:db9::1]", "2001:db8::/32", false],
    ["https://10.1.2.3", "10.0.0.0/8", true],
    ["https://11.1.2.3", "10.0.0.0/8,11.1.2.3:443", true],
    ["https://11.1.2.3", "2.3", false],
    ["https://11.1.2.3", "10.0.0.0/99 x/8 /8", false],
    ["https://a.example.com", "*.EXAMPLE.com", true],
    ["https://a.example.com", "example.com.", true],
    ["https://a.example.com", "b.a.example.com", false],
    ["https://aexample.com", ".example.com", false],
    ["https://a.example.com", ". , ,: *.", false],
  ])("of %s: %s names it: %s", (url, noProxy, named) => {
    expect(isExcepted(new URL(url), noProxy)).toBe(named);
  });

  test("that names the endpoint leaves a proxy unread that could not be used", async () => {
    const client = clientWith({ ALL_PROXY: "socks5://127.0.0.1:1", NO_PROXY: host }, `https://${host}:1`);
    expect(await rejection(client.call("CreateAigcImageTask", submit))).toMatchObject({ name: "NotConnectedError" });
  });
});

describe("a certificate", () => {
  test("that is not trusted ends the call at once, with nothing sent", async () => {
    client = createVodClient({
      endpoint: endpointOf(`https://localhost:${(service.address() as AddressInfo).port}`),
      credentials: async () => keys,
      requestsPerSecond: 1000,
      env: {},
      clock: manualClock(),
    });
    const attempts: number[] = [];
    const error = await rejection(
      client.call("CreateAigcImageTask", submit, { onAttempt: ({ number }) => attempts.push(number) }),
    );
    expect(error).toMatchObject({ name: "NotConnectedError", billed: "no" });
    expect(isLastingReason(String(error["reason"]))).toBe(true);
    expect(error.message).toContain("certificate");
    expect(attempts).toEqual([1]);
    expect(served).toEqual([]);
  });
});
