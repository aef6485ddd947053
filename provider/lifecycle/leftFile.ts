import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { isDerived } from "../generation/generationId";
import { type GenerationRecord, isWithoutFile, statusOf, taskIdOf } from "../generation/record";
import { codeOf, endsWithNewline, unlessMissing } from "../journal/files";
import type { JsonObject } from "../schema/json";
import { fileIdsOf } from "../service/pictureFile";
import { metadataIn } from "./outputs";
import type { Progress } from "./progress";

/** Names the file to which each picture that is forgotten, and left at the service, is appended. */
export const leftFileVariable = "TENCENT_AIGC_LEFT_FILE";

/**
 * A picture that was forgotten, as a line of the file. At most one of `adoptFileIds` and `adoptTaskId` is there, to be
 * given as that input; neither where the task failed, or where nothing is known of it.
 */
export interface LeftPicture {
  /** When it was forgotten, ISO 8601. */
  readonly time: string;
  /** Name of the resource. */
  readonly name?: string;
  readonly status: string;
  readonly subAppId: number;
  /** Host of the service that has it. */
  readonly endpoint?: string;
  readonly generationId?: string;
  readonly taskId?: string;
  /** Where it is derived: one of the user's own is input text. */
  readonly sessionId?: string;
  /** When its files are deleted, as last ordered. */
  readonly expireTime?: string;
  readonly adoptFileIds?: readonly string[];
  /** Works for 3 days from the task's start. */
  readonly adoptTaskId?: string;
}

/** What stays at the service of stored outputs. */
export function leftPicture(outputs: JsonObject, record: GenerationRecord, now: number): LeftPicture {
  const { resourceName, endpoint, subAppId } = outputs;
  const { generationId, sessionId } = record;
  const { expireTime } = metadataIn(outputs);
  const taskId = taskIdOf(record);
  return {
    time: new Date(now).toISOString(),
    ...(typeof resourceName === "string" ? { name: resourceName } : {}),
    status: statusOf(record),
    subAppId: Number(subAppId),
    ...(typeof endpoint === "string" ? { endpoint } : {}),
    ...(generationId === undefined ? {} : { generationId }),
    ...(taskId ? { taskId } : {}),
    ...(sessionId !== undefined && isDerived(sessionId) ? { sessionId } : {}),
    ...(expireTime === undefined ? {} : { expireTime }),
    ...adoption(record),
  };
}

function adoption(record: GenerationRecord): Pick<LeftPicture, "adoptFileIds" | "adoptTaskId"> {
  const fileIds = record.kind === "finished" ? fileIdsOf(record.files) : [];
  if (fileIds.length > 0) return { adoptFileIds: fileIds };
  const taskId = taskIdOf(record);
  const hasFailed = record.kind === "failed" && !isWithoutFile(record);
  return !taskId || hasFailed ? {} : { adoptTaskId: taskId };
}

/**
 * The file that `TENCENT_AIGC_LEFT_FILE` names, if any. It is only ever appended to, a whole line at a time: several
 * processes and stacks share it without a lock, what is there before stays, and there is nothing to be left behind.
 */
export class LeftFile {
  private hasWarned = false;

  constructor(
    private readonly path: string | undefined,
    private readonly progress: Pick<Progress, "warn">,
  ) {}

  /** Never fails: the log of the operation names what is left all the same. */
  async add(picture: LeftPicture): Promise<void> {
    if (!this.path) return;
    try {
      await append(this.path, `${JSON.stringify(picture)}\n`);
    } catch (error) {
      if (this.hasWarned) return;
      this.hasWarned = true;
      await this.progress.warn(
        `What is left at the service could not be written to ${leftFileVariable} (${codeOf(error)}). The log of this operation names it.`,
      );
    }
  }
}

// Absent on Windows.
const { O_APPEND, O_CREAT, O_RDWR, O_WRONLY, O_NONBLOCK = 0 } = constants;

/** Follows links, as somebody who names a file expects. */
async function append(path: string, line: string): Promise<void> {
  if (!(await isRegularOrNew(path))) {
    // A device, or a pipe: without a reader there is nobody to wait for.
    return using(await open(path, O_WRONLY | O_NONBLOCK), (handle) => handle.writeFile(line));
  }
  await using(await open(path, O_APPEND | O_CREAT | O_RDWR | O_NONBLOCK), async (handle) => {
    const { size } = await handle.stat();
    const isTorn = size > 0 && !endsWithNewline(handle, size);
    await handle.writeFile(isTorn ? `\n${line}` : line);
    await handle.sync();
  });
}

async function using(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}

async function isRegularOrNew(path: string): Promise<boolean> {
  // A link to a file that is not there yet makes that file.
  return (await unlessMissing(stat(path)))?.isFile() ?? true;
}
