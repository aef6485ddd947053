import { randomBytes } from "node:crypto";
import type { Journal, JournalKey } from "../journal/journal";
import { findFreshTask, findTaskAfter, type ListedTask } from "../service/taskList";
import { insideWindow, serviceWindowMs } from "../service/window";
import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import { isDuplicateSession, TencentAigcError } from "../vod/errors";
import { type Trouble, troubleOfCode } from "../vod/retry";
import type { KnownTask, OpenSend, Sent } from "./evidence";
import { isDerived, nameOf } from "./generationId";
import type { Intention } from "./intention";
import type { Submission } from "./record";
import type { Slots } from "./slots";
import { journaledSessionId } from "./submissions";

export interface SubmitDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly endpoint: string;
  readonly slots: Slots;
  /**
   * Settles once sending is right: waits for an engine that is paused.
   * @throws, unbilled, where sending would outlive the engine that asked for it
   */
  readonly beforeSend: () => Promise<void>;
  /** The service's time (ms). */
  readonly now: () => number;
  readonly cancelled: AbortSignal;
  /** A moment after the Cancel: until then an answer that is on its way is waited for. */
  readonly cutOff: AbortSignal;
}

/** One submission to send. */
export interface Submit {
  readonly generationId: string;
  readonly submission: Submission;
  readonly sessionId: string;
  /** A request for the same submission that was begun before and may have been accepted. */
  readonly open: OpenSend | undefined;
}

/** Waits before a request without an answer is repeated under the same SessionId. */
const repeatMs = [1_000, 2_000, 4_000, 8_000, 15_000];

/** A repeat that can no longer be signed inside the window. */
class TooLate extends Error {}

/**
 * Sends one submission so that it becomes one task at most: its intent is on disk before the first byte, it is repeated
 * only under the same SessionId and inside the service's window, and an answer that never came is looked for before it
 * is asked for again.
 *
 * @throws the service's definite refusal, or that nothing could be sent: then nothing was, and nothing is billed
 */
export async function submit(dependencies: SubmitDependencies, intention: Intention, sent: Submit): Promise<Sent> {
  const { client, clock, journal, slots, beforeSend, now, cancelled, cutOff } = dependencies;
  const { generationId, submission, sessionId, open } = sent;
  const subAppId = intention.request.SubAppId;
  const key = keyFor(dependencies, intention, generationId);
  const number = submission.number;
  await beforeSend();
  // The window is judged by the service's time, and so is what is written of it.
  await client.learnServiceTime(subAppId);
  // Read once, before anything is written of it: what is repeated is the same.
  const request = await intention.withFiles(requestFor(intention, sent), open !== undefined);
  let firstSentAt = open?.firstSentAt ?? now();
  let mayBeAccepted = open !== undefined;
  // Too fast is over by the next try, or others of ours are accepted meanwhile; too much at once, which may well be our own
  // tasks, is not over until one of them ends.
  let isTooManyAtOnce = false;
  let startedBefore = slots.started;
  const retry = (trouble: Trouble, retries: number) => {
    const isStuck = retries > 0 && slots.started === startedBefore;
    startedBefore = slots.started;
    isTooManyAtOnce = trouble === "throttled" && isStuck && !mayBeAccepted && slots.running > 0;
    return !isTooManyAtOnce && !cancelled.aborted;
  };
  const beforeSigning = (signedAt: number) => {
    cancelled.throwIfAborted();
    if (mayBeAccepted && !insideWindow(firstSentAt, signedAt)) throw new TooLate();
    refusePastExpiry(intention, signedAt);
  };
  const openSend = (): OpenSend => ({ generationId, submission, sessionId, firstSentAt, duplicate: false });
  const foundTask = async ({ taskId }: ListedTask): Promise<Sent> => {
    const task: KnownTask = { taskId, generationId, submission, sessionId, since: firstSentAt, source: "listed" };
    // Another request may have used a SessionId of the user's own: nothing is written before that is known.
    if (!isDerived(sessionId)) return { kind: "task", task: { ...task, proof: "required" } };
    await journal.append(key, { event: "task", submission: number, taskId, at: now() });
    return { kind: "task", task };
  };
  const isOurs = (listed: string) => listed === sessionId;

  if (sessionId !== generationId && !isDerived(sessionId)) await point(dependencies, intention, sent);
  for (let repeat = 0; ; repeat++) {
    const send = randomBytes(6).toString("hex");
    const at = now();
    firstSentAt = Math.min(firstSentAt, at);
    const name = journaledSessionId(sessionId, generationId);
    await journal.append(key, { event: "intent", submission: number, attempt: submission.attempt, ...name, at, send });
    const refusedSend = () => journal.append(key, { event: "refused", submission: number, send });
    try {
      const options = { beforeSend, beforeSigning, retry, signal: cutOff };
      const { TaskId, RequestId } = await client.call("CreateAigcImageTask", request, options);
      const task: KnownTask = {
        taskId: TaskId ?? "",
        generationId,
        submission,
        sessionId,
        requestId: RequestId,
        since: now(),
        source: "sent",
      };
      await journal.append(key, { event: "task", submission: number, taskId: task.taskId, at: now() });
      return { kind: "task", task };
    } catch (error) {
      if (error instanceof TooLate) {
        await refusedSend();
        return { kind: "tooLate", open: openSend() };
      }
      if (!TencentAigcError.isInstance(error)) throw error;
      if (isDuplicateSession(error)) {
        await journal.append(key, { event: "duplicate", submission: number });
        const known = await journaledTask(dependencies, intention, sent);
        if (known) {
          // Whatever is asked for it later goes by the generation that sent it.
          if (known.generationId !== generationId) {
            await journal.append(key, { event: "same", generationId: known.generationId });
          }
          return { kind: "task", task: known };
        }
        // It may have been accepted at any time within the window.
        const look = await findFreshTask({ client, clock, cancelled }, subAppId, isOurs, now() - serviceWindowMs);
        if (look.kind === "found") return foundTask(look.value);
        return { kind: "duplicateNotFound", open: { ...openSend(), duplicate: true } };
      }
      if (error.billed === "no") {
        await refusedSend();
        if (!mayBeAccepted) {
          if (isThrottled(error)) return { kind: "tooMany", atOnce: isTooManyAtOnce, error };
          throw error;
        }
      }
      const wait = error.billed === "no" || cancelled.aborted ? undefined : repeatMs[repeat];
      mayBeAccepted = true;
      if (wait === undefined) {
        if (cancelled.aborted) return { kind: "noAnswer", open: openSend(), cause: error.message };
        const look = await findFreshTask({ client, clock, cancelled }, subAppId, isOurs, firstSentAt);
        if (look.kind === "found") return foundTask(look.value);
        return { kind: "noAnswer", open: openSend(), cause: error.message };
      }
      const look = await findTaskAfter(wait, { client, clock, cancelled }, subAppId, isOurs, firstSentAt);
      if (look.kind === "found") return foundTask(look.value);
      if (cancelled.aborted) return { kind: "noAnswer", open: openSend(), cause: error.message };
    }
  }
}

function isThrottled({ code }: TencentAigcError): boolean {
  return code !== undefined && troubleOfCode(code) === "throttled";
}

function keyFor({ endpoint }: SubmitDependencies, { request }: Intention, name: string): JournalKey {
  return { endpoint, subAppId: request.SubAppId, name };
}

/** Leaves, under the user's own SessionId, which generation sends it and for which request. */
function point(dependencies: SubmitDependencies, intention: Intention, { sessionId, generationId }: Submit) {
  const { journal } = dependencies;
  const request = intention.requestDigest;
  return journal.append(keyFor(dependencies, intention, sessionId), { event: "sentBy", generationId, request });
}

/** The task that another process, or another resource with the same request, has journaled under this SessionId. */
async function journaledTask(
  dependencies: SubmitDependencies,
  intention: Intention,
  { generationId, submission, sessionId }: Submit,
): Promise<KnownTask | undefined> {
  const { journal } = dependencies;
  const ids = new Set([generationId]);
  if (!isDerived(sessionId)) {
    const pointers = await journal.read(keyFor(dependencies, intention, sessionId));
    const sentBy = pointers.kind === "found" ? pointers.value.sentBy : [];
    for (const pointer of sentBy) if (pointer.request === intention.requestDigest) ids.add(pointer.generationId);
  }
  for (const id of ids) {
    const look = await journal.read(keyFor(dependencies, intention, id));
    const entry =
      look.kind === "found" ? look.value.entries.find((known) => known.submission === submission.number) : undefined;
    if (entry?.taskId === undefined) continue;
    const { taskId, firstSentAt } = entry;
    return { taskId, generationId: id, submission, sessionId, since: firstSentAt, source: "journal" };
  }
  return undefined;
}

/** @throws, unbilled, where a picture would be deleted before it is made */
function refusePastExpiry({ request }: Intention, now: number): void {
  const expireTime = request.OutputConfig?.ExpireTime;
  if (expireTime === undefined || !(Date.parse(expireTime) <= now)) return;
  throw new TencentAigcError(
    "outputConfig.expireTime is in the past: the picture would be billed and deleted at once. Nothing was sent, and nothing is billed.",
    { billed: "no", nextStep: "Set a later time, or remove it." },
  );
}

function requestFor({ request, permanent }: Intention, { generationId, submission, sessionId }: Submit) {
  const named = permanent
    ? { OutputConfig: { ...request.OutputConfig, MediaName: nameOf(generationId, submission.number) } }
    : {};
  return { ...request, ...named, SessionId: sessionId };
}
