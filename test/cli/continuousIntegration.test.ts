import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = join(__dirname, "..", "..", ".ci", "run");

/** Runs `.ci/run` with another npm. */
function run({ check, tests }: { check: number; tests: string }) {
  const folder = mkdtempSync(join(tmpdir(), "aigc-ci-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const npm = join(folder, "npm");
  writeFileSync(npm, `#!/bin/sh\nif [ "$1" = test ]; then ${tests}; else echo checked; exit ${check}; fi\n`);
  chmodSync(npm, 0o755);
  const PATH = [folder, process.env["PATH"]].join(delimiter);
  const { status, stdout } = spawnSync("bash", [script], { env: { ...process.env, PATH }, encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  return { status, first: lines[0], last: lines.at(-1) };
}

test.each([
  ["both succeed", 0, "echo 3 passed, 0 failed, 2 skipped", 0, "3 passed, 0 failed, 2 skipped"],
  ["a test fails", 0, "echo 3 passed, 1 failed; exit 1", 1, "3 passed, 1 failed"],
  ["the check fails", 1, "echo 3 passed, 0 failed, 2 skipped", 1, "3 passed, 1 failed, 2 skipped"],
  ["both fail", 1, "echo 3 passed, 2 failed; exit 1", 1, "3 passed, 3 failed"],
  ["no test could be run", 1, "echo no such file; exit 1", 1, "0 passed, 1 failed"],
])("the last line counts a failed check as one that failed, and the tests run all the same: %s", (...row) => {
  const [, check, tests, status, last] = row;
  expect(run({ check, tests })).toEqual({ status, first: "checked", last });
});
