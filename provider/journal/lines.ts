import { hostname } from "node:os";
import { isRunning } from "../runningProcess";
import { isObject } from "../schema/json";

/**
 * What is written of an intention, a short JSON line each. No line holds input text in clear: an explicit SessionId is
 * sealed.
 */
export type JournalLine =
  /** About to send. `send` is a random number that the answer's line repeats. */
  | {
      readonly event: "intent";
      readonly submission: number;
      readonly attempt: number;
      /** A derived SessionId; an explicit one is sealed instead. */
      readonly sessionId?: string;
      readonly sealedSessionId?: string;
      /** The service's time (ms). */
      readonly at: number;
      readonly send?: string;
    }
  | { readonly event: "task"; readonly submission: number; readonly taskId: string; readonly at?: number }
  /** The service said that it had accepted this SessionId before. */
  | { readonly event: "duplicate"; readonly submission: number }
  | { readonly event: "refused"; readonly submission: number; readonly send?: string }
  /** The SessionId is another request's, so every send under it was refused. */
  | { readonly event: "anothers"; readonly submission: number }
  | {
      readonly event: "files";
      readonly submission: number;
      readonly taskId?: string;
      readonly fileIds: readonly string[];
      readonly expireTime?: string;
    }
  /** The TaskId was seen in a stack's state. */
  | { readonly event: "settled"; readonly submission: number; readonly at: number }
  /** The intention goes on under another generation id: after a rename with an alias, or a new scope. */
  | { readonly event: "same"; readonly generationId: string }
  /** In the file of an explicit SessionId: the generation that sent it, and a digest of its billed request. */
  | { readonly event: "sentBy"; readonly generationId: string; readonly request: string };

/** Who wrote a line. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
}

export type WrittenLine = JournalLine & Writer;

/** One submission of an intention, as far as its lines tell. */
export interface JournalEntry {
  readonly submission: number;
  readonly attempt: number;
  readonly sessionId?: string;
  readonly sealedSessionId?: string;
  /** When the first send that was not refused was begun (service's time, ms). */
  readonly firstSentAt: number;
  /** When the latest send was begun. */
  readonly lastSentAt: number;
  /** A send was begun by another process that may still be about to act on it. */
  readonly senderAlive: boolean;
  /** Every send was refused, so it never became a task. */
  readonly refused: boolean;
  /** The service said that it had accepted the SessionId before. */
  readonly duplicate: boolean;
  readonly taskId?: string;
  readonly fileIds?: readonly string[];
  /** When the files are deleted, as last ordered. */
  readonly expireTime?: string;
  /** Its TaskId was seen in a stack's state, or given up by a destroy. */
  readonly settled: boolean;
}

/** All that the journal tells of an intention. */
export interface JournalRecord {
  /** First to last. */
  readonly entries: readonly JournalEntry[];
  /** Generation ids under which the intention goes on. */
  readonly same: readonly string[];
  readonly sentBy: readonly { readonly generationId: string; readonly request: string }[];
}

/** A line of the journal, or undefined for what is torn or not ours. */
export function parseLine(text: string): WrittenLine | undefined {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    // A crash tears the last line: it was not on disk, so nothing was done on its account.
    return undefined;
  }
  return isLine(line) ? line : undefined;
}

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

/** What each kind of line must hold. */
const shapes: Readonly<Record<JournalLine["event"], Readonly<Record<string, (value: unknown) => boolean>>>> = {
  intent: { submission: isNumber, attempt: isNumber, at: isNumber },
  task: { submission: isNumber, taskId: isText },
  duplicate: { submission: isNumber },
  refused: { submission: isNumber },
  anothers: { submission: isNumber },
  files: { submission: isNumber, fileIds: isTexts },
  settled: { submission: isNumber },
  same: { generationId: isText },
  sentBy: { generationId: isText, request: isText },
};

function isLine(line: unknown): line is WrittenLine {
  if (!isObject(line) || typeof line["event"] !== "string" || !Object.hasOwn(shapes, line["event"])) return false;
  const shape = shapes[line["event"] as JournalLine["event"]];
  return Object.entries(shape).every(([key, holds]) => holds(line[key]));
}

/** A send that was begun and not answered, as far as the lines tell. */
interface Send extends Writer {
  readonly send: string | undefined;
  readonly at: number;
}

interface Draft {
  submission: number;
  attempt: number;
  sessionId?: string;
  sealedSessionId?: string;
  sends: Send[];
  refusals: number;
  lastSentAt: number;
  taskAt?: number;
  taskId?: string;
  fileIds?: readonly string[];
  expireTime?: string;
  duplicate: boolean;
  settled: boolean;
}

/** What the lines of one intention come to. */
export function recordOf(lines: readonly WrittenLine[]): JournalRecord {
  const drafts = new Map<number, Draft>();
  const same = new Set<string>();
  const sentBy: { generationId: string; request: string }[] = [];
  const draftOf = (submission: number): Draft => {
    const draft = drafts.get(submission) ?? {
      submission,
      attempt: submission,
      sends: [],
      refusals: 0,
      lastSentAt: Number.NEGATIVE_INFINITY,
      duplicate: false,
      settled: false,
    };
    drafts.set(submission, draft);
    return draft;
  };
  for (const line of lines) {
    if (line.event === "same") same.add(line.generationId);
    else if (line.event === "sentBy") sentBy.push({ generationId: line.generationId, request: line.request });
    else note(draftOf(line.submission), line);
  }
  const entries = [...drafts.values()].sort((a, b) => a.submission - b.submission).map(entryOf);
  return { entries, same: [...same], sentBy };
}

function note(draft: Draft, line: Exclude<WrittenLine, { event: "same" | "sentBy" }>): void {
  switch (line.event) {
    case "intent":
      draft.attempt = line.attempt;
      if (line.sessionId !== undefined) draft.sessionId = line.sessionId;
      if (line.sealedSessionId !== undefined) draft.sealedSessionId = line.sealedSessionId;
      draft.sends.push({ send: line.send, at: line.at, pid: line.pid, host: line.host });
      draft.lastSentAt = Math.max(draft.lastSentAt, line.at);
      break;
    case "task":
      draft.taskId = line.taskId;
      if (line.at !== undefined) draft.taskAt = line.at;
      break;
    case "files":
      draft.fileIds = line.fileIds;
      if (line.expireTime === undefined) delete draft.expireTime;
      else draft.expireTime = line.expireTime;
      if (line.taskId !== undefined) draft.taskId = line.taskId;
      break;
    case "duplicate":
      draft.duplicate = true;
      break;
    case "settled":
      draft.settled = true;
      break;
    case "anothers":
      draft.refusals += draft.sends.length;
      draft.sends = [];
      draft.duplicate = false;
      break;
    case "refused": {
      // A refusal answers the one send that it names; older lines name none, and answer those of their own process.
      const before = draft.sends.length;
      draft.sends = draft.sends.filter((send) => !answers(line, send));
      draft.refusals += before - draft.sends.length;
      break;
    }
  }
}

function answers(refusal: { send?: string } & Writer, send: Send): boolean {
  if (refusal.send !== undefined || send.send !== undefined) return refusal.send === send.send;
  return refusal.pid === send.pid && refusal.host === send.host;
}

function entryOf(draft: Draft): JournalEntry {
  const { sends, refusals, taskAt, lastSentAt, duplicate, settled, ...kept } = draft;
  const accepted = kept.taskId !== undefined || kept.fileIds !== undefined || duplicate;
  const firstSentAt = Math.min(...sends.map(({ at }) => at), ...(taskAt === undefined ? [] : [taskAt]));
  return {
    ...kept,
    duplicate,
    settled,
    // A task whose intent cannot be read has no time: it counts as too old to be repeated.
    firstSentAt: Number.isFinite(firstSentAt) ? firstSentAt : lastSentAt,
    lastSentAt,
    senderAlive: !accepted && sends.some(isAlive),
    refused: !accepted && sends.length === 0 && refusals > 0,
  };
}

export function thisWriter(): Writer {
  return { pid: process.pid, host: hostname() };
}

/** Only a process of this machine can be asked; one of another machine counts as alive. */
function isAlive({ pid, host }: Writer): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return false;
  return isRunning({ pid });
}
