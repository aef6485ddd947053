import { access, constants, lstat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { codeOf } from "../../provider/journal/files";
import { version } from "../../provider/version";
import { type Finding, failed, ok, warning } from "./finding";

/** `engines.node` of package.json. */
export const oldestNode = "22.13.0";
/** The peer range of package.json. */
export const oldestPulumi = "3.200.0";

export function judgeNode(running: string): Finding {
  return isAtLeast(running, oldestNode)
    ? ok("node", running)
    : failed("node", `${running} is older than ${oldestNode}`, `Install Node.js ${oldestNode} or newer.`);
}

/** The packages as a program in a directory would load them. */
export function judgePackages(directory: string): Finding {
  const own = `pulumi-tencent-aigc ${version}`;
  const pulumi = versionIn(directory, "@pulumi/pulumi");
  if (pulumi === undefined) {
    const next = "Run it in the directory of your program, or install @pulumi/pulumi there.";
    return warning("packages", `${own}; @pulumi/pulumi is not found from here`, next);
  }
  const both = `${own}, @pulumi/pulumi ${pulumi}`;
  return isAtLeast(pulumi, oldestPulumi)
    ? ok("packages", both)
    : failed("packages", `${both} is older than ${oldestPulumi}`, "Run npm install @pulumi/pulumi@latest.");
}

function versionIn(directory: string, name: string): string | undefined {
  try {
    const found: unknown = createRequire(join(directory, "program.js"))(`${name}/package.json`);
    return typeof found === "object" && found !== null && "version" in found ? String(found.version) : undefined;
  } catch (error) {
    if (codeOf(error) === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

function isAtLeast(text: string, least: string): boolean {
  const [one, other] = [text, least].map((each) => each.split(/[.-]/).slice(0, 3).map(Number));
  for (const [index, part] of (other ?? []).entries()) {
    const own = one?.[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

/** Looks at the journal's directory without making it. */
export async function checkJournal(folder: string, home: string): Promise<Finding> {
  const shown = folder.startsWith(home) ? `~${folder.slice(home.length)}` : folder;
  const elsewhere = "set `tencent-aigc:journalDir` to a directory of your own";
  const broken = (why: string) =>
    failed(
      "journal",
      `${shown} ${why}: a crash would be guarded by the SessionId alone`,
      `Correct it, or ${elsewhere}.`,
    );
  try {
    const stats = await lstat(folder);
    if (stats.isSymbolicLink()) {
      return warning(
        "journal",
        `${shown} is a link: whoever may change it decides where the journal is`,
        `Use a directory, or ${elsewhere}.`,
      );
    }
    if (!stats.isDirectory()) return broken("is no directory");
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (process.platform === "win32") return ok("journal", `${shown} can be written`);
    const chmod = `Run \`chmod 700\` on it, or ${elsewhere}.`;
    if ((stats.mode & 0o022) !== 0) {
      return failed(
        "journal",
        `${shown} can be written by other users, who could make a picture be billed twice`,
        chmod,
      );
    }
    if ((stats.mode & 0o055) !== 0) return warning("journal", `${shown} can be read by other users`, chmod);
    if (process.getuid !== undefined && stats.uid !== process.getuid() && process.getuid() !== 0) {
      return warning("journal", `${shown} belongs to another user`, `Take it over, or ${elsewhere}.`);
    }
    return ok("journal", `${shown} can be written, and is private`);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") return broken(`cannot be used (${codeOf(error)})`);
  }
  const parent = await nearestExisting(dirname(folder));
  try {
    await access(parent, constants.W_OK | constants.X_OK);
  } catch (error) {
    return broken(`does not exist and cannot be made (${codeOf(error)})`);
  }
  return ok("journal", `${shown} does not exist yet, and can be made`);
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    await lstat(folder);
    return folder;
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(folder) === folder) return folder;
    return nearestExisting(dirname(folder));
  }
}
