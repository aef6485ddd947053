import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf } from "../../provider/journal/files";
import { UsageError } from "../command";

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

/**
 * Writes a report whole or not at all. A regular file is replaced; a link, a device, a pipe or a directory of that name
 * is refused.
 */
export async function writeReport(file: string, report: object): Promise<void> {
  await requireReplaceable(file);
  const aside = join(dirname(file), `.${randomBytes(8).toString("hex")}.tmp`);
  const handle = await open(aside, O_CREAT | O_EXCL | O_WRONLY, 0o600);
  try {
    try {
      await handle.writeFile(`${JSON.stringify(report, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function requireReplaceable(file: string): Promise<void> {
  try {
    if (!(await lstat(file)).isFile())
      throw new UsageError("--report must name a regular file, or one that does not exist");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
