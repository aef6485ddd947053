import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isRunning } from "../../provider/runningProcess";

/**
 * Files of a folder that are not whole yet. Each has the number of its process in its name, so that two runs at once never
 * write to the same one; what a killed run has left is gone on with.
 */
export class Parts {
  private constructor(
    private readonly folder: string,
    private readonly left: Map<string, string>,
  ) {}

  static async open(folder: string): Promise<Parts> {
    const left = new Map<string, string>();
    for (const file of await readdir(folder)) {
      const [, name, pid] = /^\.(.+)\.(\d+)\.part$/.exec(file) ?? [];
      if (name !== undefined && isOver(Number(pid))) left.set(name, file);
    }
    return new Parts(folder, left);
  }

  /** Where a part of this name is written, anew. */
  pathOf(name: string): string {
    return join(this.folder, `.${name}.${process.pid}.part`);
  }

  /** The same, with what a killed run has left of it. */
  async goOn(name: string): Promise<string> {
    const path = this.pathOf(name);
    const left = this.left.get(name);
    this.left.delete(name);
    // Another run may have taken it.
    if (left !== undefined) await rename(join(this.folder, left), path).catch(unlessGone);
    return path;
  }

  /** Removes what nobody has gone on with. */
  async close(): Promise<void> {
    for (const file of this.left.values()) await rm(join(this.folder, file), { force: true });
  }
}

/** This process has only begun: what has its number is another one's. */
function isOver(pid: number): boolean {
  return pid === process.pid || !isRunning({ pid });
}

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
