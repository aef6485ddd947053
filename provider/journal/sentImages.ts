import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseObject } from "../schema/json";
import { appendLine, listed, readText } from "./files";

const dayMs = 24 * 3_600_000;
const suffix = ".jsonl";

interface Send {
  readonly id: string;
  readonly images: number;
  /** The service's time (ms). */
  readonly at: number;
}

/** One send, in the file of its UTC day; or its taking back, where the service has refused it. */
type SentLine = Send | { readonly back: string; readonly at: number };

/** Images up to and with a send. */
export interface SentBefore {
  /** In the 24 hours before it. */
  readonly ofDay: number;
  /** Since the time that was asked for. */
  readonly later: number;
  /** Whether the send was not counted before. */
  readonly isNew: boolean;
}

/** Whose images are counted. */
export interface Account {
  /** The loopback endpoint's URL, or `real`: all real hosts are one service. */
  readonly endpoint: string;
  readonly subAppId: number;
}

/**
 * The images that this machine has sent for in the last 24 hours, over all its programs. Files are only appended to: the
 * order of their lines is the same for all processes, so that each knows whether its own send was one too many.
 */
export class SentImages {
  private readonly folder: string;

  constructor(journalDir: string, { endpoint, subAppId }: Account) {
    const account = createHash("sha256")
      .update(JSON.stringify([endpoint, subAppId]))
      .digest("hex")
      .slice(0, 16);
    this.folder = join(journalDir, "sent", account);
  }

  /**
   * Counts a send before it is made; the same send once, however often it is repeated.
   *
   * @param id names the send
   * @param at the service's time (ms)
   * @param since a time (ms) from which sends are summed too
   */
  async add(id: string, images: number, at: number, since: number): Promise<SentBefore> {
    await this.forgetOld(at);
    const isNew = !(await this.counted(at)).has(id);
    if (isNew) await this.append({ id, images, at });
    let [ofDay, later] = [0, 0];
    for (const line of (await this.counted(at)).values()) {
      ofDay += line.images;
      if (line.at >= since) later += line.images;
      // What others have added behind it is for them to judge.
      if (line.id === id) break;
    }
    return { ofDay, later, isNew };
  }

  /** What was refused, or never ran, is not counted. */
  takeBack(id: string, at: number): Promise<void> {
    return this.append({ back: id, at });
  }

  private append(line: SentLine): Promise<void> {
    return appendLine(this.fileOf(line.at), JSON.stringify(line));
  }

  /** By send, in the order of the lines. */
  private async counted(now: number): Promise<Map<string, Send>> {
    const counted = new Map<string, Send>();
    for (const at of [now - dayMs, now, now + dayMs]) {
      const text = await readText(this.fileOf(at));
      for (const line of (text ?? "").split("\n").flatMap(parsed)) {
        if ("back" in line) counted.delete(line.back);
        else if (line.at > now - dayMs && !counted.has(line.id)) counted.set(line.id, line);
      }
    }
    return counted;
  }

  private async forgetOld(now: number): Promise<void> {
    const kept = new Set([now - 2 * dayMs, now - dayMs, now, now + dayMs].map(dayOf));
    const names = await listed(this.folder);
    const old = names.filter((name) => name.endsWith(suffix) && !kept.has(name.slice(0, -suffix.length)));
    await Promise.all(old.map((name) => rm(join(this.folder, name), { force: true })));
  }

  private fileOf(at: number): string {
    return join(this.folder, `${dayOf(at)}${suffix}`);
  }
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** None for what a crash has torn: it was not on disk, so nothing was sent on its account. */
function parsed(text: string): SentLine[] {
  const { id, images, back, at } = parseObject(text) ?? {};
  if (typeof at !== "number") return [];
  if (typeof back === "string") return [{ back, at }];
  return typeof id === "string" && typeof images === "number" ? [{ id, images, at }] : [];
}
