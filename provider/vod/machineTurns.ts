import { createHash } from "node:crypto";
import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../journal/files";
import { requireOwnFolder, temporaryFolder } from "../temporaryFolder";

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

/** A turn that began so long ago is nobody's any more (ms). */
const keptMs = 5_000;
/** A folder that nothing was added to for so long goes (ms). */
const unusedMs = 3_600_000;
const prefix = "turns-";
/** Where all turns are taken for so long, there is something wrong with them. */
const mostAheadMs = 30_000;

/**
 * The turns of all processes of this machine that send to one application: stacks that are deployed side by side share
 * its rate, and none is refused for another. Time is cut into turns of equal length, and a turn is taken by making the
 * file that is named by it, which the system lets only one process do. There is no lock that a killed process could
 * leave behind: its turn passes.
 *
 * Processes of other machines are not seen: there the service's refusals tell.
 */
export class MachineTurns {
  private readonly taken: string[] = [];
  private latest = Number.NEGATIVE_INFINITY;
  private folder: string | undefined;
  private alone = false;

  /** @param name what the rate belongs to, the same in all processes */
  constructor(
    private readonly name: string,
    private readonly perSecond: number,
    private readonly base = temporaryFolder(),
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes the next turn that is free. @returns how long it is until then (ms) */
  next(): number {
    if (this.alone) return 0;
    try {
      this.folder = this.folder !== undefined && existsSync(this.folder) ? this.folder : this.open();
      return this.take(this.folder);
    } catch {
      // Without a folder for it, each process keeps to the rate alone, and learns from refusals: nothing else is lost.
      this.alone = true;
      return 0;
    }
  }

  private get lengthMs(): number {
    return 1000 / this.perSecond;
  }

  private take(folder: string): number {
    this.forget();
    const now = this.now();
    const first = Math.floor(now / this.lengthMs);
    for (let turn = Math.max(first, this.latest + 1); turn * this.lengthMs < now + mostAheadMs; turn++) {
      const file = join(folder, String(turn));
      if (!make(file)) continue;
      this.taken.push(file);
      this.latest = turn;
      return Math.max(0, turn * this.lengthMs - now);
    }
    return 0;
  }

  /** Those of this process that have passed. */
  private forget(): void {
    const most = Math.ceil(keptMs / this.lengthMs);
    while (this.taken.length > most) rmSync(this.taken.shift() as string, { force: true });
  }

  private open(): string {
    const hash = createHash("sha256").update(`${this.name}\n${this.perSecond}`).digest("hex").slice(0, 24);
    requireOwnFolder(this.base);
    const folder = join(this.base, prefix + hash);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // What killed processes have left.
    const oldest = (this.now() - keptMs) / this.lengthMs;
    for (const name of readdirSync(folder)) if (Number(name) < oldest) rmSync(join(folder, name), { force: true });
    for (const name of readdirSync(this.base)) if (name.startsWith(prefix)) removeUnused(join(this.base, name));
    return folder;
  }
}

/** Of an application that nothing was sent to for long. Who sends to it again makes it again. */
function removeUnused(folder: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats && Date.now() - stats.mtimeMs > unusedMs) rmSync(folder, { recursive: true, force: true });
}

/** @returns false where it is there already */
function make(file: string): boolean {
  try {
    closeSync(openSync(file, O_CREAT | O_EXCL | O_WRONLY, 0o600));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}
