import { type Library, type LibraryFile, withoutName } from "../service/library";
import { absent, asked, found, type Look } from "../service/look";
import { askTask } from "../service/task";
import { findTask } from "../service/taskList";
import { serviceWindowMs } from "../service/window";
import type { VodClient } from "../vod/client";
import type { FoundFiles } from "./evidence";
import { sessionIdOf } from "./generationId";
import type { Intention } from "./intention";
import { proofOf } from "./proof";
import { type GenerationRecord, mostAttempts } from "./record";
import { type KnownSubmission, ownSessionIdAsSent, submissionOf } from "./submissions";

export interface FirstVersionDependencies {
  readonly client: VodClient;
  readonly libraryOf: (subAppId: number) => Library;
  /** The service's time (ms). */
  readonly now: () => number;
}

/**
 * Version 0.1.0 named files by the SessionId as sent. Under a SessionId of the user's own they are taken only where
 * state, their task or the journal shows that they are this intention's.
 */
export async function filesOfFirstVersion(
  dependencies: FirstVersionDependencies,
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
  { client, now }: FirstVersionDependencies,
  intention: Intention,
  sessionId: string,
  entry: KnownSubmission | undefined,
): Promise<Look<string | undefined>> {
  const { SubAppId } = intention.request;
  return asked("The task", async () => {
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
  return `Nothing tells whether file ${files.map(({ fileId }) => fileId).join(", ")}, which is named by this resource's \`sessionId\`, is its picture: take it over with adoptFileIds, or give the resource another \`sessionId\`.`;
}
