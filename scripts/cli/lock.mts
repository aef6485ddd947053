import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Runs this while no other process on this machine that asks for the same lock does. */
export async function withLock<T>(path: string, onWait: (owner: number) => void, work: () => Promise<T>): Promise<T> {
  let told = false;
  while (!take(path)) {
    const owner = ownerOf(path);
    if (owner === "gone") {
      // Two may come here at once and both go on: that costs a build, and no more than one of the results is kept.
      rmSync(path, { force: true });
      continue;
    }
    if (!told && owner !== "unknown") {
      onWait(owner);
      told = true;
    }
    await sleep(300);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Its process, unless that has ended without giving the lock back. */
function ownerOf(path: string): number | "gone" | "unknown" {
  try {
    const text = readFileSync(path, "utf8");
    // It is made first and written then.
    if (text === "") return Date.now() - statSync(path).mtimeMs > 10_000 ? "gone" : "unknown";
    return isRunning(Number(text)) ? Number(text) : "gone";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "unknown";
    throw error;
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
