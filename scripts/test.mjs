// Runs the whole suite, and says aloud what was skipped.
import "./packagedNode.mjs";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "tencent-aigc-test-"));
const report = join(folder, "report.json");
const { status } = spawnSync(
  process.execPath,
  [
    join("node_modules", "vitest", "vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    stdio: "inherit",
    // The tests start hundreds of processes of Pulumi's SDK, and half of such a start is compiling it.
    env: { NODE_COMPILE_CACHE: join(process.cwd(), "node_modules", ".cache", "compiled"), ...process.env },
  },
);
try {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  const broken = testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  const skipped = numPendingTests + numTodoTests;
  const names = testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === "pending" || test.status === "skipped");
  for (const { fullName } of names) console.log(`SKIPPED  ${fullName}`);
  console.log(`${numPassedTests} passed, ${numFailedTests + broken.length} failed, ${skipped} skipped`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status ?? 1);
