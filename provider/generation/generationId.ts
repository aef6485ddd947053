import { createHash } from "node:crypto";
import { canonicalValue } from "../schema/json";
import { canonicalKeepers } from "../schema/keepers";
import { plainUrls } from "../schema/pictureUrl";

/**
 * The generation id names an intention: what the journal, the files at the service and a derived SessionId are called
 * by. It is derived from the intention alone, so that any process, on any machine, arrives at the same one.
 *
 * Frozen by golden values: another result for the same intention bills every picture again.
 */
export const generationIdPrefix = "pulumi-aigc-";

/** What tells one intended generation from another. */
export interface IntentionParts {
  /** The resource's URN, or the text that several stacks share as `sessionScope`. */
  readonly scope: string;
  /** The billed part of the request, in canonical form. */
  readonly request: unknown;
  readonly keepers: unknown;
}

/** Generation id of an intention: 44 safe characters. */
export function deriveGenerationId({ scope, request, keepers }: IntentionParts, textForm = plainUrls): string {
  return generationIdPrefix + digest({ scope, request, keepers: canonicalKeepers(keepers, textForm) });
}

/** The billed request and keepers as a digest, whatever the scope. */
export function requestDigest({ request, keepers }: Omit<IntentionParts, "scope">): string {
  return digest({ request, keepers: canonicalKeepers(keepers) });
}

/** A digest for an id that must not show what it is made from. */
export function opaque(text: string): string {
  return digest(["opaque", text]);
}

/**
 * SessionId of the nth submission. A submission that has ended never frees its SessionId, so each further one needs its
 * own.
 *
 * @param own the user's own `sessionId`, if one is given
 */
export function sessionIdOf(generationId: string, own: string | undefined, submission: number): string {
  if (own === undefined || own === generationId) return nameOf(generationId, submission);
  return submission === 1 ? own : generationIdPrefix + digest([own, submission]);
}

/** The name that Permanent files of the nth submission are born with. */
export function nameOf(generationId: string, submission: number): string {
  return submission === 1 ? generationId : `${generationId}-${submission}`;
}

/** The submission that a name, or a derived SessionId, was given for; undefined for another ending. */
export function submissionNamed(generationId: string, name: string): number | undefined {
  if (name === generationId) return 1;
  const ending = name.startsWith(`${generationId}-`) ? name.slice(generationId.length + 1) : "";
  const submission = /^\d{1,5}$/.test(ending) ? Number(ending) : 0;
  return submission > 1 ? submission : undefined;
}

/** The generation id that a file's name begins with, whatever the service has put behind it. */
export function generationIdIn(name: string): string | undefined {
  return /^pulumi-aigc-[0-9a-f]{32}(?![0-9a-z])/.exec(name)?.[0];
}

/** What is derived here, with or without the number of a submission. */
export function isDerived(sessionId: string): boolean {
  return /^pulumi-aigc-[0-9a-f]{32}(-\d{1,5})?$/.test(sessionId);
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(canonicalValue(value)), "utf8")
    .digest("hex")
    .slice(0, 32);
}
