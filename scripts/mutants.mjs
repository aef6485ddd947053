// Proves that the suite notices mistakes: makes each in a copy of the repository, one at a time, and requires that a test
// of the mutant's own fails. Arguments choose mutants by a part of their name.
import "./packagedNode.mjs";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Loaded once the packaged Node runs this: older ones read no TypeScript.
const { mutants } = await import("../test/mutants/mutants.mts");

/** What need be in the copy. */
const copied = [
  "provider",
  "emulator",
  "engine",
  "command",
  "plugin",
  "scripts",
  "test",
  "plugin",
  "bill.schema.json",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "vitest.config.mts",
];

const repository = process.cwd();
const copy = mkdtempSync(join(tmpdir(), "tencent-aigc-mutants-"));
const chosen = mutants.filter(({ name }) => process.argv.slice(2).every((part) => name.includes(part)));
const rows = [];

/** @param {string[]} command */
function run(...command) {
  return spawnSync(process.execPath, command, { cwd: copy, encoding: "utf8", maxBuffer: 1 << 28 });
}

/** @returns what does not compile, or an empty text */
function build() {
  const { status, stdout } = run(join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json");
  return status === 0 ? "" : stdout.trim();
}

/**
 * @param {readonly string[]} files
 * @returns {string | undefined} name of the first test that failed, with its file
 */
function firstFailure(files) {
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  const { stdout, stderr } = run(
    vitest,
    "run",
    "--project=all",
    "--bail=1",
    "--reporter=json",
    `--outputFile=${report}`,
    ...files,
  );
  /** @type {{ name: string, message: string, status: string, assertionResults: { status: string, fullName: string }[] }[]} */
  let testResults;
  try {
    ({ testResults } = JSON.parse(readFileSync(report, "utf8")));
  } catch {
    throw new Error(`the tests could not be run:\n${stdout}${stderr}`);
  }
  /** @param {string} name */
  const inCopy = (name) => name.slice(copy.length + 1);
  for (const { name, assertionResults } of testResults) {
    const failed = assertionResults.find((test) => test.status === "failed");
    if (failed) return `${inCopy(name)}: ${failed.fullName}`;
  }
  // Only now: a file that was cut short because another one failed has failed as well.
  const broken = testResults.find(({ status }) => status === "failed");
  if (broken) throw new Error(`${inCopy(broken.name)} could not be run: ${broken.message}`);
  return undefined;
}

/** @param {typeof mutants[number]} mutant */
function noticed({ name, file, from, to, tests }) {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    const errors = build();
    if (errors !== "") throw new Error(`${name}: does not compile\n${errors}`);
    return firstFailure(tests);
  } finally {
    writeFileSync(path, text);
  }
}

/** @returns the mutants whose line is not in its file exactly once */
function misplaced() {
  return chosen
    .map(({ name, file, from }) => ({
      name,
      file,
      times: readFileSync(join(repository, file), "utf8").split(from).length - 1,
    }))
    .filter(({ times }) => times !== 1)
    .map(({ name, file, times }) => `${name}: its line is in ${file} ${times} times, not once`);
}

// All of them at once, and before anything that takes minutes.
const wrong = chosen.length > 0 ? misplaced() : ["no mutant has such a name"];
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}

const begun = performance.now();
try {
  for (const name of copied) cpSync(join(repository, name), join(copy, name), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"), "junction");
  const errors = build();
  if (errors !== "") throw new Error(`the repository does not compile\n${errors}`);
  const expected = [...new Set(chosen.flatMap(({ tests }) => tests))];
  const already = firstFailure(expected);
  if (already) throw new Error(`without any mutant, a test fails already: ${already}`);
  for (const mutant of chosen) {
    const start = performance.now();
    const test = noticed(mutant);
    const seconds = (performance.now() - start) / 1000;
    rows.push({ ...mutant, test });
    const verdict = test === undefined ? "SURVIVED" : `caught by ${test}`;
    console.log(`${mutant.name} (${mutant.file}), ${seconds.toFixed(0)} s\n    ${verdict}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
}
const survivors = rows.filter(({ test }) => test === undefined);
const minutes = (performance.now() - begun) / 60_000;
console.log(
  `${rows.length} mutants, ${rows.length - survivors.length} caught, ${survivors.length} survived, ${minutes.toFixed(1)} min`,
);
process.exitCode = survivors.length === 0 ? 0 : 1;
