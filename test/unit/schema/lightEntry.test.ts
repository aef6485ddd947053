import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const dist = join(__dirname, "..", "..", "..", "dist");

/** Files that are loaded once a script has run in a process of its own. */
function loadedBy(script: string): string[] {
  const told = `${script}.then(() => console.log(JSON.stringify(Object.keys(require.cache))))`;
  return JSON.parse(execFileSync(process.execPath, ["-e", told], { encoding: "utf8" }));
}

const packagesIn = (loaded: readonly string[]) => [
  ...new Set(loaded.flatMap((file) => /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? [])),
];

test("a program that imports the package loads none of what only the provider process needs", () => {
  const entry = join(dist, "provider", "index.js");
  const loaded = loadedBy(`Promise.resolve(require(${JSON.stringify(entry)}))`);
  expect(loaded).toContain(entry);
  for (const heavy of ["zod", "undici", "hono", "@hono/node-server"]) expect(packagesIn(loaded)).not.toContain(heavy);
});

test("a preview loads what checks inputs, and nothing of what sends, emulates or is Pulumi's", () => {
  const inputs = { subAppId: 1, modelName: "GG", modelVersion: "3.0", prompt: "a car" };
  const loaded = loadedBy(`(async () => {
    const handler = require(${JSON.stringify(join(dist, "provider", "dynamic", "handler.js"))});
    handler.configure({ config: { get: () => undefined } });
    const { inputs, failures } = await handler.check({}, ${JSON.stringify(inputs)});
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    await handler.diff("id", { ...inputs, status: "FINISH", endpoint: "vod.intl.tencentcloudapi.com" }, inputs);
  })()`);
  expect(packagesIn(loaded)).toEqual(["zod"]);
  const own = loaded.filter((file) => file.startsWith(dist));
  expect(own.filter((file) => !file.startsWith(join(dist, "provider")))).toEqual([]);
});
