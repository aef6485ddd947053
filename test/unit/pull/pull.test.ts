import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pull } from "../../../command/pull";

const type = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";
const body = randomBytes(4096);
const md5 = createHash("md5").update(body).digest("hex");

let folder: string;
const closing: (() => void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pull-"));
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await rm(folder, { recursive: true, force: true });
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

function stackOf(pictures: Readonly<Record<string, object>>): string {
  const resources = Object.entries(pictures).map(([name, file]) => ({
    urn: `urn:pulumi:dev::shop::${type}::${name}`,
    type,
    outputs: { taskId: `task-${name}`, files: [{ fileType: "png", size: body.length, md5, ...file }] },
  }));
  return JSON.stringify({ version: 3, deployment: { resources } });
}

async function run(stack: string): Promise<{ status: number; told: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(stack);
  const status = await pull.run(["-", "--out", join(folder, "out")], { env: {}, stdin, stdout, stderr });
  stderr.end();
  return { status, told: await text(stderr) };
}

test("does not fetch again what is there and right", async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests += 1;
    response.end(body);
  });
  const stack = stackOf({ mug: { url: `${url}/a` } });
  expect((await run(stack)).status).toBe(0);
  expect((await run(stack)).told).toContain("0 fetched, 1 already there, 0 missing");
  expect(requests).toBe(1);
  expect(await readFile(join(folder, "out", "mug-0.png"))).toEqual(body);
  await writeFile(join(folder, "out", "mug-0.png"), "damaged");
  expect((await run(stack)).status).toBe(0);
  expect(requests).toBe(2);
});

test("writes neither outside the folder nor through a link in it", async () => {
  const url = await serve((_, response) => response.end(body));
  const outside = join(folder, "outside");
  await writeFile(outside, "mine");
  await run(stackOf({ mug: { url } }));
  await rm(join(folder, "out", "mug-0.png"));
  await symlink(outside, join(folder, "out", "mug-0.png"));
  const names = { mug: { url }, "../../up": { url }, MUG: { url }, "a/b": { url, fileType: "../exe" } };
  expect((await run(stackOf(names))).status).toBe(0);
  expect(await readFile(outside, "utf8")).toBe("mine");
  expect((await readdir(folder)).sort()).toEqual(["out", "outside"]);
  expect(new Set((await readdir(join(folder, "out"))).map((name) => name.toLowerCase())).size).toBeGreaterThan(4);
});

test("names what is missing and ends with 1", async () => {
  const url = await serve(({ url: path }, response) => {
    if (path === "/loop") response.setHeader("location", "/loop");
    response.statusCode = path === "/loop" ? 302 : Number(path?.slice(1));
    response.end(body);
  });
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" };
  const { status, told } = await run(
    stackOf({
      expired: { url: `${url}/403` },
      deleted: { url: `${url}/404` },
      loop: { url: `${url}/loop` },
      local: { url: "file:///etc/passwd" },
      secret: { url: secret },
      changed: { url: `${url}/200`, md5: "0".repeat(32) },
    }),
  );
  expect(status).toBe(1);
  for (const reason of ["(403)", "(404)", "more than 5 times", "not http or https", "--show-secrets", "its MD5"]) {
    expect(told).toContain(reason);
  }
  expect(await readdir(join(folder, "out"))).toEqual(["manifest.json"]);
});

test("continues a part file by Range, and starts anew where its content is wrong", async () => {
  const ranges: (string | undefined)[] = [];
  const url = await serve(({ headers }, response) => {
    ranges.push(headers.range);
    const offset = Number(/\d+/.exec(headers.range ?? "0")?.[0]);
    if (offset > 0) response.writeHead(206, { "content-range": `bytes ${offset}-4095/4096` });
    response.end(body.subarray(offset));
  });
  const out = join(folder, "out");
  const part = join(out, `.mug-0.png.${createHash("sha256").update(url).digest("hex").slice(0, 12)}.part`);
  await run(stackOf({}));
  for (const start of [body.subarray(0, 1000), Buffer.alloc(1000)]) {
    await writeFile(part, start);
    expect((await run(stackOf({ mug: { url } }))).status).toBe(0);
    expect(await readFile(join(out, "mug-0.png"))).toEqual(body);
    await rm(join(out, "mug-0.png"));
  }
  expect(ranges).toEqual(["bytes=1000-", "bytes=1000-", undefined]);
});

test("goes on with 200 pictures after it was killed in the middle", async () => {
  let requests = 0;
  let onHalf: () => void = () => undefined;
  const half = new Promise<void>((resolve) => {
    onHalf = resolve;
  });
  let held = true;
  const url = await serve((_, response) => {
    requests += 1;
    if (held && requests > 100) {
      response.writeHead(200, { "content-length": body.length }).write(body.subarray(0, 100));
      onHalf();
    } else response.end(body);
  });
  const names = Array.from({ length: 200 }, (_, index) => [`p${index}`, { url: `${url}/${index}` }]);
  const stack = stackOf(Object.fromEntries(names));
  await writeFile(join(folder, "stack.json"), stack);
  const command = ["dist/command/bin.js", "pull", join(folder, "stack.json"), "--out", join(folder, "out")];
  const child = spawn(process.execPath, command, { stdio: "ignore" });
  const ended = once(child, "exit");
  await half;
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  const kept = (await readdir(join(folder, "out"))).filter((name) => /^p\d+-0\.png$/.test(name)).length;
  expect(kept).toBeGreaterThanOrEqual(97);
  expect(kept).toBeLessThanOrEqual(100);
  held = false;
  requests = 0;
  const { status, told } = await run(stack);
  expect(status).toBe(0);
  expect(told).toContain(`${200 - kept} fetched, ${kept} already there, 0 missing`);
  const files = await readdir(join(folder, "out"));
  expect(files.filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(files).toHaveLength(201);
  const manifest: unknown = JSON.parse(await readFile(join(folder, "out", "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({ pictures: { length: 200 } });
});

test("fetches a secret URL that the export shows, and keeps it out of the manifest", async () => {
  const url = await serve((_, response) => response.end(body));
  const shown = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(url),
  };
  expect((await run(stackOf({ mug: { url: shown } }))).status).toBe(0);
  const manifest = await readFile(join(folder, "out", "manifest.json"), "utf8");
  expect(manifest).toContain("mug-0.png");
  expect(manifest).not.toContain(url);
});
