import type { VodClient } from "../vod/client";
import type { Clock } from "../vod/clock";
import { TencentAigcError } from "../vod/errors";
import type { Trouble } from "../vod/retry";
import type { Intention } from "./intention";
import type { Journal, JournalKey } from "./journal";
import { findTask } from "./listing";
import { sessionIdOf } from "./sessionId";
import type { Slots } from "./slots";

/** Which submission of an intention is meant. */
export interface Position {
  /** Counts all submissions; decides the SessionId. */
  readonly submission: number;
  /** Counts those that the service ran. */
  readonly attempt: number;
  /** An earlier request for the same submission may have been accepted: first sent at (ms). */
  readonly sentAt?: number;
}

export type Submitted =
  | { readonly kind: "accepted"; readonly taskId: string; readonly requestId: string; readonly sessionId: string }
  /** Sent before, by a request whose answer never arrived or by another process. */
  | { readonly kind: "found"; readonly taskId: string; readonly sessionId: string }
  /** Refused, not accepted: too many tasks of ours are running. */
  | { readonly kind: "tooMuch" }
  | { readonly kind: "duplicateNotFound"; readonly sessionId: string; readonly sentAt: number }
  | { readonly kind: "unknown"; readonly sessionId: string; readonly sentAt: number; readonly cause: string };

export interface SubmitDependencies {
  readonly client: VodClient;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly slots: Slots;
  /** Throws, unbilled, where sending would outlive whoever asked for it or exceed the spend guard. */
  readonly beforeSend: () => Promise<void>;
  /** The service's time (ms). */
  readonly now: () => number;
}

/** Waits before a request without an answer is repeated under the same SessionId. */
const repeatMs = [1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Sends one submission so that it becomes one task at most: its intent is on disk before the first byte, it is repeated
 * only under the same SessionId, and an answer that never came is looked for before it is asked for again.
 *
 * @throws the service's definite refusal, or that nothing could be sent: then nothing was, and nothing is billed
 */
export async function submit(
  dependencies: SubmitDependencies,
  intention: Intention,
  key: JournalKey,
  position: Position,
): Promise<Submitted> {
  const { client, clock, journal, slots, beforeSend, now } = dependencies;
  const { submission, attempt } = position;
  const sessionId = sessionIdOf(intention.base, submission);
  const subAppId = intention.request.SubAppId;
  const request = requestWith(intention, sessionId);
  const sentAt = position.sentAt ?? now();
  const found = async (taskId: string): Promise<Submitted> => {
    await journal.append(key, { event: "task", submission, taskId });
    return { kind: "found", taskId, sessionId };
  };
  // Our own clock may have been ahead before the first answer told the service's time.
  const firstSent = () => Math.min(sentAt, now());
  const look = (patient: boolean) => findTask(client, clock, { subAppId, sessionId, since: firstSent(), patient });

  await beforeSend();
  await journal.append(key, { event: "intent", submission, attempt, sessionId, at: sentAt });
  let mayBeAccepted = position.sentAt !== undefined;
  // Too fast is over by the next try; too much at once, which may well be our own tasks, not until one of them ends.
  let tooMuch = false;
  const retry = (trouble: Trouble, retries: number) => {
    tooMuch = trouble === "throttled" && retries > 0 && !mayBeAccepted && slots.running > 0;
    return !tooMuch;
  };
  for (let repeat = 0; ; repeat++) {
    try {
      const answer = await client.call("CreateAigcImageTask", request, { beforeSend, retry });
      const taskId = answer.TaskId as string;
      await journal.append(key, { event: "task", submission, taskId });
      return { kind: "accepted", taskId, requestId: answer.RequestId, sessionId };
    } catch (error) {
      if (!TencentAigcError.isInstance(error)) throw error;
      if (error.code === "InvalidParameterValue.SessionId") {
        // Whoever sent it first may have done so at any time within the service's window.
        const task = await findTask(client, clock, { subAppId, sessionId, patient: true }).catch(() => undefined);
        return task ? found(task.TaskId) : { kind: "duplicateNotFound", sessionId, sentAt: firstSent() };
      }
      if (error.billed === "no" && !mayBeAccepted) {
        await journal.append(key, { event: "refused", submission });
        if (tooMuch) return { kind: "tooMuch" };
        throw error;
      }
      const wait = error.billed === "no" ? undefined : repeatMs[repeat];
      mayBeAccepted = true;
      if (wait === undefined) {
        const task = await look(true).catch(() => undefined);
        return task ? found(task.TaskId) : { kind: "unknown", sessionId, sentAt: firstSent(), cause: error.message };
      }
      await clock.sleep(wait);
      const task = await look(false).catch(() => undefined);
      if (task) return found(task.TaskId);
    }
  }
}

function requestWith(intention: Intention, sessionId: string) {
  const { request } = intention;
  const named = intention.namedBySessionId ? { OutputConfig: { ...request.OutputConfig, MediaName: sessionId } } : {};
  return { ...request, ...named, SessionId: sessionId };
}
