import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

interface Holder {
  pid: number;
  host: string;
  startedAt: string;
}

/** Another update of the same stack is under way. */
export class ConcurrentUpdateError extends Error {
  override readonly name = "ConcurrentUpdateError";
}

/**
 * Takes the lock of a stack. A lock whose process is gone is taken over.
 * @returns a function that releases it
 */
export function lockStack(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const mine: Holder = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(own, JSON.stringify(mine), { mode: 0o600 });
  try {
    // A link is made as a whole: there is never a lock without its holder.
    for (let attempt = 0; !tryLink(own, path); attempt++) {
      const holder = readHolder(path);
      if (holder && (isAlive(holder) || attempt > 10)) {
        throw new ConcurrentUpdateError(
          `the stack is currently locked by process ${holder.pid} on ${holder.host} since ${holder.startedAt}. ` +
            `Wait until that update has ended; if there is none, delete ${path}`,
        );
      }
      if (holder) removeStale(path, own, holder);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(path, { force: true });
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves the lock away, and puts it back if it has changed hands meanwhile. */
function removeStale(path: string, own: string, stale: Holder): void {
  const aside = `${own}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved?.pid !== stale.pid || moved.startedAt !== stale.startedAt) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
