// Everything that can go wrong, with the money counted: the tests of faults, then the long forms of the
// model-based test and of the test that every preview and `up` tells its bill.
import "./packagedNode.mjs";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Only now, for older Nodes read no TypeScript.
const { missingTools, prepareFor } = await import("./cli/forTests.mts");

const missing = await prepareFor(["test/faults", "test/model", "test/scenarios"], console.log);
const folder = mkdtempSync(join(tmpdir(), "tencent-aigc-faults-"));
const cases = join(folder, "cases.jsonl");
const report = join(folder, "model.txt");
const begun = performance.now();

/** @param {string[]} files */
function vitest(...files) {
  const child = spawn(
    process.execPath,
    [join("node_modules", "vitest", "vitest.mjs"), "run", "--reporter=dot", ...files, ...process.argv.slice(2)],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        [missingTools]: JSON.stringify(missing),
        AIGC_CASES_FILE: cases,
        AIGC_MODEL_REPORT: report,
        AIGC_MODEL_LONG: "1",
        AIGC_BILL_TIMES: "50",
      },
    },
  );
  return new Promise((resolve) =>
    child.once("exit", (code, signal) => {
      if (signal) console.log(`the tests of ${files} were ended by ${signal}`);
      resolve(code === 0);
    }),
  );
}

/** @param {string} file */
const textIn = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** A test may look at the ledger several times: what it came to in the end counts. */
function caseRows() {
  const rows = new Map();
  for (const line of textIn(cases).split("\n").filter(Boolean)) {
    const { test, faults, billed, intended, reachable } = JSON.parse(line);
    rows.set(test, [test, faults.join(", ") || "\u2013", billed, intended, reachable].map(String));
  }
  return [...rows.values()];
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  /** @param {string[]} row */
  const line = (row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return [head, ...rows].map((row) => line(row).join("  ")).join("\n");
}

try {
  const faultsHold = await vitest("test/faults");
  const modelHolds = await vitest("test/model");
  const isTold = await vitest("test/scenarios/bill.test.ts");
  const rows = caseRows();
  console.log(`\n${table(["case", "faults injected", "billed", "intended", "reachable"], rows)}\n`);
  console.log(textIn(report));
  const above = rows.filter(
    ([, , billed, intended, reachable]) => Number(billed) > Number(intended) || billed !== reachable,
  );
  const lawful = faultsHold && modelHolds && isTold && above.length === 0;
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  console.log(`${rows.length} cases; ${lawful ? "no violation" : "VIOLATIONS, see above"}; ${minutes} minutes`);
  process.exitCode = lawful ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
