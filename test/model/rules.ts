import type { BillLine, Entry, LedgerOfTasks, SentTask as LedgerTask } from "./stage";

/**
 * The rules that no sequence of operations, crashes, faults and edits may break. Each is a predicate, or says what
 * breaks it, over what can be seen from outside: the service's ledger, what is in state, and what a preview announced.
 */

/** An intention, that is (session scope, billed request, keepers), is billed once, and once more for each named exception. */
export function billedAtMostOnce({ tasks, exceptions }: Intention, ledger: LedgerOfTasks): boolean {
  const ids = new Set(tasks.map(({ taskId }) => taskId));
  const billed = ledger.tasks.filter(({ taskId, billed }) => billed && ids.has(taskId));
  return billed.length <= 1 + exceptions.length;
}

/** What was paid for can be reached: it is in state, known to a journal, found at the service, or was given up. */
export function reachable(
  task: LedgerTask,
  { inState, inJournal, atService, givenUp, vanished }: Whereabouts,
): boolean {
  return inState(task) || inJournal(task) || atService(task) || givenUp(task) || vanished(task);
}

/** What an update bills is at most what the spend guard allows, and at most what its preview announced. No exemption. */
export function billsWithinGuardAndPreview({ guard, announced, accepted }: Spending): boolean {
  const images = accepted.reduce((sum, task) => sum + imagesBilled(task), 0);
  return images <= guard && images <= announced.reduce((sum, line) => sum + line.images, 0);
}

/** The task in state was made from the request that is in state, unless it was taken over from elsewhere. */
export function madeFromTheRequestInState({ inputs, outputs }: Entry, task: LedgerTask): boolean {
  if (outputs?.["adopted"] === true) return true;
  const config = (inputs["outputConfig"] ?? {}) as Record<string, unknown>;
  const { request } = task;
  return (
    request.Prompt === inputs["prompt"] &&
    request.ModelVersion === inputs["modelVersion"] &&
    (request.ExtInfo ?? "") === (inputs["extInfo"] ?? "") &&
    (request.OutputConfig?.StorageMode ?? "Temporary") === config["storageMode"] &&
    (request.OutputConfig?.OutputImageCount ?? 1) === (config["outputImageCount"] ?? 1)
  );
}

/** The files in state are those of the task in state, in its own order where something tells it. */
export function filesInTheirOwnOrder({ outputs }: Entry, task: LedgerTask, orderIsKnown: boolean): boolean {
  const own = task.files.map(({ fileId, url }) => fileId || path(url));
  const places = filesIn(outputs).map(({ fileId, url }) => own.indexOf(fileId ?? path(url)));
  const inOrder = (place: number, index: number) => index === 0 || place > (places[index - 1] as number);
  return places.every((place, index) => place >= 0 && (!orderIsKnown || inOrder(place, index)));
}

/** A picture is not billed that its own `expireTime` deletes before it is there. */
export function notDeadOnArrival({ request, createTime }: LedgerTask): boolean {
  const expires = Date.parse(request.OutputConfig?.ExpireTime ?? "");
  return Number.isNaN(expires) || expires > Date.parse(createTime);
}

/**
 * `refresh` changes what is stored only where the service says otherwise, and never by the time of day: a file that is
 * gone may be left out, and one that was not seen before may be added.
 */
export function refreshKeepsWhatIsStored(before: Entry, after: Entry, ledger: LedgerOfTasks): boolean {
  if (before.outputs?.["status"] !== "FINISH") return true;
  const existing = new Set(
    ledger.tasks.flatMap(({ files }) => files.flatMap((file) => (file.exists ? file.fileId : []))),
  );
  const held = filesIn(before.outputs);
  const kept = filesIn(after.outputs);
  const among = (files: typeof held, file: (typeof held)[number]) => files.some((one) => sameJson(one, file));
  return (
    sameJson({ ...before.outputs, files: [] }, { ...after.outputs, files: [] }) &&
    held.every((file) => among(kept, file) || (file.fileId !== undefined && !existing.has(file.fileId))) &&
    kept.every((file) => among(held, file) || (file.fileId !== undefined && existing.has(file.fileId)))
  );
}

/** Nothing that a user typed as a SessionId is shown or written in clear, for it may be a secret. */
export function showsNoInputText(texts: readonly string[], secrets: readonly string[]): boolean {
  return secrets.every((secret) => texts.every((text) => !text.includes(secret)));
}

/** The rule that was broken, and how. */
export class Violation extends Error {
  constructor(
    readonly rule: Rule,
    text: string,
  ) {
    super(`${rule}: ${text}`);
  }
}

/** The rules by name. */
export type Rule =
  | "billedAtMostOnce"
  | "reachable"
  | "billsWithinGuardAndPreview"
  | "madeFromTheRequestInState"
  | "filesInTheirOwnOrder"
  | "notDeadOnArrival"
  | "refreshKeepsWhatIsStored"
  | "showsNoInputText"
  | "sendsWhatIsAskedFor"
  | "runsOnceAnUpdate"
  | "nothingIsSentAfterCancel"
  | "unchangedSendsNothing"
  | "previewSendsNothing"
  | "refreshSendsNothing"
  | "destroySendsNothing"
  | "succeedsWithAPicture"
  | "keepsOnlyWhatFailedForGood"
  | "seesWhatIsPaidFor"
  | "comesToAnEnd"
  | "agedOnlyAfterTheWindow"
  | "endsInTime"
  | "stateIsWhole"
  | "tellsNoInternals";

/** Says what breaks a rule; of one rule alone where that one is looked for. */
export class Judge {
  constructor(private readonly only?: Rule) {}

  must(holds: boolean, rule: Rule, text: () => string): void {
    if (!holds && (this.only === undefined || this.only === rule)) throw new Violation(rule, text());
  }
}

/** What a user meant to have once. */
export interface Intention {
  readonly key: string;
  readonly storageMode: "Permanent" | "Temporary";
  readonly tasks: KnownTask[];
  readonly exceptions: Exception[];
}

/** Why an intention may be billed once more. Each is announced by preview; there are no others. */
export type Exception =
  | "the picture has vanished"
  | "a retry after a passing failure"
  | "no trace was left of the earlier one";

/** A task that was accepted, and what is known of it besides the ledger. */
export interface KnownTask {
  readonly taskId: string;
  readonly sessionId: string;
  /** The user's own SessionId at that time. */
  readonly explicit: string | undefined;
  readonly intention: Intention;
  /** When its files can be searched for, after its end (ms). */
  readonly searchLagMs: number;
  /** How long it is not listed (ms), where that is longer than the behaviour says. */
  readonly listingLagMs: number;
  /** How long after its end its files are missing in what the service tells of it (ms). */
  readonly filesLagMs: number;
  /** Was in state, and was given up by a replace or a destroy that the user saw. */
  givenUp: boolean;
  /** A journal forgets in time what was once seen in state. */
  seenInState: boolean;
  /** Its TaskId came back to who sent it. */
  readonly told: boolean;
}

export interface Whereabouts {
  readonly inState: (task: LedgerTask) => boolean;
  readonly inJournal: (task: LedgerTask) => boolean;
  readonly atService: (task: LedgerTask) => boolean;
  readonly givenUp: (task: LedgerTask) => boolean;
  readonly vanished: (task: LedgerTask) => boolean;
}

export interface Spending {
  /** Images (`maxImagesPerUpdate`). */
  readonly guard: number;
  readonly announced: readonly BillLine[];
  readonly accepted: readonly LedgerTask[];
}

/** What a task has billed, or may yet. */
export function imagesBilled({ finishTime, images, request }: LedgerTask): number {
  return finishTime === "" ? (request.OutputConfig?.OutputImageCount ?? 1) : images;
}

/** The files in stored outputs. */
export function filesIn(outputs: Entry["outputs"]): readonly { readonly fileId?: string; readonly url: string }[] {
  return (outputs?.["files"] ?? []) as unknown as readonly { readonly fileId?: string; readonly url: string }[];
}

/** The address of a picture without what may vary. */
function path(url: string): string {
  return new URL(url).pathname;
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
