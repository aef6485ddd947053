import { generationIdIn, isDerived, submissionNamed } from "../../provider/generation/generationId";
import { generationIdTagged, pictureAmong } from "../../provider/generation/names";
import { statuses } from "../../provider/generation/record";
import type { LibraryFile } from "../../provider/service/library";
import type { PictureFile } from "../../provider/service/pictureFile";
import { temporaryLifeMs } from "../../provider/service/window";
import type { Adoption, Left } from "./adoption";
import type { Facts, ToldTask, Usage } from "./facts";
import { type Held, isLookedFor } from "./held";

/** What a task, or a file, is to the stacks that were given. */
export type Verdict =
  /** A stack holds it. */
  | "held"
  /** A stack has it without its picture, and looks for that at each update. */
  | "lookedFor"
  /** Under way: not judged. */
  | "running"
  /** Ended without a picture; bills nothing. */
  | "failed"
  /** The service did not say. */
  | "unknown"
  /** Left on purpose, as TENCENT_AIGC_LEFT_FILE says. */
  | "left"
  /** Paid for, in no stack, and its files exist no more. */
  | "gone"
  /** Paid for, and in no stack. */
  | "orphaned"
  /** Of another program, and in no stack: not judged. */
  | "anothers";

interface Judged {
  readonly verdict: Verdict;
  /** Resources that hold it, or look for it. */
  readonly heldBy?: readonly string[];
  /** Of what is orphaned. */
  readonly adopt?: Adoption;
  readonly why?: string;
}

export interface TaskRow extends Judged {
  readonly taskId: string;
  /** Images that it has made, each of them billed. */
  readonly images: number;
  readonly createTime?: string;
  readonly model?: string;
  readonly sentFor?: string;
}

/** Files of one generation whose task the service no longer tells. */
export interface FileRow extends Judged {
  readonly generationId: string;
  readonly fileIds: readonly string[];
}

/** What a stack holds and the service no longer has. */
export interface LostRow {
  readonly resource: string;
  readonly urn: string;
  readonly reason: "deleted" | "expired" | "notFound";
  readonly taskId?: string;
  readonly fileIds?: readonly string[];
}

export interface ApplicationReport {
  readonly subAppId: number;
  /** From when on tasks and usage were asked for, ISO 8601. */
  readonly since: string;
  readonly tasks: readonly TaskRow[];
  readonly files: readonly FileRow[];
  readonly lost: readonly LostRow[];
  readonly usage: Usage;
  /** What could not be judged. */
  readonly gaps: readonly string[];
}

/** Compares what the service tells of an application with what the stacks hold. */
export function judge(facts: Facts, held: readonly Held[], left: Left): ApplicationReport {
  const index = new Index(facts, held, left);
  return {
    subAppId: facts.subAppId,
    since: new Date(facts.since).toISOString(),
    tasks: facts.tasks.map((task) => taskRow(task, index)),
    files: fileRows(facts, index),
    lost: lostRows(facts, held),
    usage: facts.usage,
    gaps: gapsOf(facts, held),
  };
}

/** Finds who holds what. */
class Index {
  private readonly byTask: ReadonlyMap<string | undefined, readonly Held[]>;
  private readonly byFile: ReadonlyMap<string, readonly Held[]>;
  private readonly looking: readonly Held[];

  constructor(
    private readonly facts: Pick<Facts, "exists">,
    held: readonly Held[],
    private readonly left: Left,
  ) {
    this.byTask = Map.groupBy(held, ({ taskId }) => taskId);
    const pairs = held.flatMap((one) => one.fileIds.map((fileId) => ({ fileId, one })));
    const grouped = Map.groupBy(pairs, ({ fileId }) => fileId);
    this.byFile = new Map([...grouped].map(([fileId, each]) => [fileId, each.map(({ one }) => one)]));
    this.looking = held.filter(isLookedFor);
  }

  holdersOfTask(taskId: string): readonly Held[] {
    return this.byTask.get(taskId) ?? [];
  }

  holdersOfFile({ fileId = "" }: PictureFile): readonly Held[] {
    return this.byFile.get(fileId) ?? [];
  }

  /** Resources that look for what was sent under a SessionId, or is named by a generation id. */
  lookers(sessionId: string | undefined, generationId: string | undefined): readonly Held[] {
    return this.looking.filter(
      (one) =>
        (sessionId !== undefined && one.sessionId === sessionId) ||
        (generationId !== undefined && one.generationId === generationId),
    );
  }

  /** A Temporary file has no FileId by which it could be looked up: within the days that are asked for, it exists. */
  isThere({ fileId }: PictureFile): boolean {
    return fileId === undefined || this.facts.exists.get(fileId) !== false;
  }

  isLeft(taskId: string | undefined, files: readonly PictureFile[]): boolean {
    const { taskIds, fileIds } = this.left;
    if (taskId !== undefined && taskIds.has(taskId)) return true;
    return files.length > 0 && files.every(({ fileId }) => fileId !== undefined && fileIds.has(fileId));
  }
}

function taskRow(task: ToldTask, index: Index): TaskRow {
  const { taskId, createTime, model, sentFor, end } = task;
  return {
    taskId,
    images: end.kind === "finished" ? end.files.length : 0,
    ...(createTime === undefined ? {} : { createTime }),
    ...(model === undefined ? {} : { model }),
    ...(sentFor === undefined ? {} : { sentFor }),
    ...judgeTask(task, index),
  };
}

function judgeTask({ taskId, sessionId, generationId, end }: ToldTask, index: Index): Judged {
  const files = end.kind === "finished" ? end.files : [];
  const ofTask = index.holdersOfTask(taskId);
  const ofFiles = files.flatMap((file) => index.holdersOfFile(file));
  const isOurs = generationId !== undefined || (sessionId !== undefined && isDerived(sessionId));
  if (end.kind === "unknown") return { verdict: "unknown", why: end.why };
  if (ofTask.length + ofFiles.length === 0 && !isOurs) return { verdict: "anothers" };
  if (end.kind === "running" || end.kind === "failed") return { verdict: end.kind };
  if (end.kind === "noFile") return { verdict: "unknown", why: "the service reports a success and shows no file" };
  const there = files.filter((file) => index.isThere(file));
  // A picture that was taken over in part is held in part.
  const free = ofTask.length > 0 ? [] : there.filter((file) => index.holdersOfFile(file).length === 0);
  if (ofTask.length > 0 || (ofFiles.length > 0 && free.length === 0)) {
    return { verdict: "held", heldBy: named([...ofTask, ...ofFiles]) };
  }
  const lookers = index.lookers(sessionId, generationId);
  if (lookers.length > 0) return { verdict: "lookedFor", heldBy: named(lookers) };
  if (there.length === 0) return { verdict: "gone" };
  if (index.isLeft(taskId, free)) return { verdict: "left" };
  return { verdict: "orphaned", adopt: adoptionOf(taskId, free) };
}

function adoptionOf(taskId: string, files: readonly PictureFile[]): Adoption {
  const fileIds = files.flatMap(({ fileId }) => fileId ?? []);
  return fileIds.length === files.length ? { adoptFileIds: fileIds } : { adoptTaskId: taskId };
}

function fileRows({ files, tasks }: Facts, index: Index): FileRow[] {
  if (files.kind !== "found") return [];
  const told = new Set(
    tasks.flatMap(({ end }) => (end.kind === "finished" ? end.files : [])).map(({ fileId }) => fileId),
  );
  const outlived = files.value.filter((file) => !told.has(file.fileId) && index.holdersOfFile(file).length === 0);
  return [...Map.groupBy(outlived, generationOf)].flatMap(([generationId, ofOne]) =>
    // Such as those of `doctor --bill-one-image`.
    generationId === undefined ? [] : fileRowsOf(generationId, ofOne, index),
  );
}

function generationOf({ name, tags }: LibraryFile): string | undefined {
  return generationIdIn(name) ?? generationIdTagged(tags);
}

/** A row for each submission that names tell apart: it was billed, and is taken over, as one picture. */
function fileRowsOf(generationId: string, files: readonly LibraryFile[], index: Index): FileRow[] {
  return [...Map.groupBy(files, ({ name }) => submissionNamed(generationId, name)).values()].map((ofOne) => {
    const ordered = pictureAmong(ofOne, generationId, ofOne.length)?.files ?? ofOne;
    const fileIds = ordered.map(({ fileId }) => fileId);
    return { generationId, fileIds, ...judgeFiles(generationId, ordered, index) };
  });
}

function judgeFiles(generationId: string, files: readonly LibraryFile[], index: Index): Judged {
  const lookers = index.lookers(undefined, generationId);
  if (lookers.length > 0) return { verdict: "lookedFor", heldBy: named(lookers) };
  if (index.isLeft(undefined, files)) return { verdict: "left" };
  return { verdict: "orphaned", adopt: { adoptFileIds: files.map(({ fileId }) => fileId) } };
}

function lostRows(facts: Facts, held: readonly Held[]): LostRow[] {
  return held.flatMap((one) => {
    const gone = one.fileIds.filter((fileId) => facts.exists.get(fileId) === false);
    const reason = gone.length > 0 ? endOf(one, facts.now) : lossOf(one, facts);
    if (reason === undefined) return [];
    const { resource, urn, taskId } = one;
    return [
      {
        resource,
        urn,
        reason,
        ...(taskId === undefined ? {} : { taskId }),
        ...(gone.length > 0 ? { fileIds: gone } : {}),
      },
    ];
  });
}

function endOf({ expireTime }: Held, now: number): LostRow["reason"] {
  return isBefore(expireTime, now) ? "expired" : "deleted";
}

/** Why a picture without files in the media library is lost, if it is. */
function lossOf(one: Held, { now, since, tasks }: Facts): LostRow["reason"] | undefined {
  const { status, taskId, temporary, finishTime, createTime } = one;
  if (temporary) return isBefore(finishTime ?? createTime, now - temporaryLifeMs) ? "expired" : undefined;
  if (status === statuses.aged) return "notFound";
  const isTold = tasks.some((task) => task.taskId === taskId);
  return isLookedFor(one) && !isTold && isBefore(createTime, since) ? "notFound" : undefined;
}

function isBefore(time: string | undefined, limit: number): boolean {
  return time !== undefined && Date.parse(time) < limit;
}

/** A task may be listed some time after it was accepted, and may be too old by the time that its page is asked for. */
const marginMs = 10 * 60_000;

function gapsOf(facts: Facts, held: readonly Held[]): string[] {
  const { since, now, tasks, files, exists } = facts;
  const listed = new Set(tasks.flatMap((task) => (task.listed ? task.taskId : [])));
  const isDue = ({ taskId, createTime }: Held) => {
    const created = Date.parse(createTime ?? "");
    return taskId !== undefined && created > since + marginMs && created < now - marginMs;
  };
  const due = held.filter(isDue);
  const unlisted = due.filter(({ taskId = "" }) => !listed.has(taskId));
  const unsaid = new Set(held.flatMap(({ fileIds }) => fileIds.filter((fileId) => !exists.has(fileId))));
  const unread = held.filter(({ unreadable }) => unreadable);
  return [
    ...(unlisted.length > 0
      ? [
          `The service's list lacks ${unlisted.length} of the ${due.length} tasks of this time that the stacks hold; it may lack orphaned ones too.`,
        ]
      : []),
    ...(files.kind === "unknown" ? [`Files that outlived their task are not judged: ${files.why}`] : []),
    ...(unsaid.size > 0
      ? [`Of ${unsaid.size} files that the stacks hold the service did not say whether they exist.`]
      : []),
    ...(unread.length > 0
      ? [
          `${unread.length} pictures have encrypted ids in their export, and may hold what seems to be held by nothing. Export with: pulumi stack export --show-secrets`,
        ]
      : []),
  ];
}

function named(held: readonly Held[]): string[] {
  return [...new Set(held.map(({ resource }) => resource))];
}
