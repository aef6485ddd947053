import { accessSync, constants, realpathSync, statfsSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const windows = process.platform === "win32";

/** Where what is built is kept: outside of the repository, so that every checkout finds it. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env["TENCENT_AIGC_CLI_CACHE"] || join(userCache(env), "pulumi-tencent-aigc", "cli");
}

function userCache(env: NodeJS.ProcessEnv): string {
  if (env["XDG_CACHE_HOME"]) return env["XDG_CACHE_HOME"];
  if (windows) return env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local");
  return process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}

export function executable(name: string): string {
  return windows ? `${name}.exe` : name;
}

/** @returns the first folder that has this command */
export function folderOf(command: string, folders: readonly string[] = onPath()): string | undefined {
  return folders.find((folder) => {
    try {
      const path = join(folder, executable(command));
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      // Not there, or not for us: the next folder is looked at, as a shell does.
      return false;
    }
  });
}

/** Whether the CLI in a folder can start a Node program from its files: it looks beside itself, then on PATH. */
export function hasNodeHost(folder: string): boolean {
  const itself = dirname(realpathSync(join(folder, executable("pulumi"))));
  return folderOf("pulumi-language-nodejs", [folder, itself, ...onPath()]) !== undefined;
}

export function onPath(): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** Of places that may not be there yet, the one with the least free disk. */
export function fullest(places: readonly string[]): { readonly place: string; readonly free: number } {
  return [...places, tmpdir()]
    .map((place) => ({ place, free: freeIn(place) }))
    .reduce((least, each) => (each.free < least.free ? each : least));
}

function freeIn(place: string): number {
  try {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  } catch (error) {
    if (dirname(place) === place) throw error;
    return freeIn(dirname(place));
  }
}
