import type { Behaviours } from "../../emulator";
import {
  type Asking,
  endOf,
  holds,
  isListed,
  isSearchable,
  type Listing,
  type MachineMemory,
  wayToFind,
  windowMs,
} from "./memory";
import {
  billedAtMostOnce,
  filesIn,
  type Intention,
  type Judge,
  type KnownTask,
  notDeadOnArrival,
  reachable,
} from "./rules";
import type { Entry, LedgerOfTasks, SentTask } from "./stage";

/** Before its end the window counts as over. */
const marginMs = 3_700_000;

/** Everything that is known at one moment. */
export interface Moment {
  /** The service's time (ms). */
  readonly now: number;
  readonly ledger: LedgerOfTasks;
  readonly state: readonly Entry[];
}

/** What an update makes of the tasks that it sends. */
export type Sent = Pick<KnownTask, "told" | "searchLagMs" | "listingLagMs" | "filesLagMs">;

/** What was meant and what was sent, from the beginning. */
export class History {
  private readonly intentions = new Map<string, Intention>();
  private readonly tasks = new Map<string, KnownTask>();
  /** Which intention a resource in state was made for. */
  private readonly held = new Map<string, Intention>();
  readonly deleted = new Set<string>();
  /** Pictures that are out of reach because an assumption about the service does not hold, or for want of any trace. */
  excused = 0;

  constructor(
    private readonly behaviours: Partial<Behaviours>,
    private readonly machines: readonly MachineMemory[],
    private readonly judge: Judge,
  ) {}

  intention(key: string, storageMode: Intention["storageMode"]): Intention {
    const known = this.intentions.get(key);
    if (known) return known;
    const added: Intention = { key, storageMode, tasks: [], exceptions: [] };
    this.intentions.set(key, added);
    return added;
  }

  /** The intention that a resource in state was made for. */
  intentionOf(urns: readonly string[]): Intention | undefined {
    return urns.map((urn) => this.held.get(urn)).find((intention) => intention !== undefined);
  }

  made(urn: string, intention: Intention): void {
    this.held.set(urn, intention);
  }

  forget(urn: string): void {
    this.held.delete(urn);
  }

  newTasks(ledger: LedgerOfTasks): SentTask[] {
    return ledger.tasks.filter(({ taskId }) => !this.tasks.has(taskId));
  }

  known(taskId: unknown): KnownTask | undefined {
    return this.tasks.get(String(taskId));
  }

  /** A task was accepted in an update: it must have been asked for, and not to be had otherwise. */
  accept(task: SentTask, askings: readonly Asking[], ledger: LedgerOfTasks, sent: Sent): KnownTask {
    const asked = askings.filter(({ intention, adopts }) => !adopts && promptOf(intention) === task.request.Prompt);
    this.judge.must(asked.length > 0, "sendsWhatIsAskedFor", () => `nobody asked for ${task.request.Prompt}`);
    this.judge.must(
      task.sessionId !== "",
      "sendsWhatIsAskedFor",
      () => `a task of ${asked[0]?.intention.key} has no SessionId`,
    );
    this.judge.must(
      notDeadOnArrival(task),
      "notDeadOnArrival",
      () => `${task.request.Prompt} was billed after its expireTime`,
    );
    const candidates = nearestFirst([...new Set(asked.map(({ intention }) => intention))], task.sessionId);
    const faults = candidates.map((intention) =>
      this.whyNot(
        intention,
        task,
        asked.filter((asking) => asking.intention === intention),
        ledger,
      ),
    );
    const place = Math.max(0, faults.indexOf(undefined));
    const fault = faults[place];
    const intention = candidates[place] as Intention;
    this.judge.must(
      fault === undefined,
      "billedAtMostOnce",
      () => `${intention.key} was sent again although the first ${fault}`,
    );
    for (const earlier of intention.tasks.slice(-1)) intention.exceptions.push(this.exceptionFor(earlier, ledger));
    const explicit = asked.find((asking) => asking.intention === intention)?.sessionId;
    const known: KnownTask = {
      taskId: task.taskId,
      sessionId: task.sessionId,
      explicit,
      intention,
      ...sent,
      givenUp: false,
      seenInState: false,
    };
    intention.tasks.push(known);
    this.tasks.set(task.taskId, known);
    return known;
  }

  /** What machines see in state, they know from then on. */
  see(state: readonly Entry[], machine: MachineMemory): void {
    for (const entry of state) {
      const task = this.known(entry.outputs?.["taskId"]);
      if (!task) continue;
      task.seenInState = true;
      machine.learn(task);
    }
  }

  /** What the user saw to be given up: what was in state before an update, and is no longer. */
  giveUp(before: readonly Entry[], after: readonly Entry[], urns: ReadonlySet<string>): void {
    for (const entry of before) {
      if (!urns.has(entry.urn)) continue;
      const task = this.known(entry.outputs?.["taskId"]);
      if (task && !after.some((one) => this.known(one.outputs?.["taskId"]) === task)) task.givenUp = true;
    }
  }

  /** What holds at any moment. */
  hold(moment: Moment): void {
    for (const intention of this.intentions.values()) {
      this.judge.must(
        billedAtMostOnce(intention, moment.ledger),
        "billedAtMostOnce",
        () => `${intention.key} is billed too often`,
      );
    }
    for (const task of moment.ledger.tasks) {
      if (!task.billed) continue;
      const known = this.tasks.get(task.taskId);
      this.judge.must(known !== undefined, "sendsWhatIsAskedFor", () => "a task is billed that nobody asked for");
      if (known === undefined || this.isReachable(known, task, moment)) continue;
      this.judge.must(
        moment.now - Date.parse(task.createTime) > windowMs,
        "reachable",
        () => `${task.taskId} of ${known.intention.key} is lost`,
      );
      this.excused++;
      known.givenUp = true;
    }
  }

  /** A picture of the intention that is there and can be shown, though state does not show it. */
  unseenPicture(
    { intention, machine }: Asking,
    { ledger, now }: Moment,
    behaviours: Partial<Behaviours>,
  ): SentTask | undefined {
    return ledger.tasks.find((task) => {
      const known = this.tasks.get(task.taskId);
      if (known?.intention !== intention || !task.files.some(({ exists }) => exists)) return false;
      if (isSearchable(known, task, now, behaviours)) return true;
      if (now <= Date.parse(task.finishTime) + known.filesLagMs) return false;
      if (isUnproven(known)) return false;
      // The service tells of a task in its window alone, and where it is not listed only who knows its TaskId.
      const named = known.told || known.seenInState || isListed(known, task, now, behaviours);
      return named && now - Date.parse(task.createTime) <= windowMs && machine.knows(known, task, now);
    });
  }

  /** Whether the last picture of the intention is known to have been deleted at the time that its request ordered. */
  endedAsOrdered({ intention, machine }: Asking, { ledger, now }: Moment): boolean {
    const last = intention.tasks.at(-1);
    if (last === undefined) return false;
    const task = entryIn(ledger, last);
    const isOnRecord = machine.knows(last, task, now) || now - Date.parse(task.createTime) <= windowMs;
    return isOnRecord && endOf(task, this.listing) === "expired";
  }

  /** Whether a task was sent for the intention of which nothing shows that it is its own. */
  hasUnproven({ intention }: Asking): boolean {
    return intention.tasks.some(isUnproven);
  }

  /** A task that a resource's machine knows, and for which the service still answers. */
  youngTask({ intention, machine }: Asking, { ledger, now }: Moment): SentTask | undefined {
    return ledger.tasks.find((task) => {
      const known = this.tasks.get(task.taskId);
      if (known?.intention !== intention || !machine.knows(known, task, now)) return false;
      if (endOf(task, this.listing) === "deleted") return false;
      return now - Date.parse(task.createTime) < windowMs - marginMs;
    });
  }

  counts(ledger: LedgerOfTasks): { billed: number; intended: number; reachable: number } {
    const all = [...this.intentions.values()];
    const intended = all.reduce((sum, { exceptions }) => sum + 1 + exceptions.length, 0);
    return { billed: ledger.billed, intended, reachable: ledger.billed - this.excused };
  }

  /** Why there was no need to send once more. */
  private whyNot(
    intention: Intention,
    task: SentTask,
    asked: readonly Asking[],
    ledger: LedgerOfTasks,
  ): string | undefined {
    const at = { time: Date.parse(task.createTime), sessionId: task.sessionId };
    for (const known of intention.tasks) {
      const earlier = entryIn(ledger, known);
      const end = endOf(earlier, this.listing);
      if (end === "deleted" || end === "passing") continue;
      const ways = asked.map((asking) => wayToFind(known, earlier, asking, at, this.listing));
      if (ways.every((way) => way !== undefined)) return `${endTexts[end]} and ${ways[0]}`;
    }
    return undefined;
  }

  private exceptionFor(known: KnownTask, ledger: LedgerOfTasks): Intention["exceptions"][number] {
    const end = endOf(entryIn(ledger, known), this.listing);
    if (end === "passing") return "a retry after a passing failure";
    return end === "deleted" ? "the picture has vanished" : "no trace was left of the earlier one";
  }

  private isReachable(known: KnownTask, task: SentTask, { state, now }: Moment): boolean {
    const fileIds = new Set(task.files.map(({ fileId }) => fileId).filter((fileId) => fileId !== ""));
    return reachable(task, {
      givenUp: () => known.givenUp,
      vanished: () => task.files.every(({ exists }) => !exists),
      inState: () =>
        state.some(
          (entry) => holds(entry, known) || filesIn(entry.outputs).some(({ fileId = "" }) => fileIds.has(fileId)),
        ),
      inJournal: () => this.machines.some((machine) => machine.knows(known, task, now)),
      atService: () =>
        now - Date.parse(task.createTime) <= windowMs ||
        isSearchable(known, task, now + known.searchLagMs + 2_000, this.behaviours),
    });
  }

  private get listing(): Listing {
    return { behaviours: this.behaviours, deleted: this.deleted };
  }
}

/** Without an answer nothing but a file's name shows whose a task under the user's own SessionId is. */
function isUnproven({ explicit, told, seenInState, intention }: KnownTask): boolean {
  return explicit !== undefined && intention.storageMode === "Temporary" && !told && !seenInState;
}

const endTexts = {
  running: "is under way",
  picture: "is paid for",
  expired: "has ended as its expireTime ordered",
  lasting: "failed for good",
};

function promptOf({ key }: Intention): unknown {
  return (JSON.parse(key.slice(key.indexOf("["))) as unknown[])[0];
}

function entryIn(ledger: LedgerOfTasks, { taskId }: KnownTask): SentTask {
  return ledger.tasks.find((task) => task.taskId === taskId) as SentTask;
}

/**
 * Intentions with one prompt, of which a task may be any: first the one whose earlier attempts had the same SessionId but
 * for their number, then those that have sent nothing yet.
 */
function nearestFirst(intentions: readonly Intention[], sessionId: string): Intention[] {
  const base = (id: string) => id.replace(/-\d+$/, "");
  const distance = ({ tasks }: Intention) =>
    tasks.some((task) => base(task.sessionId) === base(sessionId)) ? 0 : tasks.length === 0 ? 1 : 2;
  return intentions.toSorted((a, b) => distance(a) - distance(b));
}
