import type { Journal, JournalKey } from "../journal/journal";
import type { JournalRecord } from "../journal/lines";
import type { Unanswered } from "../service/look";
import type { Clock } from "../vod/clock";
import { sessionIdOf } from "./generationId";
import type { Intention } from "./intention";
import type { GenerationRecord } from "./record";
import { type Entry, ownSessionIdAsSent } from "./submissions";

export interface JournalDependencies {
  readonly clock: Clock;
  readonly journal: Journal;
  /** The loopback endpoint's URL, or `real`: all real hosts are one service. */
  readonly endpoint: string;
  /** The service's time (ms). */
  readonly now: () => number;
  readonly cancelled: AbortSignal;
}

/** Another process's intent this young is given time to become a task before anything is decided. */
const freshIntentMs = 30_000;
const watchIntentMs = 500;

export type Journaled =
  | Unanswered
  | { readonly kind: "read"; readonly ids: readonly string[]; readonly entries: readonly Entry[] };

/** What the journal knows, once no other process's fresh intent is about to become a task. */
export async function journaled(
  dependencies: JournalDependencies,
  intention: Intention,
  stored: GenerationRecord | undefined,
): Promise<Journaled> {
  for (let waited = 0; ; waited += watchIntentMs) {
    const known = await readJournal(dependencies, intention, stored);
    if (known.kind === "unknown") return known;
    const last = known.entries.at(-1);
    const open = last?.senderAlive && !last.refused;
    if (!open || waited >= freshIntentMs || dependencies.now() - last.lastSentAt > freshIntentMs) return known;
    intention.report("waiting for another process that is sending the same request");
    await dependencies.clock.sleep(watchIntentMs, dependencies.cancelled);
  }
}

async function readJournal(
  { journal, endpoint }: JournalDependencies,
  intention: Intention,
  stored: GenerationRecord | undefined,
): Promise<Journaled> {
  const { SubAppId: subAppId } = intention.request;
  const keyOf = (name: string): JournalKey => ({ endpoint, subAppId, name });
  const entries: Entry[] = [];
  // An intention that goes on under another id is that one's: what a file adds is read as well.
  const toRead = new Set([
    stored?.generationId ?? intention.generationId,
    intention.generationId,
    ...intention.formerIds,
  ]);
  for (const generationId of toRead) {
    const look = await journal.read(keyOf(generationId));
    if (look.kind === "unknown") return look;
    if (look.kind === "absent") continue;
    for (const id of look.value.same) toRead.add(id);
    entries.push(...look.value.entries.map((entry) => ({ ...entry, generationId })));
  }
  const own = ownSessionIdAsSent(intention, stored);
  if (own !== undefined) {
    const look = await journal.read(keyOf(own));
    if (look.kind === "unknown") return look;
    if (look.kind === "found") entries.push(...sharedEntries(look.value, intention, own));
  }
  entries.sort((a, b) => a.submission - b.submission || a.lastSentAt - b.lastSentAt);
  return { kind: "read", ids: [...toRead], entries };
}

/** What 0.1.0 wrote under the user's own SessionId. */
function sharedEntries(record: JournalRecord, { generationId }: Intention, own: string): Entry[] {
  return record.entries.map((entry) => ({
    ...entry,
    generationId,
    sessionId: entry.sessionId ?? sessionIdOf(generationId, own, entry.submission),
    shared: true,
  }));
}
