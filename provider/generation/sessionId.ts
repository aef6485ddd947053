import { createHash } from "node:crypto";
import { canonicalValue } from "../schema/json";

/**
 * The SessionId is what makes a generation happen once: the service refuses a second request that carries it within its
 * window. It is derived from the intention alone, so that any process, on any machine, arrives at the same one.
 *
 * Frozen by golden values: another result for the same intention bills every picture again.
 */
const prefix = "pulumi-aigc-";

/** What tells one intended generation from another. */
export interface IntentionParts {
  /** The resource's URN, or the text that several stacks share as `sessionScope`. */
  readonly scope: string;
  /** The billed part of the request, in canonical form. */
  readonly request: unknown;
  readonly keepers: unknown;
}

/** Base SessionId of an intention: 44 safe characters. */
export function deriveSessionId({ scope, request, keepers }: IntentionParts): string {
  return prefix + digest(canonicalJson({ scope, request, keepers: keepers ?? {} }));
}

/**
 * SessionId of the nth submission of an intention. A submission that has ended never frees its SessionId, so each
 * further one needs its own.
 */
export function sessionIdOf(base: SessionIdBase, submission: number): string {
  if (submission === 1) return base.id;
  return base.explicit ? prefix + digest(canonicalJson([base.id, submission])) : `${base.id}-${submission}`;
}

export interface SessionIdBase {
  readonly id: string;
  /** Given by the user as `sessionId`, so that a suffix might not fit or might be another user's id. */
  readonly explicit: boolean;
}

/** Equal for equal content, however it was written. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(canonicalValue(value));
}

function digest(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32);
}
