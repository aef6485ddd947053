import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { checkProgram } from "../../../provider/programChecks";

const directory = process.cwd();
const base = realpathSync(mkdtempSync(join(tmpdir(), "programs-")));

/** A directory below the temporary one; with a module folder, one that the package is installed in. */
function made(path: string, installed = false): string {
  const made = join(base, path);
  const to = installed ? join(made, "node_modules", "pulumi-tencent-aigc") : made;
  mkdirSync(to, { recursive: true });
  if (installed) writeFileSync(join(to, "handler.js"), "");
  return made;
}

afterEach(() => process.chdir(directory));
afterAll(() => rmSync(base, { recursive: true }));

// Without mocks: this is what a deployment does.
describe("the directory that a program is started from", () => {
  test("is named where the package cannot be found from it, with the way out", () => {
    const bare = made("bare");
    process.chdir(bare);
    expect(() => checkProgram(undefined)).toThrow(RunError);
    expect(() => checkProgram(undefined)).toThrow(bare);
    expect(() => checkProgram(undefined)).toThrow(/npm install pulumi-tencent-aigc.*start it from a directory/);
  });

  test("may be below the one that has the package, as in a monorepo", () => {
    made("monorepo", true);
    process.chdir(made("monorepo/packages/shop"));
    expect(() => checkProgram(undefined)).not.toThrow();
  });

  test("may not be above it: the host looks no further down than Node does", () => {
    made("above/packages/shop", true);
    process.chdir(join(base, "above"));
    expect(() => checkProgram(undefined)).toThrow(join(base, "above"));
  });

  test("is asked each time it is another one", () => {
    process.chdir(made("installed", true));
    expect(() => checkProgram(undefined)).not.toThrow();
    process.chdir(made("elsewhere"));
    expect(() => checkProgram(undefined)).toThrow(join(base, "elsewhere"));
  });
});
