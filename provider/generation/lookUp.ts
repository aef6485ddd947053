import { absent, asked, found, type Look } from "../service/look";
import { findTask } from "../service/taskList";
import { serviceWindowMs } from "../service/window";
import type { Findings, KnownTask, OpenSend } from "./evidence";
import type { FirstVersionDependencies } from "./firstVersion";
import { isDerived, submissionNamed } from "./generationId";
import type { Intention } from "./intention";
import { filesOf } from "./lookForFiles";
import { type JournalDependencies, journaled } from "./lookInJournal";
import { firstSubmission, type GenerationRecord, taskIdOf } from "./record";
import { type Entry, sessionIdIn, submissionOf } from "./submissions";

export type LookUpDependencies = JournalDependencies & FirstVersionDependencies;

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
  // Numbers count within one generation id, and what was sent under the intention's own comes first.
  const ownId = stored?.generationId ?? intention.generationId;
  const isOwn = ({ generationId }: Entry) => generationId === ownId;
  const after = stored?.kind === "failed" ? (stored.submission?.number ?? 1) : 0;
  const news = entries.filter((entry) => isNews(entry) && (!isOwn(entry) || entry.submission > after));
  const isUnsettled = (entry: Entry) => !entry.settled && !entry.refused;
  const unsettled = news.filter(isOwn).findLast(isUnsettled) ?? news.findLast(isUnsettled);
  if (unsettled?.taskId !== undefined && !unsettled.fileIds) {
    return { ...nothing, task: taskOf(unsettled), unanswered: undefined };
  }
  const files = await filesOf(dependencies, intention, ids, entries, stored);
  if (files.kind === "found") return { ...nothing, files, unanswered: undefined };
  const former = news.findLast((entry) => entry.taskId !== undefined);
  const last = news.at(-1);
  const open = openSend(unsettled?.taskId === undefined ? unsettled : undefined, stored, intention);
  const findings: Findings = {
    task: undefined,
    files,
    formerTask: former && taskOf(former),
    open,
    refused: last?.refused ? openSend(last, undefined, intention) : undefined,
    unanswered: undefined,
  };
  // Behind an earlier attempt there may be a later one, of which only the list tells.
  const isLater = former && open?.generationId === former.generationId && open.submission.number > former.submission;
  if (former && !isLater) return findings;
  const listed = await listedTask(dependencies, intention, ids, stored, open);
  if (listed.kind === "found") return { ...findings, task: listed.value };
  return { ...findings, unanswered: listed.kind === "unknown" ? listed : undefined };
}

function learnTime({ client }: LookUpDependencies, { request }: Intention): Promise<Look<undefined>> {
  return asked("The time of the service", async () => {
    await client.learnServiceTime(request.SubAppId);
    return found(undefined);
  });
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
  // What came before the request that is looked for has ended without a picture.
  const isEarlier = (sessionId: string) =>
    open !== undefined && (submissionNamed(open.generationId, sessionId) ?? Infinity) < open.submission.number;
  const isWanted = (sessionId: string) =>
    sessionId === sent || (idOf(sessionId) !== undefined && !isEarlier(sessionId));
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

/** The request that was begun, as journal and state know it. */
function openSend(
  entry: Entry | undefined,
  stored: GenerationRecord | undefined,
  intention: Intention,
): OpenSend | undefined {
  const journaledSend: OpenSend | undefined = entry && {
    generationId: entry.generationId,
    submission: submissionOf(entry),
    sessionId: sessionIdIn(entry),
    firstSentAt: entry.firstSentAt,
    duplicate: entry.duplicate,
  };
  if (stored?.kind !== "unknown" && !(stored?.kind === "aged" && stored.taskId === undefined)) return journaledSend;
  const { submission = firstSubmission, sessionId, generationId } = stored;
  const sentAt = stored.kind === "unknown" && stored.sentAt !== undefined ? Date.parse(stored.sentAt) : Number.NaN;
  const journaledAt = journaledSend?.firstSentAt ?? Number.POSITIVE_INFINITY;
  if (journaledSend && journaledSend.submission.number > submission.number) return journaledSend;
  return {
    generationId: generationId ?? journaledSend?.generationId ?? intention.generationId,
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
