import { TencentAigcError } from "../vod/errors";
import { refuseOtherFiles, refuseOtherRequest } from "./adopt";
import type { Budget } from "./budget";
import { type FoundFiles, type FoundTask, filesOf, type Lead, type LookDependencies } from "./found";
import { finished, type Generated, type Outcome, unknown } from "./generated";
import type { Intention } from "./intention";
import type { JournalKey } from "./journal";
import type { Looked } from "./look";
import type { Poller } from "./poller";
import * as reasons from "./reasons";
import type { Blocked, Slot, Slots } from "./slots";
import { type Position, type SubmitDependencies, type Submitted, submit } from "./submit";
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
  readonly budget: Budget;
}

/** Waits before a submission that was too much at once is sent anew. */
const backOffMs = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

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
  let firstDeadline: number | undefined;
  let otherwise: Outcome | undefined;
  let backOffs = 0;
  const backOff = () => clock.sleep(backOffMs[Math.min(backOffs++, backOffMs.length - 1)] ?? 0);
  for (;;) {
    if (found.kind === "files") {
      if (intention.base.explicit) await refuseOtherFiles(walk, intention, found);
      return reuse(found, stored);
    }
    if (found.kind === "aged") return agedOutcome(stored ?? { sessionId: found.sessionId, ...countsOf(position) });
    if (found.kind === "nothing") {
      const acquired = await walk.slots.acquire(intention.timeoutMs, placesTold(intention.report));
      if ("blockedBy" in acquired) {
        if (otherwise) return otherwise;
        throw noSlot(acquired);
      }
      slot = acquired;
      const sent = await send(walk, intention, key, position, slot);
      if (sent === "overran") {
        intention.report("waiting, the service takes no more tasks at present");
        await backOff();
        continue;
      }
      if ("generated" in sent) return sent;
      found = sent;
    }
    const task: FoundTask = found;
    const deadline = clock.now() + intention.timeoutMs;
    firstDeadline ??= deadline;
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
      const circumstances = { announced, begun, now: now(), remainingMs: firstDeadline - clock.now() };
      verdict = afterFailure(state, task, position, intention, circumstances);
    }
    if ("outcome" in verdict) return verdict.outcome;
    otherwise = verdict.otherwise;
    if (otherwise) {
      if (task.fresh) walk.budget.giveBack(spentOn(intention, position));
      await backOff();
    }
    position = verdict.next;
    found = { kind: "nothing" };
  }
}

function noSlot({ blockedBy }: Blocked): TencentAigcError {
  return new TencentAigcError(
    `No task slot became free: task ${blockedBy} has not ended. Nothing was sent for this resource, and nothing is billed.`,
    { billed: "no", nextStep: "Run `pulumi up` again once that task has ended.", taskId: blockedBy },
  );
}

/** So far from its turn, a place is told only when it has halved: a long queue must not flood whoever watches. */
const nearPlaces = 5;

function placesTold(report: (text: string) => void): (ahead: number) => void {
  let told = Number.POSITIVE_INFINITY;
  return (ahead) => {
    if (ahead > nearPlaces && ahead > told / 2) return;
    told = ahead;
    report(ahead > 0 ? `queued, ${ahead} in front` : "queued");
  };
}

async function send(
  walk: PursueDependencies,
  intention: Intention,
  key: JournalKey,
  position: Position,
  slot: Slot,
): Promise<Outcome | FoundTask | "overran"> {
  try {
    const sent = await submitWithin(walk, intention, key, position);
    if (sent.kind === "accepted") return { ...sent, kind: "task", fresh: true, since: walk.now() };
    if (sent.kind === "found") return { ...sent, kind: "task" };
    if (sent.kind === "tooMuch") {
      slot.overran();
      return "overran";
    }
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

/** A repeat of a request whose answer never came is the same intention, counted when it was first sent. */
function spentOn(intention: Intention, position: Position): number {
  return position.sentAt === undefined ? intention.images : 0;
}

/** Submits what the spend guard allows. What was refused has spent nothing. */
async function submitWithin(
  { budget, ...dependencies }: PursueDependencies,
  intention: Intention,
  key: JournalKey,
  position: Position,
): Promise<Submitted> {
  const images = spentOn(intention, position);
  budget.spend(images);
  try {
    intention.report("submitting");
    const sent = await submit(dependencies, intention, key, position);
    if (sent.kind === "tooMuch") budget.giveBack(images);
    return sent;
  } catch (error) {
    if (TencentAigcError.isInstance(error) && error.billed === "no") budget.giveBack(images);
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
  let told = "";
  try {
    const state = await poller.follow(followed, intention.waitForCompletion ? deadline : 0, (seen) => {
      if (seen.kind !== "running") return;
      const percent = seen.progress === undefined ? "" : ` ${seen.progress} %`;
      const text = `${seen.status || "under way"}${percent}, task ${task.taskId}`;
      if (text !== told) intention.report(text);
      told = text;
    });
    if (state.kind === "running") freeWhenEnded();
    else if (state.kind === "failed" && state.cause === "neverRan") slot.overran();
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
