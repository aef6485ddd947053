import type { Behaviours } from "../../emulator";
import type { Intention, KnownTask } from "./rules";
import type { Entry, SentTask } from "./stage";

const hour = 3_600_000;
/** How long the service answers for a task and refuses its SessionId. */
export const windowMs = 72 * hour;
/** How long a journal knows what has been settled: entries of an emulator are swept then. */
export const settledLifeMs = 7 * 24 * hour - hour;
/** The service tells times in whole seconds. */
const timeResolutionMs = 1_000;
const neverRanCodes = ["RequestLimitExceeded", "FailedOperation"];
const passingCodes = [...neverRanCodes, "InternalError", "ModelGenerateFailed", "TaskTimeout", "ResourceInsufficient"];

/** What a machine has to know by its journal: what it sent itself, and what it saw in state. */
export class MachineMemory {
  private readonly known = new Set<string>();

  learn(task: KnownTask): void {
    this.known.add(task.taskId);
  }

  forgetAll(): void {
    this.known.clear();
  }

  knows(task: KnownTask, { finishTime }: SentTask, now: number): boolean {
    if (!this.known.has(task.taskId)) return false;
    const settles = task.told || task.seenInState;
    return !settles || finishTime === "" || now - Date.parse(finishTime) < settledLifeMs;
  }
}

/** A resource in an update: what it means to have, and what it can know. */
export interface Asking {
  readonly urn: string;
  readonly intention: Intention;
  /** What state holds of it. */
  readonly entry: Entry | undefined;
  /** It is replaced whatever state holds. */
  readonly forced: boolean;
  /** SessionId of its own. */
  readonly sessionId: string | undefined;
  readonly adopts: boolean;
  readonly machine: MachineMemory;
}

export interface Listing {
  readonly behaviours: Partial<Behaviours>;
  /** Files that somebody deleted, as opposed to those that ended as ordered. */
  readonly deleted: ReadonlySet<string>;
}

/**
 * How an earlier task of the same intention can be known to a resource at the time at which another one was sent;
 * `undefined` where nothing is left that tells of it.
 */
export function wayToFind(
  known: KnownTask,
  task: SentTask,
  asking: Asking,
  at: { readonly time: number; readonly sessionId: string },
  { behaviours }: Pick<Listing, "behaviours">,
): string | undefined {
  const { entry, forced, machine } = asking;
  if (!forced && entry !== undefined && holds(entry, known)) return "is in state";
  const age = at.time - Date.parse(task.createTime);
  // Nothing shows a Temporary picture, or how a task ended without one, once the service has forgotten the task.
  const hasFiles = known.intention.storageMode === "Permanent" && task.files.length > 0;
  const lost = known.givenUp && !hasFiles && age > windowMs;
  if (!lost && machine.knows(known, task, at.time)) return "is in the journal";
  if (isSearchable(known, task, at.time, behaviours)) return "is found by its name";
  if (age > windowMs) return undefined;
  if (known.sessionId === at.sessionId) return "has the same SessionId";
  const sameName = known.explicit === undefined || known.explicit === asking.sessionId;
  return sameName && isListed(known, task, at.time, behaviours) ? "can be asked for" : undefined;
}

/** Whether a listing shows a task with its SessionId. */
export function isListed(
  { listingLagMs }: KnownTask,
  { createTime }: SentTask,
  now: number,
  behaviours: Partial<Behaviours>,
): boolean {
  if (behaviours.tasksInListing === false || behaviours.listingSessionIds === false) return false;
  return now - Date.parse(createTime) > Math.max(listingLagMs, (behaviours.listingLagSeconds ?? 0) * 1000);
}

/** Whether an entry in state is of this task, or of the request that led to it. */
export function holds({ outputs }: Entry, { taskId, sessionId }: KnownTask): boolean {
  if (outputs?.["taskId"] === taskId) return true;
  return outputs?.["status"] === "UNKNOWN" && outputs["sessionId"] === sessionId;
}

export function isSearchable(known: KnownTask, task: SentTask, now: number, behaviours: Partial<Behaviours>): boolean {
  if (known.intention.storageMode !== "Permanent" || behaviours.filesInSearch === false) return false;
  if (task.finishTime === "" || !task.files.some(({ exists }) => exists)) return false;
  return now > Date.parse(task.finishTime) + known.searchLagMs + timeResolutionMs;
}

/** Whether the service ran a task, as far as is known by now. */
export function ran({ errCodeExt, finishTime }: SentTask): boolean {
  return finishTime === "" || !neverRanCodes.includes(errCodeExt);
}

/** What has become of a task, as far as it decides whether another one may be sent. */
export function endOf(
  task: SentTask,
  { deleted }: Pick<Listing, "deleted">,
): "running" | "picture" | "deleted" | "expired" | "passing" | "lasting" {
  if (task.finishTime === "") return "running";
  if (task.files.length === 0) return passingCodes.includes(task.errCodeExt) ? "passing" : "lasting";
  if (task.files.some(({ exists }) => exists)) return "picture";
  const temporary = task.request.OutputConfig?.StorageMode !== "Permanent";
  return temporary || task.files.some(({ fileId }) => deleted.has(fileId)) ? "deleted" : "expired";
}
