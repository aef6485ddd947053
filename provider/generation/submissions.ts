import type { JournalEntry } from "../journal/lines";
import { seal, unseal } from "../journal/seal";
import type { KnownTask } from "./evidence";
import { isDerived, sessionIdOf, submissionNamed } from "./generationId";
import type { Intention } from "./intention";
import type { GenerationRecord, Submission } from "./record";

/** What is remembered of submissions, and the SessionId that each was sent under. */

/** A journal entry, and the generation id that it is of. */
export interface Entry extends JournalEntry {
  readonly generationId: string;
  /** Found under the user's own SessionId, where 0.1.0 wrote it: another request may have used the same. */
  readonly shared?: boolean;
}

/** What is known of a submission by which its files are recognized. */
export type KnownSubmission = Pick<Entry, "generationId" | "submission" | "attempt"> &
  Partial<Pick<Entry, "sessionId" | "sealedSessionId" | "taskId" | "fileIds">>;

/** A task, as a submission that is known. */
export function submissionOfTask({ generationId, submission, sessionId, taskId, fileIds }: KnownTask): KnownSubmission {
  return {
    generationId,
    submission: submission.number,
    attempt: submission.attempt,
    taskId,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(fileIds === undefined ? {} : { fileIds }),
  };
}

/** The user's own SessionId as it was sent, which need not be the one that the inputs give today. */
export function ownSessionIdAsSent(intention: Intention, stored: GenerationRecord | undefined): string | undefined {
  return stored === undefined ? intention.ownSessionId : ownSessionIdOf(stored, intention);
}

/** The user's own SessionId that a submission was sent under; undefined for a derived one. */
export function ownSessionIdOf(
  known: { readonly generationId?: string; readonly sessionId?: string | undefined; readonly submission?: Submission },
  intention: Intention,
): string | undefined {
  const { sessionId, submission, generationId = intention.generationId } = known;
  if (sessionId === undefined || submissionNamed(generationId, sessionId) !== undefined) return undefined;
  const number = submission?.number ?? 1;
  if (number === 1) return isDerived(sessionId) ? undefined : sessionId;
  // A digest of it was sent: today's is the one if it leads to the same.
  const own = intention.ownSessionId;
  return own !== undefined && sessionIdOf(generationId, own, number) === sessionId ? own : undefined;
}

export function submissionOf({ submission, attempt }: KnownSubmission): Submission {
  return { number: submission, attempt };
}

/** The SessionId as sent. */
export function sessionIdIn({ sessionId, sealedSessionId, generationId }: KnownSubmission): string | undefined {
  if (sessionId !== undefined) return sessionId;
  return sealedSessionId === undefined ? undefined : unseal(sealedSessionId, generationId);
}

/** A SessionId as the journal keeps it: one of the user's own may be a secret. */
export function journaledSessionId(
  sessionId: string,
  generationId: string,
): { readonly sessionId: string } | { readonly sealedSessionId: string } {
  return isDerived(sessionId) ? { sessionId } : { sealedSessionId: seal(sessionId, generationId) };
}
