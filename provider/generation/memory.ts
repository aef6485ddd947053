import type { Journal, JournalKey } from "../journal/journal";
import { fileIdsOf } from "../service/pictureFile";
import { temporaryLifeMs } from "../service/window";
import type { Intention } from "./intention";
import { type GenerationRecord, taskIdOf } from "./record";

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
   * What state holds, and may lose: the files, or the task of a Temporary picture, which has no FileId; and that its
   * task needs the journal no longer.
   * @param expireTime when the files are deleted, as last ordered
   */
  async remember(
    record: GenerationRecord,
    generationId: string,
    subAppId: number,
    expireTime: string | undefined,
  ): Promise<void> {
    const taskId = taskIdOf(record);
    if (record.adopted || taskId === undefined) return;
    const { journal, now } = this.dependencies;
    const key = this.keyFor(generationId, subAppId);
    const known = await journal.read(key);
    if (known.kind === "unknown") return;
    const entry = known.kind === "found" ? known.value.entries.find((each) => each.taskId === taskId) : undefined;
    const submission = entry?.submission ?? record.submission?.number ?? 1;
    const fileIds = record.kind === "finished" ? fileIdsOf(record.files) : [];
    const filesAreNews = fileIds.length > 0 && (entry?.fileIds === undefined || entry.expireTime !== expireTime);
    if (filesAreNews) await journal.append(key, { event: "files", submission, taskId, fileIds, ...ending(expireTime) });
    const at = Date.parse(record.createTime ?? "");
    const isServed = record.kind === "finished" && fileIds.length === 0 && now() < at + temporaryLifeMs;
    const taskIsNews = isServed && entry === undefined;
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

  private keyFor(name: string, subAppId: number): JournalKey {
    return { endpoint: this.dependencies.endpoint, subAppId, name };
  }
}

function ending(expireTime: string | undefined) {
  return expireTime === undefined ? {} : { expireTime };
}
