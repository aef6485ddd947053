import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const repository = join(__dirname, "..", "..");
const modules = join(repository, "node_modules");

// The example's tests check the emulator's ledger themselves.
test.each([
  ["Vitest", join(modules, "vitest", "vitest.mjs"), ["run"], /Tests +3 passed/],
  ["Jest", join(modules, "jest", "bin", "jest.js"), ["--ci"], /Tests: +3 passed/],
])("a program's own tests pass under %s", async (_, script, args, passed) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV)/.test(name)));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args], {
    cwd: join(repository, "examples", "testing"),
    env: { ...env, NO_COLOR: "1" },
  });
  expect(stdout + stderr).toMatch(passed);
});
