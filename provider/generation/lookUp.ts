import type { Journal, JournalKey } from "../journal/journal";
import type { JournalEntry, JournalRecord } from "../journal/lines";
import { unseal } from "../journal/seal";
import { type Library, type LibraryFile, withoutName } from "../service/library";
import { absent, asked, found, type Look, type Unanswered } from "../service/look";
import { askTask } from "../service/task";
import { findTask } from "../service/taskList";
import { serviceWindowMs } from "../service/window";
import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import type { Findings, FoundFiles, KnownTask, OpenSend } from "./decide";
import { isDerived, sessionIdOf, submissionNamed } from "./generationId";
import type { Intention } from "./intention";
import { commonTag, pictureAmong, tagOf } from "./names";
import { proofOf } from "./proof";
import { type GenerationRecord, mostAttempts, type Submission, taskIdOf } from "./record";

export interface LookUpDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly journal: Journal;
  /** The loopback endpoint's URL, or `real`: all real hosts are one service. */
  readonly endpoint: string;
  readonly libraryOf: (subAppId: number) => Library;
  /** The service's time (ms). */
  readonly now: () => number;
  readonly cancelled: AbortSignal;
}

/** Another process's intent this young is given time to become a task before anything is decided. */
const freshIntentMs = 30_000;
const watchIntentMs = 500;

/** A journal entry, and the generation id that it is of. */
interface Entry extends JournalEntry {
  readonly generationId: string;
  /** Found under the user's own SessionId, where 0.1.0 wrote it: another request may have used the same. */
  readonly shared?: boolean;
}

/** What is known of a submission by which its files are recognized. */
type KnownSubmission = Pick<Entry, "generationId" | "submission" | "attempt"> &
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

/**
 * What there is of an intention already. Nothing here goes by today's inputs alone: everything is looked for under the
 * names that were used when it was sent.
 *
 * @param stored what state holds; what was begun after it is looked for
 */
export async function lookUp(
  dependencies: LookUpDependencies,
  intention: Intention,
  stored: GenerationRecord | undefined,
): Promise<Findings> {
  const known = await journaled(dependencies, intention, stored);
  const nothing = { task: undefined, files: absent, formerTask: undefined, open: undefined, refused: undefined };
  if (known.kind === "unknown") return { ...nothing, unanswered: known };
  const { ids, entries } = known;
  if (entries.length > 0 || stored) {
    // What was sent before is judged by the service's time.
    const time = await learnTime(dependencies, intention);
    if (time.kind === "unknown") return { ...nothing, unanswered: time };
  }
  const isNews = (entry: Entry) =>
    entry.taskId === undefined || stored === undefined || entry.taskId !== taskIdOf(stored);
  const after = stored?.kind === "failed" ? (stored.submission?.number ?? 1) : 0;
  const news = entries.filter((entry) => isNews(entry) && entry.submission > after);
  const unsettled = news.findLast((entry) => !entry.settled && !entry.refused);
  if (unsettled?.taskId !== undefined && !unsettled.fileIds) {
    return { ...nothing, task: taskOf(unsettled), unanswered: undefined };
  }
  const files = await filesOf(dependencies, intention, ids, entries, stored);
  if (files.kind === "found") return { ...nothing, files, unanswered: undefined };
  const former = news.findLast((entry) => entry.taskId !== undefined);
  const last = news.at(-1);
  const open = openSend(unsettled?.taskId === undefined ? unsettled : undefined, stored);
  const findings: Findings = {
    task: undefined,
    files,
    formerTask: former && taskOf(former),
    open,
    refused: last?.refused ? openSend(last, undefined) : undefined,
    unanswered: undefined,
  };
  if (former) return findings;
  const listed = await listedTask(dependencies, intention, ids, stored, open);
  if (listed.kind === "found") return { ...findings, task: listed.value };
  return { ...findings, unanswered: listed.kind === "unknown" ? listed : undefined };
}

function learnTime({ client }: LookUpDependencies, { request }: Intention): Promise<Look<undefined>> {
  return asked("the service for its time", async () => {
    await client.learnServiceTime(request.SubAppId);
    return found(undefined);
  });
}

/** Files of the intention in the media library, by the FileIds that are known, by name and by tag. */
export async function filesOf(
  dependencies: LookUpDependencies,
  intention: Intention,
  ids: readonly string[],
  entries: readonly KnownSubmission[],
  stored: GenerationRecord | undefined,
): Promise<Look<FoundFiles>> {
  if (!intention.permanent) return absent;
  const library = dependencies.libraryOf(intention.request.SubAppId);
  const remembered = entries.findLast(({ fileIds }) => fileIds !== undefined);
  if (remembered?.fileIds) {
    const looks = await library.files(remembered.fileIds);
    const there = looks.flatMap((look) => (look.kind === "found" ? [look.value] : []));
    if (there.length > 0) return found(rememberedFiles(remembered, there));
  }
  const looks = await Promise.all(ids.map((id) => filesNamed(library, id, intention.imagesAsked)));
  const named = looks.find((look) => look.kind === "found");
  if (named) return found(withTask(named.value, entries));
  const legacy = await filesOfFirstVersion(dependencies, intention, stored, entries);
  if (legacy.kind === "found") return legacy;
  return [...looks, legacy].find((look) => look.kind === "unknown") ?? absent;
}

function rememberedFiles(entry: KnownSubmission, files: readonly LibraryFile[]): FoundFiles {
  return {
    files: files.map(withoutName),
    generationId: entry.generationId,
    sessionId: sessionIdIn(entry),
    submission: submissionOf(entry),
    taskId: entry.taskId,
    ordered: true,
  };
}

/** By name, and where that gives fewer than were asked for, by tag as well. */
async function filesNamed(library: Library, id: string, imagesAsked: number): Promise<Look<FoundFiles>> {
  const byName = await library.filesPrefixed(id);
  if (byName.kind === "unknown") return byName;
  const named = byName.kind === "found" ? byName.value : [];
  const enough = named.length >= imagesAsked;
  const byTag = enough ? absent : await library.filesTaggedAmong(commonTag, tagOf(id));
  const all = new Map([...named, ...(byTag.kind === "found" ? byTag.value : [])].map((file) => [file.fileId, file]));
  const picture = pictureAmong([...all.values()], id, imagesAsked);
  if (!picture) return byTag.kind === "unknown" ? byTag : absent;
  const { submission } = picture;
  return found({
    files: picture.files.map(withoutName),
    generationId: id,
    sessionId: submission === undefined ? undefined : sessionIdOf(id, undefined, submission),
    submission: submission === undefined ? undefined : { number: submission, attempt: submission },
    taskId: undefined,
    ordered: picture.ordered,
  });
}

/** What the journal knows of the submission whose files were found: its task, and the SessionId as it was sent. */
function withTask(files: FoundFiles, entries: readonly KnownSubmission[]): FoundFiles {
  const entry = entries.find(
    ({ generationId, submission }) => generationId === files.generationId && submission === files.submission?.number,
  );
  if (!entry) return files;
  return {
    ...files,
    sessionId: sessionIdIn(entry) ?? files.sessionId,
    submission: submissionOf(entry),
    taskId: entry.taskId,
  };
}

/**
 * Version 0.1.0 named files by the SessionId as sent. Under a SessionId of the user's own they are taken only where
 * state, their task or the journal shows that they are this intention's.
 */
async function filesOfFirstVersion(
  dependencies: LookUpDependencies,
  intention: Intention,
  stored: GenerationRecord | undefined,
  entries: readonly KnownSubmission[],
): Promise<Look<FoundFiles>> {
  const own = ownSessionIdAsSent(intention, stored);
  if (own === undefined) return absent;
  const library = dependencies.libraryOf(intention.request.SubAppId);
  const numbers = Array.from({ length: mostAttempts }, (_, index) => index + 1);
  const looks = await Promise.all(
    numbers.map(async (number): Promise<Look<FoundFiles>> => {
      const sessionId = sessionIdOf(intention.generationId, own, number);
      const look = await (number === 1 ? library.filesNamed(sessionId) : library.filesPrefixed(sessionId));
      if (look.kind !== "found") return look;
      const exact = look.value.filter(({ name }) => name === sessionId);
      if (exact.length === 0) return absent;
      const entry = entries.findLast(({ submission, taskId }) => submission === number && taskId !== undefined);
      const isStored = stored?.sessionId === sessionId;
      const shown = isStored ? found(entry?.taskId) : await shownByTask(dependencies, intention, sessionId, entry);
      if (shown.kind === "unknown") return shown;
      if (shown.kind === "absent") return { kind: "unknown", why: notProven(exact), lasting: true };
      return found({
        files: exact.map(withoutName),
        generationId: intention.generationId,
        sessionId,
        submission: entry ? submissionOf(entry) : (stored?.submission ?? { number, attempt: number }),
        taskId: shown.value,
        ordered: exact.length === 1,
      });
    }),
  );
  return looks.findLast((look) => look.kind === "found") ?? looks.find((look) => look.kind === "unknown") ?? absent;
}

/**
 * Whether what was sent under the user's own SessionId is this intention's: by what its task echoes, and once the
 * service has forgotten that, by the journal.
 * @returns its TaskId, where that is known
 */
function shownByTask(
  { client, now }: LookUpDependencies,
  intention: Intention,
  sessionId: string,
  entry: KnownSubmission | undefined,
): Promise<Look<string | undefined>> {
  const { SubAppId } = intention.request;
  return asked("the task", async () => {
    const isSent = (listed: string) => listed === sessionId;
    const listed: Look<{ readonly taskId: string }> =
      entry?.taskId === undefined
        ? await findTask(client, SubAppId, isSent, now() - serviceWindowMs)
        : found({ taskId: entry.taskId });
    if (listed.kind === "unknown") return listed;
    const taskId = listed.kind === "found" ? listed.value.taskId : undefined;
    const report = taskId === undefined ? undefined : await askTask(client, taskId, SubAppId);
    const echo = report === undefined || report.kind === "noSuchTask" ? undefined : report.echo;
    const proof = proofOf(intention, sessionId, echo);
    return proof === "ours" || (proof === "notShown" && entry !== undefined) ? found(taskId) : absent;
  });
}

function notProven(files: readonly LibraryFile[]): string {
  return `cannot tell whether file ${files.map(({ fileId }) => fileId).join(", ")}, which is named by this resource's \`sessionId\`, is its picture: take it over with adoptFileIds, or give the resource another \`sessionId\``;
}

type Journaled =
  | Unanswered
  | { readonly kind: "read"; readonly ids: readonly string[]; readonly entries: readonly Entry[] };

/** What the journal knows, once no other process's fresh intent is about to become a task. */
async function journaled(
  dependencies: LookUpDependencies,
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
  { journal, endpoint }: LookUpDependencies,
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

/** The user's own SessionId as it was sent, which need not be the one that the inputs give today. */
function ownSessionIdAsSent(intention: Intention, stored: GenerationRecord | undefined): string | undefined {
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

/** A task that only the service's own list tells of. */
async function listedTask(
  { client, now }: LookUpDependencies,
  intention: Intention,
  ids: readonly string[],
  stored: GenerationRecord | undefined,
  open: OpenSend | undefined,
): Promise<Look<KnownTask>> {
  const sent = open?.sessionId;
  const isStored = stored?.kind === "unknown" || stored?.kind === "aged";
  const usesOther = stored === undefined && (intention.ownSessionId !== undefined || ids.length > 1);
  if (!isStored && !usesOther && !open?.duplicate) return absent;
  const idOf = (sessionId: string) => ids.find((id) => submissionNamed(id, sessionId) !== undefined);
  const isWanted = (sessionId: string) => sessionId === sent || idOf(sessionId) !== undefined;
  const look = await findTask(client, intention.request.SubAppId, isWanted, now() - serviceWindowMs);
  if (look.kind !== "found") return look;
  const { taskId, sessionId } = look.value;
  const derivedFrom = idOf(sessionId);
  if (derivedFrom === undefined) {
    if (open === undefined) return absent;
    return found({
      ...open,
      taskId,
      sessionId,
      since: open.firstSentAt,
      source: "listed",
      ...(isDerived(sessionId) ? {} : { proof: "required" }),
    });
  }
  const number = submissionNamed(derivedFrom, sessionId) ?? 1;
  const submission = stored?.submission?.number === number ? stored.submission : { number, attempt: number };
  return found({ taskId, sessionId, generationId: derivedFrom, submission, source: "listed" });
}

function openSend(entry: Entry | undefined, stored: GenerationRecord | undefined): OpenSend | undefined {
  const journaledSend: OpenSend | undefined = entry && {
    generationId: entry.generationId,
    submission: submissionOf(entry),
    sessionId: sessionIdIn(entry),
    firstSentAt: entry.firstSentAt,
    duplicate: entry.duplicate,
  };
  if (stored?.kind !== "unknown" && !(stored?.kind === "aged" && stored.taskId === undefined)) return journaledSend;
  const { submission = { number: 1, attempt: 1 }, sessionId, generationId } = stored;
  const sentAt = stored.kind === "unknown" && stored.sentAt !== undefined ? Date.parse(stored.sentAt) : Number.NaN;
  const journaledAt = journaledSend?.firstSentAt ?? Number.POSITIVE_INFINITY;
  if (journaledSend && journaledSend.submission.number > submission.number) return journaledSend;
  return {
    generationId: generationId ?? journaledSend?.generationId ?? "",
    submission,
    sessionId,
    // A time that cannot be read proves nothing about the window.
    firstSentAt: Number.isNaN(sentAt) ? Number.NEGATIVE_INFINITY : Math.min(sentAt, journaledAt),
    duplicate: (stored.kind === "unknown" && stored.sentAt === undefined) || journaledSend?.duplicate === true,
  };
}

function taskOf(entry: Entry): KnownTask {
  const { taskId = "", generationId, settled, fileIds, expireTime, firstSentAt, shared } = entry;
  return {
    taskId,
    generationId,
    submission: submissionOf(entry),
    sessionId: sessionIdIn(entry),
    since: firstSentAt,
    source: "journal",
    settled,
    fileIds,
    expireTime,
    ...(shared ? { proof: "notDisproved" } : {}),
  };
}

function submissionOf({ submission, attempt }: KnownSubmission): Submission {
  return { number: submission, attempt };
}

/** The SessionId as sent. */
function sessionIdIn({ sessionId, sealedSessionId, generationId }: KnownSubmission): string | undefined {
  if (sessionId !== undefined) return sessionId;
  return sealedSessionId === undefined ? undefined : unseal(sealedSessionId, generationId);
}
