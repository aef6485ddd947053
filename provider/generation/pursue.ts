import { TencentAigcError } from "../vod/errors";
import { refuseOtherFiles, refuseOtherRequest } from "./adopt";
import { type FoundFiles, type FoundTask, filesOf, type Lead, type LookDependencies } from "./found";
import { finished, type Generated, type Outcome, unknown } from "./generated";
import type { Intention } from "./intention";
import type { JournalKey } from "./journal";
import type { Looked } from "./look";
import type { Poller } from "./poller";
import * as reasons from "./reasons";
import type { Slot, Slots } from "./slots";
import { type Position, type SubmitDependencies, submit } from "./submit";
import type { PictureFile, TaskState } from "./task";
import {
  afterFailure,
  afterVanishing,
  agedOutcome,
  countsOf,
  finishedOutcome,
  generatedBy,
  type Verdict,
} from "./verdict";

export interface PursueDependencies extends LookDependencies, SubmitDependencies {
  readonly slots: Slots;
  readonly pollerOf: (subAppId: number) => Poller;
  /** Throws, unbilled, where one more submission would exceed the spend guard. */
  readonly spend: (images: number) => void;
}

/** Waits before a submission that the service never ran is sent anew. */
const neverRanMs = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * Goes on from what was found of an intention until there is something to store: the outcome table of
 * `docs/guarantees.md`, as a walk.
 *
 * @param stored what state holds of it, for what the walk itself does not learn
 * @throws where nothing was sent, or the service refused before a task came of it
 */
export async function pursue(
  walk: PursueDependencies,
  intention: Intention,
  key: JournalKey,
  lead: Lead,
  stored?: Generated,
): Promise<Outcome> {
  const { clock, now } = walk;
  const begun = now();
  // What is in state is waited on, whatever has become of it: only a `create` or a retry was previewed with a bill.
  const announced = stored === undefined;
  let { found, position } = lead;
  let slot: Slot | undefined;
  let deadline: number | undefined;
  let neverRan = 0;
  for (;;) {
    if (found.kind === "files") {
      if (intention.base.explicit) await refuseOtherFiles(walk, intention, found);
      return reuse(found, stored);
    }
    if (found.kind === "aged") return agedOutcome(stored ?? { sessionId: found.sessionId, ...countsOf(position) });
    if (found.kind === "nothing") {
      slot = await slotFor(walk, intention);
      const sent = await send(walk, intention, key, position, slot);
      if ("generated" in sent) return sent;
      found = sent;
    }
    const task: FoundTask = found;
    deadline ??= clock.now() + intention.timeoutMs;
    slot ??= walk.slots.hold(task.taskId, deadline);
    slot.taken(task.taskId, deadline);
    const state = await untilEnded(walk, intention, task, slot, deadline);
    if (state.kind === "notFollowed") {
      const known = { ...generatedBy(task, position), ...stored };
      return { generated: known, problem: reasons.cannotBeFollowed(task.taskId, state.cause) };
    }
    if (state.kind !== "notFound" && !task.fresh && intention.base.explicit) refuseOtherRequest(intention, task, state);
    if (state.kind === "running") return notYet(intention, task, position, state);
    slot = undefined;
    let verdict: Verdict;
    if (state.kind === "finished") {
      const gone = announced && (await vanished(walk, intention, task, state.files));
      if (!gone) return finishedOutcome(task, position, intention, state);
      verdict = afterVanishing(task, position);
    } else if (state.kind === "notFound") {
      const files = await filesOf(walk, intention);
      if (files !== undefined) return reuse(files, stored);
      // What was given up in state has vanished; what never reached state might be paid for.
      if (!task.settled) return agedOutcome({ ...generatedBy(task, position), ...stored });
      verdict = afterVanishing(task, position);
    } else {
      const circumstances = { announced, begun, now: now(), remainingMs: deadline - clock.now() };
      verdict = afterFailure(state, task, position, intention, circumstances);
    }
    if ("outcome" in verdict) return verdict.outcome;
    if (verdict.backOff) await clock.sleep(neverRanMs[Math.min(neverRan++, neverRanMs.length - 1)] ?? 0);
    position = verdict.next;
    found = { kind: "nothing" };
  }
}

async function slotFor(walk: PursueDependencies, intention: Intention): Promise<Slot> {
  const ahead = walk.slots.waiting;
  intention.report(ahead > 0 ? `queued, ${ahead} in front` : "queued");
  const slot = await walk.slots.acquire(intention.timeoutMs);
  if (!("blockedBy" in slot)) return slot;
  throw new TencentAigcError(
    `No task slot became free: task ${slot.blockedBy} has not ended. Nothing was sent for this resource, and nothing is billed.`,
    { billed: "no", nextStep: "Run `pulumi up` again once that task has ended.", taskId: slot.blockedBy },
  );
}

async function send(
  walk: PursueDependencies,
  intention: Intention,
  key: JournalKey,
  position: Position,
  slot: Slot,
): Promise<Outcome | FoundTask> {
  try {
    // A repeat of a request whose answer never came is the same intention, counted when it was first sent.
    if (position.sentAt === undefined) walk.spend(intention.images);
    intention.report("submitting");
    const sent = await submit(walk, intention, key, position);
    if (sent.kind === "accepted") return { ...sent, kind: "task", fresh: true, since: walk.now() };
    if (sent.kind === "found") return { ...sent, kind: "task" };
    slot.free();
    const { sessionId } = sent;
    const problem =
      sent.kind === "unknown" ? reasons.unknownOutcome(sessionId, sent.cause) : reasons.duplicateNotFound(sessionId);
    const sentAt = new Date(sent.sentAt).toISOString();
    return { generated: { status: unknown, sessionId, sentAt, ...countsOf(position) }, problem };
  } catch (error) {
    slot.free();
    throw error;
  }
}

/** Waits for a task, and frees its slot when it has ended, however long after this resource has stopped waiting. */
async function untilEnded(
  walk: PursueDependencies,
  intention: Intention,
  task: FoundTask,
  slot: Slot,
  deadline: number,
): Promise<Looked | { readonly kind: "notFollowed"; readonly cause: string }> {
  const followed = { taskId: task.taskId, subAppId: intention.request.SubAppId, since: task.since ?? walk.now() };
  const poller = walk.pollerOf(followed.subAppId);
  const freeWhenEnded = () => {
    const free = () => slot.free();
    poller.follow(followed, Number.POSITIVE_INFINITY, () => {}).then(free, free);
  };
  if (task.fresh && !intention.waitForCompletion) {
    freeWhenEnded();
    return { kind: "running", status: "PROCESSING", times: {} };
  }
  try {
    const state = await poller.follow(followed, intention.waitForCompletion ? deadline : 0, (seen) => {
      if (seen.kind !== "running") return;
      const percent = seen.progress === undefined ? "" : ` ${seen.progress} %`;
      intention.report(`${seen.status || "under way"}${percent}, task ${task.taskId}`);
    });
    if (state.kind === "running") freeWhenEnded();
    else slot.free();
    return state;
  } catch (error) {
    freeWhenEnded();
    // Whatever went wrong, the task is there and may be paid for: it goes into state.
    const cause = TencentAigcError.isInstance(error) ? error.message : "an internal error of this package.";
    return { kind: "notFollowed", cause };
  }
}

function notYet(
  intention: Intention,
  task: FoundTask,
  position: Position,
  state: Extract<TaskState, { kind: "running" }>,
): Outcome {
  const generated = { ...generatedBy(task, position), ...state.times, status: state.status || "PROCESSING" };
  if (!intention.waitForCompletion) return { generated };
  return { generated, problem: reasons.stillRunning(task.taskId, state.status, intention.timeoutMs / 1000) };
}

/** Only of a picture that was not made just now: its files may have been deleted since. */
async function vanished(
  walk: PursueDependencies,
  intention: Intention,
  task: FoundTask,
  files: readonly PictureFile[],
): Promise<boolean> {
  const fileIds = files.flatMap((file) => file.fileId ?? []);
  if (task.fresh || task.adopted || fileIds.length === 0) return false;
  const known = await walk.libraryOf(intention.request.SubAppId).files(fileIds);
  return fileIds.every((fileId) => known.absent.has(fileId));
}

function reuse(found: FoundFiles, stored?: Generated): Outcome {
  const taskId = stored?.taskId ?? found.taskId;
  const generated: Generated = {
    status: finished,
    ...(taskId === undefined ? {} : { taskId }),
    sessionId: found.sessionId,
    attempt: stored?.attempt ?? found.submission,
    files: found.files.map(({ name: _, ...file }) => file),
  };
  return { generated, reused: true };
}
