import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { repository } from "../support/host";

/**
 * Version 0.1.0 as it was published, so that what it leaves behind is its own doing: the tarball of `npm pack`, of which
 * only what Pulumi's host loads is kept. Never changed.
 */
const tarball = join(__dirname, "0.1.0.tgz");

let unpacked: string | undefined;

afterAll(() => {
  if (unpacked) rmSync(unpacked, { recursive: true, force: true });
  unpacked = undefined;
});

/** @returns the directory of the package */
export function firstVersion(): string {
  unpacked ??= unpack();
  return join(unpacked, "package");
}

function unpack(): string {
  const folder = mkdtempSync(join(tmpdir(), "aigc-first-version-"));
  execFileSync("tar", ["-xzf", tarball, "-C", folder]);
  // Its dependencies are those of this repository: undici and zod.
  symlinkSync(join(repository, "node_modules"), join(folder, "package", "node_modules"), "junction");
  return folder;
}
