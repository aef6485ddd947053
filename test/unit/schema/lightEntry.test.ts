import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const entry = join(__dirname, "..", "..", "..", "dist", "index.js");

test("a program that imports the package loads none of what only the provider process needs", () => {
  const script = `require(${JSON.stringify(entry)}); console.log(JSON.stringify(Object.keys(require.cache)))`;
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }));
  expect(loaded).toContain(entry);
  const heavy = loaded.filter((file) => /[\\/]node_modules[\\/](zod|undici|p-queue|hono|@hono|pngjs)[\\/]/.test(file));
  expect(heavy).toEqual([]);
});
