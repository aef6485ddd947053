import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { judgeNode, oldestNode, oldestPulumi } from "../../../command/doctor/machine";
import { call, findings, folder, machine, start, subAppId } from "./called";

const asked = [
  "DescribeTaskDetail",
  "DescribeTasks",
  "SearchMedia",
  "DescribeMediaInfos",
  "ModifyMediaInfo",
  "DescribeAigcQuotas",
  "DescribeAigcUsageData",
];

test("an account that will do: everything is ok, and nothing was submitted", async () => {
  const emulator = await start();
  const { status, by, policy, text } = await findings(machine(emulator));
  expect(status).toBe(0);
  expect(Object.values(by).filter((one) => one.status !== "ok")).toEqual([by["permission vod:CreateAigcImageTask"]]);
  expect(by["permission vod:CreateAigcImageTask"]).toMatchObject({ status: "notChecked" });
  expect(by["keys"]?.text).toContain("the environment");
  expect(policy).toBeUndefined();
  expect(text).not.toContain(emulator.secretId);
  expect(text).not.toContain(emulator.secretKey);
  const { requests, tasks } = emulator.ledger();
  expect(requests["CreateAigcImageTask"]).toBeUndefined();
  expect(requests["ModifyMediaInfo"]).toBe(1);
  expect(tasks).toEqual([]);
});

test("without keys it says where they are looked for, and asks for nothing that needs them", async () => {
  const emulator = await start();
  const without = machine(emulator, { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" });
  const { status, by } = await findings(without);
  expect(status).toBe(1);
  expect(by["keys"]).toMatchObject({ status: "failed", nextStep: expect.stringContaining("TENCENTCLOUD_SECRET_ID") });
  expect(by["host"]).toMatchObject({ status: "ok" });
  expect(by["permission vod:SearchMedia"]?.text).toContain("no keys");
  expect(emulator.ledger().requests).toEqual({ DescribeTasks: 1 });
});

test("half a key is named by its variable", async () => {
  const emulator = await start();
  const { status, by } = await findings(machine(emulator, { TENCENTCLOUD_SECRET_KEY: "" }));
  expect(status).toBe(1);
  expect(by["keys"]?.text).toContain("TENCENTCLOUD_SECRET_KEY");
});

test.each([
  [{ TENCENTCLOUD_SECRET_ID: "some-other-secret-id" }, "AuthFailure.SecretIdNotFound"],
  [{ TENCENTCLOUD_SECRET_KEY: "some-other-secret-key" }, "AuthFailure.SignatureFailure"],
  [{ TENCENTCLOUD_SESSION_TOKEN: "some-other-token" }, "AuthFailure.TokenFailure"],
])("a wrong key is told with its source: %j", async (env, code) => {
  const emulator = await start();
  const { status, by, text } = await findings(machine(emulator, env));
  expect(status).toBe(1);
  expect(by["keys"]).toMatchObject({ status: "failed", text: expect.stringContaining(code) });
  expect(by["keys"]?.text).toContain("environment");
  expect(by["SubAppId"]).toMatchObject({ status: "notChecked" });
  for (const value of Object.values(env)) expect(text).not.toContain(value);
});

test("a wrong SubAppId", async () => {
  const emulator = await start();
  emulator.fault({ kind: "errorCode", code: "InvalidParameterValue.SubAppId", times: "always" });
  const { status, by } = await findings(machine(emulator));
  expect(status).toBe(1);
  expect(by["SubAppId"]).toMatchObject({ status: "failed", text: expect.stringContaining(String(subAppId)) });
  expect(by["permission vod:SearchMedia"]).toMatchObject({ status: "notChecked" });
});

test("no SubAppId", async () => {
  const emulator = await start();
  const { status, by } = await findings(machine(emulator), []);
  expect(status).toBe(1);
  expect(by["SubAppId"]).toMatchObject({ status: "failed", nextStep: expect.stringContaining("--sub-app-id") });
});

test("a SubAppId that is no number is a setting that is not as it must be", async () => {
  const emulator = await start();
  const { status, stderr } = await call(machine(emulator), ["--sub-app-id", "one"]);
  expect(status).toBe(1);
  expect(stderr).toContain("tencent-aigc:subAppId");
});

test.each(asked)("a missing permission for %s names its CAM action and prints the policy", async (action) => {
  const emulator = await start();
  emulator.fault({
    kind: "errorCode",
    code: "UnauthorizedOperation",
    action: action as "SearchMedia",
    times: "always",
  });
  const { status, by, policy } = await findings(machine(emulator));
  const needed = !["DescribeAigcQuotas", "DescribeAigcUsageData"].includes(action);
  expect(by[`permission vod:${action}`]).toMatchObject({
    status: needed ? "failed" : "warning",
    nextStep: expect.stringContaining(`vod:${action}`),
  });
  expect(status).toBe(needed ? 1 : 0);
  expect(Object.values(by).filter((one) => one.text.startsWith("denied"))).toHaveLength(1);
  expect(policy).toMatchObject({ version: "2.0", statement: [{ effect: "allow" }] });
  expect(emulator.ledger().tasks).toEqual([]);
});

test.each([3600, -3600])(
  "a clock %i s off is a warning: requests are signed by the service's time",
  async (seconds) => {
    const emulator = await start({ clockOffsetSeconds: seconds });
    const { status, by } = await findings(machine(emulator));
    expect(by["clock"]).toMatchObject({ status: "warning", nextStep: expect.stringContaining("clock") });
    expect(by["clock"]?.text).toMatch(seconds > 0 ? /36\d\d s behind|3599 s behind/ : /36\d\d s ahead|3599 s ahead/);
    expect(status).toBe(0);
  },
);

test("a host that cannot be reached", async () => {
  const emulator = await start();
  const of = machine(emulator);
  await emulator.close();
  const { status, by } = await findings(of);
  expect(status).toBe(1);
  expect(by["host"]).toMatchObject({ status: "failed", text: expect.stringContaining("ECONNREFUSED") });
  expect(by["clock"]).toMatchObject({ status: "notChecked" });
  expect(by["quota"]).toMatchObject({ status: "notChecked" });
});

test("something else that answers for the host", async () => {
  const server = createServer((_, response) => response.writeHead(404).end("<html>")).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { by } = await findings(machine(undefined, { TENCENT_AIGC_ENDPOINT: `http://127.0.0.1:${port}` }));
  expect(by["host"]).toMatchObject({ status: "failed", text: expect.stringContaining("HTTP 404") });
});

test("a proxy that refuses is named by its variable, never by its value", async () => {
  const proxy = createServer().listen(0, "127.0.0.1");
  proxy.on("connect", (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const { status, by, text } = await findings(
    machine(undefined, { HTTPS_PROXY: `http://me:secret-word@127.0.0.1:${port}` }),
  );
  expect(status).toBe(1);
  expect(by["host"]).toMatchObject({ status: "failed", nextStep: expect.stringContaining("HTTPS_PROXY") });
  expect(text).not.toContain("secret-word");
});

test("a proxy variable that is no URL", async () => {
  const { by, text } = await findings(machine(undefined, { HTTPS_PROXY: "ftp://secret-word" }));
  expect(by["host"]).toMatchObject({ status: "failed", text: expect.stringContaining("HTTPS_PROXY") });
  expect(text).not.toContain("secret-word");
});

test.each([
  [0o777, "failed"],
  [0o755, "warning"],
  [0o700, "ok"],
])("a journal directory of mode %o is %s", async (mode, status) => {
  const emulator = await start();
  const of = machine(emulator);
  const directory = join(of.home, "pulumi-tencent-aigc");
  mkdirSync(directory);
  chmodSync(directory, mode);
  const { by } = await findings(of);
  expect(by["journal"]?.status).toBe(status);
  if (status !== "ok") expect(by["journal"]?.nextStep).toContain("chmod 700");
});

test("a journal directory that is a file, or a link", async () => {
  const emulator = await start();
  const of = machine(emulator);
  writeFileSync(join(of.home, "pulumi-tencent-aigc"), "");
  expect((await findings(of)).by["journal"]).toMatchObject({ status: "failed" });
  const other = machine(emulator);
  symlinkSync(of.home, join(other.home, "pulumi-tencent-aigc"));
  expect((await findings(other)).by["journal"]).toMatchObject({ status: "warning" });
});

test.each([
  [{}, "ok"],
  [{ imageQuota: 100 }, "ok"],
  [{ imageQuota: 0 }, "failed"],
])("a quota of %j is %s", async (options, status) => {
  const emulator = await start(options);
  expect((await findings(machine(emulator))).by["quota"]?.status).toBe(status);
});

test("the oldest versions are those of package.json", () => {
  const { engines, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(engines.node).toBe(`>=${oldestNode.replace(/\.0$/, "")}`);
  expect(peerDependencies["@pulumi/pulumi"]).toBe(`^${oldestPulumi}`);
  expect(judgeNode("20.1.0").status).toBe("failed");
  expect(judgeNode("22.13.0").status).toBe("ok");
  expect(judgeNode("24.0.0").status).toBe("ok");
});

test("a report is a private file; a link or a directory in its place is refused", async () => {
  const emulator = await start();
  const of = machine(emulator);
  const [file, link] = [join(folder(), "report.json"), join(folder(), "link")];
  symlinkSync(file, link);
  const args = ["--sub-app-id", String(subAppId), "--report"];
  expect(await call(of, [...args, file])).toMatchObject({ status: 0 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, "utf8")).findings.length).toBeGreaterThan(10);
  expect(readFileSync(file, "utf8")).not.toContain(emulator.secretKey);
  expect(await call(of, [...args, link])).toMatchObject({ status: 2 });
  expect(await call(of, [...args, of.home])).toMatchObject({ status: 2 });
});

test.skipIf(process.platform === "win32")(
  "a stack's config that is no JSON is not repeated: it may hold a key",
  async () => {
    const bin = folder();
    writeFileSync(join(bin, "pulumi"), '#!/bin/sh\necho "warning: hush-hush-key"\n', { mode: 0o755 });
    const of = machine(undefined, { PATH: bin });
    const { status, stdout, stderr } = await call(of, ["--stack", "dev"]);
    expect(status).toBe(1);
    expect(stderr).toContain("gave no JSON");
    expect(stdout + stderr).not.toContain("hush");
  },
);
