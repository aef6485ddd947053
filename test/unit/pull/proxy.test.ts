import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { selfSignedCertificate } from "../vod/certificate";
import { body, listen, newFolder, serve, stackOf } from "./support";

const bin = join(__dirname, "..", "..", "..", "dist", "command", "bin.js");
/** A name that nobody but the proxy knows. */
const host = "pictures.test";

/** Runs the command in a process whose environment is this. */
async function pull(stack: string, env: NodeJS.ProcessEnv) {
  const folder = await newFolder();
  const out = join(folder, "out");
  await writeFile(join(folder, "stack.json"), stack);
  const args = [bin, "pull", join(folder, "stack.json"), "--out", out];
  const ran = await promisify(execFile)(process.execPath, args, { env: { PATH: process.env["PATH"], ...env } }).then(
    ({ stderr }) => ({ status: 0, told: stderr }),
    ({ code, stderr }) => ({ status: code, told: stderr }),
  );
  return { ...ran, picture: () => readFile(join(out, "mug-0.png")) };
}

/** A proxy that leads everything to one server of this machine. */
async function openProxy(target: string, refuses = false) {
  const asked: { readonly what: string; readonly authorization: string | undefined }[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer(({ method, url = "", headers }, response) => {
    asked.push({ what: `${method} ${url}`, authorization: headers["proxy-authorization"] });
    const path = new URL(url).pathname;
    request({ host: hostname, port, path, headers: { host: headers.host } }, (answer) => answer.pipe(response)).end();
  });
  server.on("connect", ({ url = "", headers }, socket) => {
    asked.push({ what: `CONNECT ${url}`, authorization: headers["proxy-authorization"] });
    socket.on("error", () => {});
    if (refuses) return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const there = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.pipe(socket).pipe(there);
    });
    there.on("error", () => socket.destroy());
  });
  return { address: `127.0.0.1:${await listen(server)}`, asked };
}

test("a picture under https is fetched through the proxy of HTTPS_PROXY, which never sees it in clear", async () => {
  const tls = selfSignedCertificate(host);
  const port = await listen(createTlsServer(tls, (_, response) => response.end(body)));
  const proxy = await openProxy(`https://127.0.0.1:${port}`);
  const trusted = join(await newFolder(), "trusted.pem");
  await writeFile(trusted, tls.cert);
  const { status, told, picture } = await pull(stackOf({ mug: { url: `https://${host}/a` } }), {
    HTTPS_PROXY: `http://user:pass%40word@${proxy.address}`,
    NODE_EXTRA_CA_CERTS: trusted,
  });
  expect(told).toBe("1 fetched, 0 already there, 0 missing.\n");
  expect(status).toBe(0);
  expect(await picture()).toEqual(body);
  const authorization = `Basic ${Buffer.from("user:pass@word").toString("base64")}`;
  expect(proxy.asked).toEqual([{ what: `CONNECT ${host}:443`, authorization }]);
});

test("a picture under http is fetched through the proxy of HTTP_PROXY", async () => {
  const { url } = await serve();
  const proxy = await openProxy(url);
  const { told, picture } = await pull(stackOf({ mug: { url: `http://${host}/a` } }), {
    HTTP_PROXY: `http://${proxy.address}`,
  });
  expect(told).toBe("1 fetched, 0 already there, 0 missing.\n");
  expect(await picture()).toEqual(body);
  expect(proxy.asked.map(({ what }) => what).join()).toContain(host);
});

// On this machine, and not by a name or address of loopback.
const hereToo = "0.0.0.0";

test.each([
  ["a host that NO_PROXY names", { NO_PROXY: `example.com,${hereToo}` }, hereToo],
  ["any host, where NO_PROXY is *", { NO_PROXY: "*" }, hereToo],
  ["this machine", {}, "127.0.0.1"],
  ["this machine by another of its loopback addresses", {}, "127.0.0.2"],
])("%s is asked directly", async (_, env, direct) => {
  const server = createServer((_request, response) => response.end(body));
  server.listen(0, direct === "127.0.0.2" ? direct : "0.0.0.0");
  const proxy = await openProxy("http://127.0.0.1:9");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { told } = await pull(stackOf({ mug: { url: `http://${direct}:${address.port}/a` } }), {
    HTTP_PROXY: `http://${proxy.address}`,
    ...env,
  });
  server.closeAllConnections();
  server.close();
  expect(told).toBe("1 fetched, 0 already there, 0 missing.\n");
  expect(proxy.asked).toEqual([]);
});

test("a proxy that refuses is named by its variable, without its password", async () => {
  const proxy = await openProxy("http://127.0.0.1:9", true);
  const { status, told } = await pull(stackOf({ mug: { url: `https://${host}/a` } }), {
    HTTPS_PROXY: `http://user:password@${proxy.address}`,
  });
  expect(status).toBe(1);
  expect(told).toContain("mug-0.png missing: it could not be fetched through the proxy that HTTPS_PROXY names (");
  expect(told).not.toContain("password");
});

test("a proxy that cannot be one is refused before anything is asked", async () => {
  const { status, told } = await pull(stackOf({ mug: { url: `https://${host}/a` } }), { HTTPS_PROXY: "ftp://secret" });
  expect(status).toBe(1);
  expect(told).toMatch(/^pulumi-tencent-aigc pull: HTTPS_PROXY must be a proxy's URL/);
  expect(told).not.toContain("secret");
});
