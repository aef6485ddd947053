import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** The user's own folder for files by which processes of this machine agree. */
export function temporaryFolder(): string {
  const user = process.getuid?.() ?? userInfo().username.replace(/\W/g, "-");
  return join(tmpdir(), `pulumi-tencent-aigc-${user}`);
}

/** Makes a folder where there is none. @throws where another user could have made it, or can write to it */
export function requireOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const isOwn = process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o077) === 0);
  if (!stats.isDirectory() || !isOwn) throw Object.assign(new Error(), { code: "not the user's own directory" });
}
