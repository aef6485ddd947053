// Runs the suite, or the files whose names hold an argument, and says aloud what was skipped.
import "./packagedNode.mjs";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Only now, for older Nodes read no TypeScript.
const { missingTools, prepareFor } = await import("./cli/forTests.mts");

const args = process.argv.slice(2);
const missing = await prepareFor(args, console.log);
if (process.env.TENCENT_AIGC_REQUIRE_CLI === "1" && Object.keys(missing).length > 0) {
  console.log("TENCENT_AIGC_REQUIRE_CLI=1: nothing may be skipped for want of it, so no test was run.");
  console.log("0 passed, 1 failed");
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "tencent-aigc-test-"));
const report = join(folder, "report.json");
const { status } = spawnSync(
  process.execPath,
  [
    join("node_modules", "vitest", "vitest.mjs"),
    "run",
    "--project=all",
    "--project=plugin",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  ],
  {
    stdio: "inherit",
    env: {
      // The tests start hundreds of processes of Pulumi's SDK, and half of such a start is compiling it.
      NODE_COMPILE_CACHE: join(process.cwd(), "node_modules", ".cache", "compiled"),
      ...process.env,
      [missingTools]: JSON.stringify(missing),
    },
  },
);
try {
  /** @typedef {{ status: string, assertionResults: { status: string, fullName: string }[] }} File */
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: File[] }} */
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  const broken = testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  // What fails outside of any test counts as well.
  const failed = Math.max(numFailedTests + broken.length, status === 0 ? 0 : 1);
  const skipped = numPendingTests + numTodoTests;
  const names = testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === "pending" || test.status === "skipped");
  for (const { fullName } of names) console.log(`SKIPPED  ${fullName}`);
  console.log(`${numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status ?? 1);
