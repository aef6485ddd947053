import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { body, newFolder, run, serve, stackOf } from "./support";

const unknown = { size: undefined, md5: undefined };
const options = ["--max-bytes", "4095"];
const tooLarge = "mug-0.png missing: it is larger than 4095 bytes. See --max-bytes";

test("a picture that is said to be larger than --max-bytes is refused, and nothing of it is written", async () => {
  const out = await newFolder();
  const { url, asked } = await serve((_, response) => {
    response.writeHead(200, { "content-length": 1024 ** 3 });
    response.write(body);
  });
  const { status, told } = await run(stackOf({ mug: { url, ...unknown } }), out, { options });
  expect(status).toBe(1);
  expect(told).toContain(tooLarge);
  expect(asked).toHaveLength(1);
  expect(await readdir(out)).toEqual(["manifest.json"]);
});

test("one whose size nobody says is cut off at --max-bytes, and nothing of it is kept", async () => {
  const out = await newFolder();
  const { url } = await serve((_, response) => {
    const more = () => {
      if (!response.destroyed) response.write(body, more);
    };
    more();
  });
  const { status, told } = await run(stackOf({ mug: { url, ...unknown } }), out, { options });
  expect(status).toBe(1);
  expect(told).toContain(tooLarge);
  expect(await readdir(out)).toEqual(["manifest.json"]);
});

test("one of which the stack says so is not even asked for", async () => {
  const { url, asked } = await serve();
  const { status, told } = await run(stackOf({ mug: { url } }), await newFolder(), { options });
  expect(status).toBe(1);
  expect(told).toContain(tooLarge);
  expect(asked).toEqual([]);
});

test("one of exactly so many bytes is taken", async () => {
  const { url } = await serve();
  const stack = stackOf({ mug: { url, ...unknown } });
  expect((await run(stack, await newFolder(), { options: ["--max-bytes", "4096"] })).status).toBe(0);
});
