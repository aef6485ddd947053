import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import type { Generated } from "./generated";
import type { Intention } from "./intention";
import type { Journal, JournaledSubmission, JournalKey } from "./journal";
import type { Library, NamedFile } from "./library";
import { findTask } from "./listing";
import { sessionIdOf } from "./sessionId";
import type { Position } from "./submit";
import { insideWindow } from "./window";

/** What is at hand of an intention, to go on from. */
export type Found =
  | { readonly kind: "nothing" }
  | FoundTask
  | FoundFiles
  /** Sent longer ago than the service answers for. */
  | { readonly kind: "aged"; readonly sessionId: string };

export interface FoundFiles {
  readonly kind: "files";
  readonly files: readonly NamedFile[];
  readonly sessionId: string;
  readonly submission: number;
  /** Where this machine's journal still knows it. */
  readonly taskId?: string | undefined;
}

export interface FoundTask {
  readonly kind: "task";
  readonly taskId: string;
  readonly sessionId?: string;
  readonly requestId?: string;
  /** When it was accepted, where known (service's time, ms). */
  readonly since?: number;
  /** Accepted just now, by our own request. */
  readonly fresh?: boolean;
  /** Was once in a stack's state, and was given up there. */
  readonly settled?: boolean;
  /** Taken over by `adoptTaskId`. */
  readonly adopted?: boolean;
}

export interface LookDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly libraryOf: (subAppId: number) => Library;
  /** The service's time (ms). */
  readonly now: () => number;
}

/** Where a look found something, and at which submission. */
export interface Lead {
  readonly found: Found;
  readonly position: Position;
}

export const firstPosition: Position = { submission: 1, attempt: 1 };

/** Another process's intent this young is given time to become a task before anything is decided. */
const freshIntentMs = 30_000;
const watchIntentMs = 500;

/** The journal's submissions, once no other process's fresh intent is about to become a task. */
export async function journaled(
  look: LookDependencies,
  intention: Intention,
  key: JournalKey,
): Promise<JournaledSubmission[]> {
  for (let waited = 0; ; waited += watchIntentMs) {
    const known = await look.journal.read(key);
    const last = known.at(-1);
    const open = last !== undefined && last.taskId === undefined && !last.refused && last.writerAlive;
    if (!open || waited >= freshIntentMs || look.now() - last.intentAt > freshIntentMs) return known;
    intention.report("waiting for another process that is sending the same request");
    await look.clock.sleep(watchIntentMs);
  }
}

/** What there is before anything is sent: an unsettled journal entry first, then the library, then settled entries. */
export async function lookBeforeSending(look: LookDependencies, intention: Intention, key: JournalKey): Promise<Lead> {
  const known = await journaled(look, intention, key);
  const unsettled = known.findLast((entry) => !entry.settled && !entry.refused);
  if (unsettled?.taskId !== undefined) return leadOf(unsettled, look.now());
  const files = await filesOf(look, intention);
  if (files !== undefined) {
    const taskId = known.find((entry) => entry.sessionId === files.sessionId)?.taskId;
    return { found: { ...files, taskId }, position: firstPosition };
  }
  const last = unsettled ?? known.at(-1);
  return last === undefined ? { found: { kind: "nothing" }, position: firstPosition } : leadOf(last, look.now());
}

/** What an earlier update may have begun after the failed submission that is in state: it may have crashed. */
export async function lookBeforeRetry(
  look: LookDependencies,
  intention: Intention,
  key: JournalKey,
  failed: Position,
): Promise<Lead | undefined> {
  const known = await journaled(look, intention, key);
  const begun = known.find((entry) => entry.submission > failed.submission && !entry.refused);
  if (begun?.taskId !== undefined) return leadOf(begun, look.now());
  // On another machine, and after the service has forgotten the task, only its file tells of it.
  const files = await filesOf(look, intention);
  if (files !== undefined && files.submission > failed.submission) return { found: files, position: failed };
  return begun && leadOf(begun, look.now());
}

/** What there is of a generation that is in state as UNKNOWN or AGED. */
export async function lookAgain(look: LookDependencies, intention: Intention, stored: Generated): Promise<Lead> {
  const position = positionOf(stored);
  const sessionId = stored.sessionId ?? sessionIdOf(intention.base, position.submission);
  const files = await filesOf(look, intention);
  if (files !== undefined) return { found: files, position };
  if (stored.taskId !== undefined) return { found: taskOf(stored), position };
  const subAppId = intention.request.SubAppId;
  const task = await findTask(look.client, look.clock, { subAppId, sessionId, patient: false });
  if (task !== undefined) return { found: { kind: "task", taskId: task.TaskId, sessionId }, position };
  const sentAt = stored.sentAt === undefined ? 0 : Date.parse(stored.sentAt);
  const found: Found = insideWindow(sentAt, look.now()) ? { kind: "nothing" } : { kind: "aged", sessionId };
  return { found, position: { ...position, sentAt } };
}

/** The latest submission's files in the media library, where they are named by their SessionId. */
export async function filesOf(look: LookDependencies, intention: Intention): Promise<FoundFiles | undefined> {
  if (!intention.namedBySessionId) return undefined;
  const base = intention.base.id;
  const named = await look.libraryOf(intention.request.SubAppId).filesNamedLike(base);
  const bySubmission = Map.groupBy(named, (file) => submissionNamed(base, file.name) ?? 0);
  const submission = Math.max(0, ...bySubmission.keys());
  const files = submission > 0 ? bySubmission.get(submission) : undefined;
  return files && { kind: "files", files, sessionId: files[0]?.name ?? base, submission };
}

/** The task that is in state. */
export function taskOf(stored: Generated): FoundTask {
  return {
    kind: "task",
    taskId: stored.taskId ?? "",
    ...(stored.sessionId === undefined ? {} : { sessionId: stored.sessionId }),
    ...(stored.createTime === undefined ? {} : { since: Date.parse(stored.createTime) }),
    ...(stored.adopted ? { adopted: true } : {}),
  };
}

export function positionOf(stored: Generated): Position {
  const attempt = stored.attempt ?? 1;
  return { attempt, submission: stored.submission ?? attempt };
}

/** Goes on from a journal entry. */
export function leadOf(entry: JournaledSubmission, now: number): Lead {
  const { submission, attempt, sessionId, taskId, intentAt, settled } = entry;
  if (taskId !== undefined) {
    return {
      found: { kind: "task", taskId, sessionId, since: intentAt, settled: settled === true },
      position: { submission, attempt },
    };
  }
  if (entry.refused) return { found: { kind: "nothing" }, position: { submission, attempt } };
  const found: Found = insideWindow(intentAt, now) ? { kind: "nothing" } : { kind: "aged", sessionId };
  return { found, position: { submission, attempt, sentAt: intentAt } };
}

/** The submission that a SessionId was derived for: the number at its end, 1 where there is none. */
export function submissionIn(sessionId: string): number {
  return Number(/-(\d{1,5})$/.exec(sessionId)?.[1] ?? 1);
}

function submissionNamed(base: string, name: string): number | undefined {
  if (name === base) return 1;
  return name.startsWith(`${base}-`) && /^\d{1,5}$/.test(name.slice(base.length + 1)) ? submissionIn(name) : undefined;
}
