import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { packInto } from "./tarball";
import { manifest, npm, run, temporaryFolder, write } from "./workshop";

const folder = temporaryFolder();
const app = join(folder, "packages", "app");

const runners: [name: string, command: string, args: string[]][] = [
  ["Jest", "node_modules/jest/bin/jest.js", ["--ci"]],
  ["Vitest", "node_modules/vitest/vitest.mjs", ["run", "--globals"]],
];

const unitTest = `
const pulumi = require("@pulumi/pulumi");
const { AigcImageTask, getImageTaskOutput, getQuota } = require("pulumi-tencent-aigc");

test("a picture under mocks has the URL that the mocks give", async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: { ...inputs, files: [{ url: "https://example.com/1.png" }] } }),
    call: () => ({}),
  });
  const hero = new AigcImageTask("hero", { modelName: "GG", modelVersion: "3.0", prompt: "a red car" });
  expect(await new Promise((resolve) => hero.url.apply(resolve))).toBe("https://example.com/1.png");
});

test("a function under mocks has the result that the mocks give", async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ token, inputs }) => ({ token, ...inputs }),
  });
  expect(await getQuota({ subAppId: 5 })).toEqual({ token: "tencent-aigc:index:getQuota", subAppId: 5 });
  const task = getImageTaskOutput({ taskId: pulumi.output("1-a") });
  expect(await new Promise((resolve) => task.taskId.apply(resolve))).toBe("1-a");
});
`;

/** A monorepo: one package depends on this one, and the root, where everything is run from, does not. */
beforeAll(async () => {
  const { path } = await packInto(folder);
  const dependencies = {
    "@pulumi/pulumi": manifest.devDependencies["@pulumi/pulumi"],
    [manifest.name]: `file:${path}`,
  };
  write(app, { "package.json": { name: "app", private: true, dependencies }, "picture.test.js": unitTest });
  write(folder, {
    "package.json": { name: "monorepo", private: true, devDependencies: { jest: "30.5.2", vitest: "5.1.1" } },
  });
  for (const directory of [folder, app]) {
    await npm(directory, "install", "--ignore-scripts", "--prefer-offline", "--no-package-lock");
  }
}, 180_000);

test.each(runners)("under %s, mocks need the package nowhere but where it is imported from", async (_, ...command) => {
  const [script, args] = command;
  const { code, stderr, stdout } = await run(process.execPath, [script, ...args], folder);
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout + stderr).toMatch(/2 passed/);
});
