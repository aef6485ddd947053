import type { Journal, JournalKey } from "../journal/journal";
import type { JournalEntry } from "../journal/lines";
import { fileIdsOf } from "../service/pictureFile";
import { temporaryLifeMs } from "../service/window";
import type { Intention } from "./intention";
import {
  type AgedRecord,
  firstSubmission,
  type GenerationRecord,
  isWithoutFile,
  taskIdOf,
  type UnknownRecord,
} from "./record";
import { journaledSessionId } from "./submissions";

export interface MemoryDependencies {
  readonly journal: Journal;
  /** The loopback endpoint's URL, or `real`: all real hosts are one service. */
  readonly endpoint: string;
  /** The service's time (ms). */
  readonly now: () => number;
}

/** What the journal is told of pictures once they are there. */
export class Memory {
  constructor(private readonly dependencies: MemoryDependencies) {}

  /** The files of a picture, before anything else is done with them: they are paid for. */
  async keepFiles({ generationId, request }: Intention, record: GenerationRecord): Promise<void> {
    const taskId = taskIdOf(record);
    const fileIds = record.kind === "finished" ? fileIdsOf(record.files) : [];
    if (record.adopted || taskId === undefined || fileIds.length === 0) return;
    const expireTime = request.OutputConfig?.ExpireTime;
    const submission = record.submission?.number ?? 1;
    const key = this.keyFor(record.generationId ?? generationId, request.SubAppId);
    await this.dependencies.journal.append(key, { event: "files", submission, taskId, fileIds, ...ending(expireTime) });
  }

  /**
   * What state holds, and may lose: the files, or a task that has none yet or never a FileId, or a request without an
   * answer; and that its task needs the journal no longer.
   * @param expireTime when the files are deleted, as last ordered
   */
  async remember(
    record: GenerationRecord,
    generationId: string,
    subAppId: number,
    expireTime: string | undefined,
  ): Promise<void> {
    const taskId = taskIdOf(record);
    if (record.adopted) return;
    const { journal, now } = this.dependencies;
    const key = this.keyFor(generationId, subAppId);
    const known = await journal.read(key);
    if (known.kind === "unknown") return;
    const entries = known.kind === "found" ? known.value.entries : [];
    if (record.kind === "unknown" || record.kind === "aged")
      await this.rememberSend(record, generationId, key, entries);
    if (taskId === undefined) return;
    const entry = entries.find((each) => each.taskId === taskId);
    const submission = entry?.submission ?? record.submission?.number ?? 1;
    const fileIds = record.kind === "finished" ? fileIdsOf(record.files) : [];
    const filesAreNews = fileIds.length > 0 && (entry?.fileIds === undefined || entry.expireTime !== expireTime);
    if (filesAreNews) await journal.append(key, { event: "files", submission, taskId, fileIds, ...ending(expireTime) });
    const at = timeIn(record.createTime) ?? (record.kind === "aged" ? longAgo : now());
    const isServed = record.kind === "finished" && fileIds.length === 0 && now() < at + temporaryLifeMs;
    const isOpen = ["running", "aged"].includes(record.kind) || (record.kind === "failed" && isWithoutFile(record));
    const taskIsNews = (isServed || isOpen) && entry === undefined;
    if (taskIsNews) await journal.append(key, { event: "task", submission, taskId, at });
    if (entry ? !entry.settled : filesAreNews || taskIsNews)
      await journal.append(key, { event: "settled", submission, at: now() });
  }

  /** The intention that today's scope names goes on under the id that state keeps. */
  async pointTo(generationId: string, kept: string, subAppId: number): Promise<void> {
    const { journal } = this.dependencies;
    const key = this.keyFor(generationId, subAppId);
    const known = await journal.read(key);
    if (known.kind === "found" && known.value.same.includes(kept)) return;
    await journal.append(key, { event: "same", generationId: kept });
  }

  /** So that it is repeated, if at all, under its SessionId and within the window of its first send. */
  private async rememberSend(
    record: UnknownRecord | AgedRecord,
    generationId: string,
    key: JournalKey,
    entries: readonly JournalEntry[],
  ): Promise<void> {
    const { sessionId, submission = firstSubmission } = record;
    const { number, attempt } = submission;
    if (sessionId === undefined || taskIdOf(record) !== undefined) return;
    if (entries.some((entry) => entry.submission === number)) return;
    const { journal, now } = this.dependencies;
    const sentAt = record.kind === "aged" ? longAgo : timeIn(record.sentAt);
    const sent = { submission: number, attempt, ...journaledSessionId(sessionId, generationId), at: sentAt ?? now() };
    await journal.append(key, { event: "intent", ...sent });
    // Without its time nothing tells that a repeat would be refused: it is only looked for.
    if (sentAt === undefined) await journal.append(key, { event: "duplicate", submission: number });
  }

  private keyFor(name: string, subAppId: number): JournalKey {
    return { endpoint: this.dependencies.endpoint, subAppId, name };
  }
}

/** Older than the window, whatever a clock says. */
const longAgo = 0;

/** @returns undefined where it cannot be read */
function timeIn(text = ""): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function ending(expireTime: string | undefined) {
  return expireTime === undefined ? {} : { expireTime };
}
