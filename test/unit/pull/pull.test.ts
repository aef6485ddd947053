import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { body, md5Of, newFolder, run, serve, stackOf } from "./support";

/** No process has this number. */
const noProcess = 999_999_999;

const unknown = { size: undefined, md5: undefined };

test("does not fetch again what is there and right", async () => {
  const out = await newFolder();
  const { url, asked } = await serve();
  const stack = stackOf({ mug: { url: `${url}/a` } });
  expect((await run(stack, out)).status).toBe(0);
  expect((await run(stack, out)).told).toContain("0 fetched, 1 already there, 0 missing");
  expect(asked).toEqual(["/a"]);
  expect(await readFile(join(out, "mug-0.png"))).toEqual(body);
  await writeFile(join(out, "mug-0.png"), "damaged");
  expect((await run(stack, out)).status).toBe(0);
  expect(asked).toEqual(["/a", "/a"]);
});

test("does not fetch again what an earlier manifest tells of, where the stack knows neither size nor MD5", async () => {
  const out = await newFolder();
  const { url, asked } = await serve();
  const stack = stackOf({ mug: { url: `${url}/a`, ...unknown } });
  for (let time = 0; time < 3; time += 1) expect((await run(stack, out)).status).toBe(0);
  expect(asked).toEqual(["/a"]);
  await writeFile(join(out, "mug-0.png"), "damaged");
  expect((await run(stack, out)).told).toContain("1 fetched");
  await run(stackOf({ mug: { url: `${url}/b`, ...unknown } }), out);
  expect(asked).toEqual(["/a", "/a", "/b"]);
});

test.each([
  ["no JSON", "{"],
  ["another JSON", '{"version":1,"pictures":[1,{"file":"mug-0.png"}]}'],
])("replaces a manifest of an earlier run that is none: %s", async (_, content) => {
  const out = await newFolder();
  const { url } = await serve();
  await writeFile(join(out, "manifest.json"), content);
  expect((await run(stackOf({ mug: { url, ...unknown } }), out)).status).toBe(0);
  expect(JSON.parse(await readFile(join(out, "manifest.json"), "utf8")).pictures).toMatchObject([{ size: 4096 }]);
});

test("a picture that is there and right needs no URL", async () => {
  const out = await newFolder();
  const { url } = await serve();
  await run(stackOf({ mug: { url } }), out);
  expect(await run(stackOf({ mug: {} }), out)).toEqual({
    status: 0,
    told: "0 fetched, 1 already there, 0 missing.\n",
  });
  const { pictures } = JSON.parse(await readFile(join(out, "manifest.json"), "utf8"));
  expect(pictures[0]).not.toHaveProperty("problem");
});

test("writes neither outside the folder nor through a link in it", async () => {
  const folder = await newFolder();
  const { url } = await serve();
  const [out, outside] = [join(folder, "out"), join(folder, "outside")];
  await writeFile(outside, "mine");
  await mkdir(out);
  for (const name of ["mug-0.png", "manifest.json"]) await symlink(outside, join(out, name));
  const names = { mug: { url }, "../../up": { url }, MUG: { url }, "a/b": { url, fileType: "../exe" } };
  expect((await run(stackOf({ mug: { url } }), out)).status).toBe(0);
  expect((await run(stackOf(names), out)).status).toBe(0);
  expect(await readFile(outside, "utf8")).toBe("mine");
  expect((await readdir(folder)).sort()).toEqual(["out", "outside"]);
  expect(new Set((await readdir(out)).map((name) => name.toLowerCase())).size).toBeGreaterThan(4);
});

test("neither a URL nor an answer chooses a path", async () => {
  const folder = await newFolder();
  const out = join(folder, "out");
  const { url, asked } = await serve(({ url: path = "" }, response) => {
    response.setHeader("content-disposition", 'attachment; filename="../../disposition.sh"');
    if (path.startsWith("/moved")) response.writeHead(302, { location: "/../../elsewhere/%2e%2e/evil.sh" }).end();
    else if (path.startsWith("/local")) response.writeHead(302, { location: "file:///etc/passwd" }).end();
    else response.end(body);
  });
  const { status, told } = await run(
    stackOf({
      dots: { url: `${url}/../../../etc/cron.d/evil` },
      encoded: { url: `${url}/%2e%2e%2f%2e%2e%2fevil` },
      query: { url: `${url}/?response-content-disposition=..%2f..%2fevil` },
      moved: { url: `${url}/moved` },
      local: { url: `${url}/local` },
    }),
    out,
  );
  expect(status).toBe(1);
  expect(told).toContain("local-0.png missing: its URL is not http or https");
  expect(await readdir(folder)).toEqual(["out"]);
  expect((await readdir(out)).sort()).toEqual([
    "dots-0.png",
    "encoded-0.png",
    "manifest.json",
    "moved-0.png",
    "query-0.png",
  ]);
  expect(asked).toHaveLength(6);
});

test("pictures of which the URLs end alike, or the resources are called alike, are files of their own", async () => {
  const out = await newFolder();
  const contents = new Map(
    ["/a", "/b", "/c"].map((folder) => [`${folder}/image.png`, Buffer.from(`picture ${folder}`)]),
  );
  const { url } = await serve(({ url: path = "" }, response) => response.end(contents.get(path)));
  const file = (folder: string) => {
    const content = contents.get(`${folder}/image.png`) ?? Buffer.of();
    return { url: `${url}${folder}/image.png`, size: content.length, md5: md5Of(content) };
  };
  const { status } = await run(stackOf({ one: file("/a"), "t$component::one": file("/b"), ONE: file("/c") }), out);
  expect(status).toBe(0);
  const { pictures } = JSON.parse(await readFile(join(out, "manifest.json"), "utf8"));
  const files: string[] = pictures.map((picture: { file: string }) => picture.file);
  expect(new Set(files.map((name) => name.toLowerCase())).size).toBe(3);
  const there = await Promise.all(files.map((name) => readFile(join(out, name), "utf8")));
  expect(there).toEqual(["picture /a", "picture /b", "picture /c"]);
});

test("names what is missing and ends with 1", async () => {
  const out = await newFolder();
  const { url } = await serve(({ url: path }, response) => {
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
      none: { url: "not a URL" },
      secret: { url: secret },
      changed: { url: `${url}/200`, md5: "0".repeat(32) },
    }),
    out,
  );
  expect(status).toBe(1);
  for (const reason of [
    "expired-0.png missing: its URL has expired or is refused (403).",
    "deleted-0.png missing: its file is not there any more (404).",
    "loop-0.png missing: it is redirected more than 5 times",
    "local-0.png missing: its URL is not http or https",
    "none-0.png missing: its URL is not a URL",
    "--show-secrets",
    "changed-0.png missing: its MD5 is not the one in the stack. Where the file was changed at the service, run pulumi refresh",
    "0 fetched, 0 already there, 7 missing.",
  ]) {
    expect(told).toContain(reason);
  }
  expect(await readdir(out)).toEqual(["manifest.json"]);
});

test("continues a part file by Range, and starts anew where its content is wrong", async () => {
  const out = await newFolder();
  const ranges: (string | undefined)[] = [];
  const { url } = await serve(({ headers }, response) => {
    ranges.push(headers.range);
    const offset = Number(/\d+/.exec(headers.range ?? "0")?.[0]);
    if (offset > 0) response.writeHead(206, { "content-range": `bytes ${offset}-4095/4096` });
    response.end(body.subarray(offset));
  });
  const left = (pid: number) =>
    join(out, `.mug-0.png.${createHash("sha256").update(url).digest("hex").slice(0, 12)}.${pid}.part`);
  const part = left(noProcess);
  const whole = Buffer.concat([Buffer.alloc(1000), body.subarray(1000)]);
  for (const start of [body.subarray(0, 1000), Buffer.alloc(1000), body, whole]) {
    await writeFile(part, start);
    expect((await run(stackOf({ mug: { url } }), out)).status).toBe(0);
    expect(await readFile(join(out, "mug-0.png"))).toEqual(body);
    expect((await readdir(out)).sort()).toEqual(["manifest.json", "mug-0.png"]);
    await rm(join(out, "mug-0.png"));
  }
  expect(ranges, "what is whole and right is not asked for").toEqual([
    ...["bytes=1000-"],
    ...["bytes=1000-", undefined],
    ...[undefined],
  ]);
  // Another run is writing to it.
  await writeFile(left(process.ppid), body.subarray(0, 1000));
  expect((await run(stackOf({ mug: { url } }), out)).status).toBe(0);
  expect(ranges.at(-1)).toBeUndefined();
  expect(await readFile(left(process.ppid))).toEqual(body.subarray(0, 1000));
  await rm(join(out, "mug-0.png"));
  // Nothing would show that the file has changed since.
  await writeFile(part, Buffer.alloc(1000));
  expect((await run(stackOf({ mug: { url, md5: undefined } }), out)).status).toBe(0);
  expect(await readFile(join(out, "mug-0.png"))).toEqual(body);
  expect(ranges.at(-1)).toBeUndefined();
});

test("fetches a secret URL that the export shows, and keeps it out of the manifest", async () => {
  const out = await newFolder();
  const { url, asked } = await serve();
  const shown = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(url),
  };
  for (let time = 0; time < 2; time += 1) {
    expect((await run(stackOf({ mug: { url: shown, ...unknown } }), out)).status).toBe(0);
  }
  expect(asked, "the second run knows it by its task").toHaveLength(1);
  const manifest = await readFile(join(out, "manifest.json"), "utf8");
  expect(manifest).toContain("mug-0.png");
  expect(manifest).not.toContain(url);
});
