import type { Behaviours } from "../../emulator";
import { mostAttempts } from "../../provider/generation/record";
import { type CommandKind, type CrashPoint, type FaultCase, faultCase, type UpKind } from "./cases";
import type { Command, Meeting, Sequence } from "./commands";
import type { Counts } from "./counts";
import { History, type Moment, type Sent } from "./history";
import { type Asking, endOf, MachineMemory, ran, settledLifeMs } from "./memory";
import {
  askedBy,
  askedIn,
  type Declared,
  ownSessionIds,
  Program,
  type StackNumber,
  urnNow,
  urnOf,
  urnsOf,
} from "./program";
import {
  billsWithinGuardAndPreview,
  filesIn,
  filesInTheirOwnOrder,
  type Intention,
  imagesBilled,
  Judge,
  madeFromTheRequestInState,
  refreshKeepsWhatIsStored,
  showsNoInputText,
  Violation,
} from "./rules";
import type { BillLine, Ended, Entry, Hold, LedgerOfTasks, SentTask, Stage } from "./stage";

const create = "CreateAigcImageTask";
const describeTask = "DescribeTaskDetail";
/** Longer than anything here lasts. */
const forEver = 1e9;
/** Longer than what passes while an operation is held, also where the provider's time runs faster. */
const longestTimeoutSeconds = 250_000;
/** With these no TaskId comes back. */
const answerLost = /^(lost|acceptThen|answerWithout|oversized)/;
const beforeTaskLine: ReadonlySet<CrashPoint> = new Set(["onItsWay", "accepted", "taskUnwritten", "taskTorn"] as const);
const defaultGuard = 100;
/** What no error that a user sees may hold. */
const internalFault = /TypeError|ReferenceError|undefined|cannot be carried|no __provider|\[object/;

/** Plays a sequence from nothing to its end. Throws a `Violation` where a rule is broken. */
export async function play(
  stage: Stage,
  { setting, commands }: Sequence,
  counts: Counts,
  judge: Judge = new Judge(),
): Promise<void> {
  await stage.begin(setting);
  const player = new Player(stage, new Program(setting), counts, setting, judge);
  let number = 0;
  try {
    for (const command of commands) {
      await player.play(command);
      number++;
    }
    await player.rest();
  } catch (error) {
    throw Object.assign(error as Error, { commandNumber: number });
  } finally {
    for (const stack of player.stacks) await stage.endProcess(stack);
  }
  await player.tally();
}

/** One `up` as it was begun: what was known before, and what it said that it would bill. */
interface Begun {
  readonly stack: StackNumber;
  readonly before: Moment;
  readonly askings: readonly Asking[];
  readonly replace: readonly string[];
  readonly guard: number;
  readonly announced: readonly BillLine[];
}

/** An intention that a machine's journal names in place of another. */
interface Kept {
  readonly intention: Intention;
  readonly at: number;
}

interface UpCommand {
  readonly kind: UpKind;
  readonly who: number;
  readonly fault?: string | undefined;
  readonly crash?: CrashPoint | undefined;
  readonly meeting?: Meeting | undefined;
  readonly guard?: number | undefined;
}

class Player {
  readonly stacks: readonly StackNumber[];
  private readonly machines: readonly MachineMemory[];
  private readonly history: History;
  /** Stacks to which nothing has happened since an `up` that succeeded. */
  private readonly quiet = new Set<StackNumber>();
  /** For each machine: the intention that was kept in place under another scope, by the one that today's scope names. */
  private readonly keptInstead: readonly Map<Intention, Kept>[] = [new Map(), new Map()];

  constructor(
    private readonly stage: Stage,
    private readonly program: Program,
    private readonly counts: Counts,
    private readonly setting: Sequence["setting"],
    private readonly judge: Judge,
  ) {
    this.stacks = program.stacks;
    const first = new MachineMemory();
    this.machines = [first, setting.sharedMachine ? first : new MachineMemory()];
    this.history = new History(setting.behaviours, this.machines, judge);
  }

  async play(command: Command): Promise<void> {
    const { service } = this.stage;
    const { stack } = this.program.chosen("who" in command ? command.who : 0);
    switch (command.do) {
      case "clock":
        this.quiet.clear();
        await service.advance(command.hours);
        return this.history.hold(await this.moment());
      case "crowd":
        return service.crowd(ownSessionIds[0] as string, 5_100);
      case "machineClock":
        return this.stage.setClock(stack, command.hours);
      case "newMachine":
        this.stage.replaceMachine(stack);
        this.machines[stack]?.forgetAll();
        this.keptInstead[this.machineOf(stack)]?.clear();
        return;
      case "loseState":
        this.quiet.clear();
        for (const resource of this.program.of(stack)) for (const urn of urnsOf(resource)) this.history.forget(urn);
        return this.stage.loseState(stack);
      case "deleteFiles":
        this.quiet.clear();
        return this.deleteFiles(command.who);
      case "editExpiry":
        this.quiet.clear();
        this.program.chosen(command.who).expireTime = isoTime(service.now() + command.hours * 3_600_000);
        return;
      case "adoptTask":
      case "adoptFiles":
      case "adoptNothing":
        this.quiet.clear();
        return this.adopt(command.do, command.who);
      case "preview":
        return this.preview(stack, command.crash);
      case "refresh":
        return this.refresh(stack, command.fault, command.crash);
      case "destroy":
        return this.destroy(stack, command.crash);
      default:
        if (command.do.startsWith("edit")) {
          this.quiet.clear();
          return this.program.change(command.do, command.who);
        }
        return this.up({ ...command, kind: command.do as UpKind });
    }
  }

  /** With a service that does everything right, each resource comes to an end that can be explained. */
  async rest(): Promise<void> {
    const { service } = this.stage;
    this.program.plain();
    this.quiet.clear();
    await service.clearFaults();
    await service.behaviour({ tasksInListing: true, listingSessionIds: true, filesInSearch: true });
    for (const stack of this.stacks) await this.stage.setClock(stack, 0);
    // Longer than any lag.
    await service.advance(2.5);
    // An engine that stops at what fails leaves the others for the next update: they may be one behind.
    const isSettled = () => this.stacks.every((stack) => this.quiet.has(stack));
    for (let round = 0; round < 2 || (round < 3 && !isSettled()); round++) {
      for (const stack of this.stacks) await this.up({ kind: "up", who: this.firstOf(stack) });
    }
    for (const stack of this.stacks) await this.explain(stack);
  }

  async tally(): Promise<void> {
    this.counts.sequence(this.history.counts(await this.stage.service.ledger()));
  }

  private async explain(stack: StackNumber): Promise<void> {
    const moment = await this.moment();
    const busy = moment.ledger.tasks.some(({ finishTime }) => finishTime === "");
    const state = await this.stage.state(stack);
    const given = this.program.of(stack).map((resource) => entryOf(resource, state));
    for (const [index, resource] of this.program.of(stack).entries()) {
      const entry = given[index];
      // An engine stops at what fails, and may not come to the rest.
      const unreached = given.some((other) => other !== entry && isFailure(other));
      // What is queued behind a task that does not end, or refused because of it, has to wait.
      if (entry === undefined && (busy || unreached)) continue;
      // The service refuses a SessionId of the user's own that another request has used: the user has to change it.
      const isUsed = moment.ledger.tasks.some(({ sessionId }) => sessionId === resource.sessionId);
      if (entry === undefined && isUsed) continue;
      // Nothing is sent for a picture that was deleted at its own `expireTime`: the user has to set a later one.
      const declared = this.askings(stack, state, [])[index] as Asking;
      if (entry === undefined && this.history.endedAsOrdered(declared, moment)) continue;
      // The user has to say whose the task is.
      if (entry === undefined && this.history.hasUnproven(declared)) continue;
      const name = resource.names.at(-1);
      this.judge.must(entry !== undefined, "comesToAnEnd", () => `${name} did not come about in quiet updates`);
      if (entry === undefined) continue;
      const status = String(entry.outputs?.["status"]);
      this.counts.ended(status);
      if (busy || unreached || status === "FINISH") continue;
      const reasons = entry.initErrors.join(" ");
      this.judge.must(isFailure(entry), "comesToAnEnd", () => `${name} stays ${status}: ${reasons}`);
      const [asking] = this.askings(stack, state, []).filter(({ urn }) => urn === entry.urn);
      if (asking) this.mustShow(asking, entry, moment, {});
    }
  }

  /** What is there and can be found is shown. */
  private mustShow(asking: Asking, entry: Entry, moment: Moment, behaviours: Partial<Behaviours>): void {
    const status = entry.outputs?.["status"];
    const unseen = isFailure(entry) ? this.history.unseenPicture(asking, moment, behaviours) : undefined;
    this.judge.must(
      unseen === undefined,
      "seesWhatIsPaidFor",
      () => `${entry.id} stays ${status} though ${unseen?.taskId} has a picture`,
    );
    const young = status === "AGED" ? this.history.youngTask(asking, moment) : undefined;
    this.judge.must(
      young === undefined,
      "agedOnlyAfterTheWindow",
      () => `${entry.id} is AGED though ${young?.taskId} is of ${young?.createTime}`,
    );
  }

  private async up({ kind, who, fault, crash, meeting, guard }: UpCommand): Promise<void> {
    const { service } = this.stage;
    this.program.change(kind, who);
    const chosen = this.program.chosen(who);
    const { stack } = chosen;
    const wasQuiet = this.quiet.has(stack) && kind === "up";
    this.quiet.delete(stack);
    const broken = faultCase(kind, fault);
    const { tasks } = await service.ledger();
    const underWay = tasks.some(({ finishTime }) => finishTime === "");
    const lasts = meeting && "hoursPass" in meeting.meanwhile && this.setting.speed !== undefined;
    // What does not end is not waited for as long as time is made to pass.
    this.program.timeoutSeconds = broken?.stuck || underWay ? 30 : lasts ? longestTimeoutSeconds : 600;
    const begun = await this.begin(stack, kind === "replace" ? chosen : undefined, guard);
    const other = meeting && "otherStack" in meeting.meanwhile ? this.otherThan(stack) : undefined;
    const second = other === undefined ? undefined : await this.begin(other, undefined, undefined);

    const { reached } = await this.arm(broken, crash, begun.before);
    const hold =
      meeting && (other === undefined) === !("otherStack" in meeting.meanwhile)
        ? await service.hold(meeting.at)
        : undefined;
    const running = this.operate(begun, crash, reached);
    const met = hold && (await this.meet(running, hold, stack, meeting as Meeting, second));
    const ended = await this.inTime(running);
    await hold?.release();
    await service.clearFaults();
    this.stage.takeBill(stack);
    const after = await this.moment();
    this.counts.command(kind);
    this.count(kind, fault, broken, ended.crashed ? crash : undefined, begun.before, after);
    if (meeting && met) this.counts.meeting(meeting);
    if (met?.sentAfterCancel !== undefined) {
      const sent = (after.ledger.requests[create] ?? 0) - met.sentAfterCancel;
      // One a slot may have been on its way.
      this.judge.must(sent <= this.setting.slots, "nothingIsSentAfterCancel", () => `${sent} submits after ^C`);
    }

    const both = second && met?.second ? [begun, second] : [begun];
    this.settle(both, after, this.sentIn(broken, fault, crash), met?.ofSecond ?? new Set());
    await this.concluded(begun, ended, after, wasQuiet, broken !== undefined);
    if (!broken && !crash && !meeting) await this.shown(begun);
    if (second && met?.second) await this.concluded(second, met.second, after, false, broken !== undefined);
    if (ended.crashed) return;
    // What is still followed is followed by the process, which ends with the update.
    const unfinished = after.ledger.tasks.some(({ finishTime }) => finishTime === "");
    // So is a success whose files are awaited, though nothing waits for it any longer.
    const awaited = after.state.some(({ outputs }) => isUnderWay(outputs?.["status"]));
    const follows = unfinished || awaited || this.program.resources.some(({ wait }) => !wait);
    if (follows || broken?.shownBy === describeTask || this.stacks.length > 1) {
      for (const { stack: ending } of both) await this.stage.endProcess(ending);
    }
  }

  private async begin(stack: StackNumber, forced: Declared | undefined, guard: number | undefined): Promise<Begun> {
    const state = await this.stage.state(stack);
    // Pulumi refuses to replace what is not there.
    const replace = forced && entryOf(forced, state) ? [urnNow(forced)] : [];
    const before = await this.moment();
    await this.stage.operate(stack, { kind: "preview", program: this.program, replace, guard });
    const announced = this.stage.takeBill(stack);
    const ledger = await this.stage.service.ledger();
    this.judge.must(
      this.requests(before.ledger) === this.requests(ledger),
      "previewSendsNothing",
      () => "a preview sent a request",
    );
    const askings = this.askings(stack, state, replace);
    this.noteWhatIsKept(stack, askings);
    return { stack, before, askings, replace, guard: guard ?? defaultGuard, announced };
  }

  private operate({ stack, replace, guard }: Begun, crash?: CrashPoint, reached?: Promise<true>): Promise<Ended> {
    return this.stage.operate(stack, { kind: "up", program: this.program, replace, guard }, crash, reached);
  }

  /** An operation that has a time limit ends. */
  private async inTime(running: Promise<Ended>): Promise<Ended> {
    const { longestMs } = this.stage;
    if (longestMs === undefined) return running;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), longestMs);
    });
    const ended = await Promise.race([running, late]);
    clearTimeout(timer);
    if (ended === undefined) throw new Violation("endsInTime", "an update does not end, whatever its time limit");
    return ended;
  }

  /** Lets something happen while an operation is held. @returns nothing where it never came to that point */
  private async meet(
    running: Promise<Ended>,
    hold: Hold,
    stack: StackNumber,
    { meanwhile }: Meeting,
    second: Begun | undefined,
  ): Promise<{ second?: Ended; ofSecond?: Set<string>; sentAfterCancel?: number } | undefined> {
    const first = await Promise.race([running, hold.reached]);
    if (first !== true) return undefined;
    const { service } = this.stage;
    try {
      if ("hoursPass" in meanwhile) await service.advance(meanwhile.hoursPass);
      else if ("clockAt" in meanwhile) await this.stage.setClock(stack, meanwhile.clockAt);
      else if ("cancel" in meanwhile) {
        await this.stage.cancel(stack);
        return { sentAfterCancel: (await service.ledger()).requests[create] ?? 0 };
      } else if (second) {
        const before = new Set((await service.ledger()).tasks.map(({ taskId }) => taskId));
        const ended = await this.operate(second);
        this.stage.takeBill(second.stack);
        const { tasks } = await service.ledger();
        const ofSecond = new Set(tasks.map(({ taskId }) => taskId).filter((taskId) => !before.has(taskId)));
        return { second: ended, ofSecond };
      }
      return {};
    } finally {
      await hold.release();
    }
  }

  /** What becomes of the tasks that an update sends. */
  private sentIn(broken: FaultCase | undefined, fault: string | undefined, crash: CrashPoint | undefined): Sent {
    const lagMs = (kind: "searchLag" | "listingLag" | "filesLate", setting = 0) => {
      const seconds = (broken?.faults ?? []).map((one) => (one.kind === kind ? (one.seconds ?? 5) : 0));
      return Math.max(setting, ...seconds) * 1000;
    };
    const searchLagMs = lagMs("searchLag", this.setting.behaviours.searchLagSeconds);
    const told =
      !(fault !== undefined && answerLost.test(fault)) && !(crash !== undefined && beforeTaskLine.has(crash));
    return { told, searchLagMs, listingLagMs: lagMs("listingLag"), filesLagMs: lagMs("filesLate") };
  }

  /** What updates that ran side by side have sent. */
  private settle(updates: readonly Begun[], after: Moment, sent: Sent, ofSecond: ReadonlySet<string>): void {
    const ranFor = new Map<Intention, number>();
    const accepted = this.history.newTasks(after.ledger);
    for (const task of accepted) {
      const sender = updates.length > 1 && ofSecond.has(task.taskId) ? updates[1] : updates[0];
      const known = this.history.accept(task, sender?.askings ?? [], after.ledger, sent);
      const { intention } = known;
      this.machines[sender?.stack ?? 0]?.learn(known);
      if (ran(task)) ranFor.set(intention, (ranFor.get(intention) ?? 0) + 1);
      const askers = updates.flatMap(({ askings }) => askings.filter((asking) => asking.intention === intention));
      this.judge.must(
        (ranFor.get(intention) ?? 0) <= askers.length,
        "runsOnceAnUpdate",
        () => `${intention.key} ran more than once in one update`,
      );
    }
    const spending = {
      guard: updates.reduce((sum, { guard }) => sum + guard, 0),
      announced: updates.flatMap(({ announced }) => announced),
      accepted,
    };
    this.judge.must(billsWithinGuardAndPreview(spending), "billsWithinGuardAndPreview", () => {
      const images = accepted.reduce((sum, task) => sum + imagesBilled(task), 0);
      const announced = spending.announced.reduce((sum, line) => sum + line.images, 0);
      return `${images} images billed; the guard allows ${spending.guard}, preview announced ${announced}`;
    });
  }

  private async concluded(
    begun: Begun,
    ended: Ended,
    after: Moment,
    wasQuiet: boolean,
    troubled: boolean,
  ): Promise<void> {
    const { stack, askings, before } = begun;
    const state = await this.stage.state(stack);
    const given = askings.filter(
      ({ entry, forced, intention }) => forced || (entry && this.history.intentionOf([entry.urn]) !== intention),
    );
    this.history.giveUp(before.state, after.state, new Set(given.flatMap(({ entry }) => entry?.urn ?? [])));
    for (const { urn, intention, entry: old } of askings) {
      const entry = state.find((one) => one.urn === urn && !one.delete);
      if (!entry) continue;
      if (entry.id !== old?.id || askedIn(entry.inputs) !== askedIn(old.inputs)) this.history.made(urn, intention);
      else if (old.urn !== urn) this.history.made(urn, this.history.intentionOf([old.urn]) ?? intention);
    }
    const machine = this.machines[stack] as MachineMemory;
    // A forced replace is told nothing of what state holds.
    const untold = new Set(askings.flatMap(({ forced, entry }) => (forced && entry ? [entry.id] : [])));
    if (!ended.crashed)
      this.history.see(
        state.filter(({ id }) => !untold.has(id)),
        machine,
      );
    this.look(stack, state, after, ended);
    if (!ended.crashed && !ended.failed) this.succeeded(stack, state, after, ended.changes, wasQuiet, before);
    // What was refused in it is asked for again.
    if (troubled) this.quiet.delete(stack);
  }

  /** After an update with which nothing went wrong, each resource shows what there was to be found. */
  private async shown({ stack, askings, before }: Begun): Promise<void> {
    const state = await this.stage.state(stack);
    const entries = askings.map(({ urn }) => state.find((entry) => entry.urn === urn && !entry.delete));
    for (const [index, entry] of entries.entries()) {
      const unreached = entries.some((other) => other !== entry && isFailure(other));
      const asking = askings[index] as Asking;
      // What state held as under way is waited for alone: what else there is, the next update looks for.
      const wasUnderWay = isUnderWay(asking.entry?.outputs?.["status"]);
      if (entry && !unreached && !wasUnderWay) this.mustShow(asking, entry, before, this.setting.behaviours);
    }
  }

  private succeeded(
    stack: StackNumber,
    state: readonly Entry[],
    after: Moment,
    changes: readonly string[],
    wasQuiet: boolean,
    before: Moment,
  ): void {
    let settled = true;
    for (const resource of this.program.of(stack)) {
      const entry = entryOf(resource, state);
      const done = entry?.outputs?.["status"] === "FINISH";
      settled &&= done && this.isNamed(resource, entry);
      this.judge.must(
        done || !resource.wait || (resource.keep && isKept(entry)),
        "succeedsWithAPicture",
        () => `an update succeeded without ${resource.names.at(-1)}`,
      );
    }
    if (settled) this.quiet.add(stack);
    if (!wasQuiet) return;
    this.judge.must(
      this.requests(before.ledger) === this.requests(after.ledger),
      "unchangedSendsNothing",
      () => "a second, unchanged update sent a request",
    );
    this.judge.must(changes.length === 0, "unchangedSendsNothing", () => `a second, unchanged update did: ${changes}`);
  }

  /** A name of the user's own, and tags, are given once the file is found; until then each update asks for it. */
  private isNamed({ mediaName, images }: Declared, entry: Entry | undefined): boolean {
    // What somebody has deleted cannot be named: each update says so until a refresh.
    if (filesIn(entry?.outputs).some(({ fileId = "" }) => this.history.deleted.has(fileId))) return false;
    if (mediaName === undefined && images === 1) return true;
    const { searchLagSeconds = 0, tagLagSeconds = 0, addTags, filesInSearch } = this.setting.behaviours;
    const known = this.history.known(entry?.outputs?.["taskId"]);
    const lag = searchLagSeconds + tagLagSeconds + (known?.searchLagMs ?? 0);
    return lag === 0 && addTags !== "refused" && filesInSearch !== false;
  }

  private async preview(stack: StackNumber, crash: CrashPoint | undefined): Promise<void> {
    const before = await this.moment();
    const ended = await this.stage.operate(stack, { kind: "preview", program: this.program, replace: [] }, crash);
    this.stage.takeBill(stack);
    const after = await this.moment();
    this.counts.command("preview");
    this.count("preview", undefined, undefined, ended.crashed ? crash : undefined, before, after);
    this.judge.must(
      this.requests(before.ledger) === this.requests(after.ledger),
      "previewSendsNothing",
      () => "a preview sent",
    );
    this.look(stack, await this.stage.state(stack), after, ended);
  }

  private async refresh(stack: StackNumber, fault: string | undefined, crash: CrashPoint | undefined): Promise<void> {
    this.quiet.delete(stack);
    const { service } = this.stage;
    const before = await this.moment();
    const old = await this.stage.state(stack);
    const broken = faultCase("refresh", fault);
    await service.fault(broken?.faults ?? []);
    const ended = await this.stage.operate(stack, { kind: "refresh" }, crash);
    await service.clearFaults();
    const after = await this.moment();
    this.counts.command("refresh");
    this.count("refresh", fault, broken, ended.crashed ? crash : undefined, before, after);
    this.judge.must(
      this.history.newTasks(after.ledger).length === 0,
      "refreshSendsNothing",
      () => "a refresh generated a picture",
    );
    const state = await this.stage.state(stack);
    for (const entry of old) {
      // What was replaced by the same picture waits to be deleted under the same name and id, several times perhaps.
      const kept = state.filter(
        ({ urn, id, delete: gone }) => urn === entry.urn && id === entry.id && gone === entry.delete,
      );
      if (kept.length > 0) {
        const same = kept.some((one) => refreshKeepsWhatIsStored(entry, one, after.ledger));
        this.judge.must(same, "refreshKeepsWhatIsStored", () => `a refresh changed ${entry.id}`);
        continue;
      }
      const task = before.ledger.tasks.find(({ taskId }) => taskId === entry.outputs?.["taskId"]);
      const files: readonly { readonly fileId?: string }[] = task?.files ?? filesIn(entry.outputs);
      const gone = files.length > 0 && files.every(({ fileId = "" }) => this.history.deleted.has(fileId));
      this.judge.must(
        gone,
        "refreshKeepsWhatIsStored",
        () => `a refresh forgot ${entry.id} (${entry.outputs?.["status"]})`,
      );
    }
    this.look(stack, state, after, ended);
  }

  private async destroy(stack: StackNumber, crash: CrashPoint | undefined): Promise<void> {
    this.quiet.delete(stack);
    const before = await this.moment();
    const old = await this.stage.state(stack);
    const ended = await this.stage.operate(stack, { kind: "destroy" }, crash);
    const after = await this.moment();
    this.counts.command("destroy");
    this.count("destroy", undefined, undefined, ended.crashed ? crash : undefined, before, after);
    this.judge.must(
      this.requests(before.ledger) === this.requests(after.ledger),
      "destroySendsNothing",
      () => "a destroy sent",
    );
    const state = await this.stage.state(stack);
    if (!ended.crashed)
      this.judge.must(!ended.failed && state.length === 0, "destroySendsNothing", () => "it did not destroy");
    this.history.giveUp(before.state, after.state, new Set(old.map(({ urn }) => urn)));
    for (const { urn } of old) if (!state.some((entry) => entry.urn === urn)) this.history.forget(urn);
    this.look(stack, state, after, ended);
  }

  private async deleteFiles(who: number): Promise<void> {
    const { service } = this.stage;
    const chosen = this.program.chosen(who);
    const held = entryOf(chosen, await this.stage.state(chosen.stack))?.outputs?.["taskId"];
    const { tasks } = await service.ledger();
    for (const { fileId, exists } of tasks.find(({ taskId }) => taskId === held)?.files ?? []) {
      if (fileId === "" || !exists) continue;
      await service.deleteMedia(fileId);
      this.history.deleted.add(fileId);
    }
  }

  private async adopt(what: "adoptTask" | "adoptFiles" | "adoptNothing", who: number): Promise<void> {
    const chosen = this.program.chosen(who);
    const { tasks } = await this.stage.service.ledger();
    const newest = tasks.findLast(({ billed, files }) => billed && (what === "adoptTask" || files[0]?.fileId));
    if (what === "adoptNothing" || newest === undefined) chosen.adopts = undefined;
    else if (what === "adoptTask") chosen.adopts = { adoptTaskId: newest.taskId };
    else chosen.adopts = { adoptFileIds: newest.files.map(({ fileId }) => fileId) };
  }

  /** Sets what goes wrong. @returns settles where the service can see that it is time to kill */
  private async arm(
    broken: FaultCase | undefined,
    crash: CrashPoint | undefined,
    { ledger }: Moment,
  ): Promise<{ reached?: Promise<true> }> {
    const { service } = this.stage;
    await service.fault(broken?.faults ?? []);
    const requests = ledger.requests[describeTask] ?? 0;
    if (crash === "accepted") {
      await service.fault([{ kind: "acceptThenSlow", action: create, seconds: forEver }]);
      return { reached: service.waitFor({ kind: "tasks", atLeast: ledger.tasks.length + 1 }) };
    }
    if (crash === "onItsWay") {
      await service.fault([{ kind: "slow", action: create, seconds: forEver }]);
      const atLeast = (ledger.requests[create] ?? 0) + 1;
      return { reached: service.waitFor({ kind: "requests", action: create, atLeast }) };
    }
    if (crash === "waiting") {
      await service.fault([{ kind: "stuck", seconds: 900 }]);
      return { reached: service.waitFor({ kind: "requests", action: describeTask, atLeast: requests + 1 }) };
    }
    return {};
  }

  /** What holds after every operation, whatever came of it. */
  private look(stack: StackNumber, state: readonly Entry[], after: Moment, ended: Ended): void {
    for (const entry of state) this.lookAt(stack, entry, after);
    const errors = ended.crashed ? [] : ended.errors;
    for (const error of errors)
      this.judge.must(!internalFault.test(error), "tellsNoInternals", () => `an error says: ${error}`);
    const told = state.flatMap(({ id, initErrors }) => [id, ...initErrors]);
    const texts = [...told, ...errors, this.stage.journalText(stack)];
    this.judge.must(
      showsNoInputText(texts, ownSessionIds),
      "showsNoInputText",
      () => "a SessionId of the user's is in clear",
    );
    this.history.hold(after);
  }

  /** Of a task that was taken over nothing is sent, whatever its end. */
  private hasFailedForGood({ outputs }: Entry, task: SentTask | undefined): boolean {
    if (task === undefined) return outputs?.["adopted"] === true;
    const end = endOf(task, this.history);
    const isLast = outputs?.["attempt"] === mostAttempts || outputs?.["adopted"] === true;
    return end === "lasting" || (end === "passing" && isLast);
  }

  private lookAt(stack: StackNumber, entry: Entry, { ledger, now }: Moment): void {
    const { id, inputs, outputs = {}, initErrors } = entry;
    this.judge.must(
      id !== "" && typeof inputs["__provider"] === "string",
      "stateIsWhole",
      () => "no id or no code in state",
    );
    this.judge.must(
      typeof outputs["__provider"] === "string",
      "stateIsWhole",
      () => `${id} has no __provider in its outputs`,
    );
    const files = filesIn(entry.outputs);
    if (outputs["status"] === "FINISH") {
      this.judge.must(
        files.length > 0 && files.every(({ url, fileId }) => url || fileId),
        "stateIsWhole",
        () => `${id} is FINISH without a picture`,
      );
    } else {
      this.judge.must(files.length === 0, "stateIsWhole", () => `${id} is ${outputs["status"]} with a picture`);
    }
    const task = ledger.tasks.find(({ taskId }) => taskId === outputs["taskId"]);
    this.judge.must(
      !isKept(entry) || (initErrors.length === 0 && this.hasFailedForGood(entry, task)),
      "keepsOnlyWhatFailedForGood",
      () => `${id} was kept as a failure`,
    );
    for (const reason of initErrors)
      this.judge.must(!internalFault.test(reason), "tellsNoInternals", () => `told: ${reason}`);
    if (task === undefined || entry.delete) return;
    this.judge.must(
      madeFromTheRequestInState(entry, task),
      "madeFromTheRequestInState",
      () => `${id} shows ${task.request.Prompt}, and state says ${inputs["prompt"]}`,
    );
    const known = this.history.known(task.taskId);
    const orderIsKnown = known !== undefined && this.machines[stack]?.knows(known, task, now) === true;
    this.judge.must(
      filesInTheirOwnOrder(entry, task, orderIsKnown),
      "filesInTheirOwnOrder",
      () => `files of ${id} are in another order`,
    );
  }

  private count(
    kind: CommandKind,
    fault: string | undefined,
    broken: FaultCase | undefined,
    crash: CrashPoint | undefined,
    before: Moment,
    after: Moment,
  ): void {
    if (crash) this.counts.crash(kind, crash);
    if (!broken || fault === undefined) return;
    const seen = ({ ledger }: Moment) =>
      broken.shownBy === "*" ? this.requests(ledger) : (ledger.requests[broken.shownBy] ?? 0);
    if (seen(after) > seen(before)) this.counts.fault(kind, fault);
  }

  private askings(stack: StackNumber, state: readonly Entry[], replace: readonly string[]): Asking[] {
    return this.program.of(stack).map((resource) => {
      const urn = urnNow(resource);
      const entry = entryOf(resource, state);
      const forced = replace.includes(urn);
      const asked = askedBy(resource);
      // Names that aliases tell are one scope with the present one.
      const key = `${resource.sessionScope ?? urnOf(stack, resource.names[0] as string)} ${asked}`;
      const named = this.history.intention(key, resource.storageMode);
      const kept =
        entry && !forced && askedIn(entry.inputs) === asked ? this.history.intentionOf([entry.urn]) : undefined;
      return {
        urn,
        entry,
        forced,
        intention: kept ?? this.keptFor(stack, named) ?? named,
        sessionId: resource.sessionId,
        adopts: resource.adopts !== undefined,
        machine: this.machines[stack] as MachineMemory,
      };
    });
  }

  /** A generation that is kept in place under another scope is found again by that machine under today's. */
  private noteWhatIsKept(stack: StackNumber, askings: readonly Asking[]): void {
    for (const [index, { intention, entry, forced }] of askings.entries()) {
      const resource = this.program.of(stack)[index] as Declared;
      const key = `${resource.sessionScope ?? urnOf(stack, resource.names[0] as string)} ${askedBy(resource)}`;
      const named = this.history.intention(key, resource.storageMode);
      if (entry && !forced && named !== intention) {
        this.keptInstead[this.machineOf(stack)]?.set(named, { intention, at: this.stage.service.now() });
      }
    }
  }

  private keptFor(stack: StackNumber, named: Intention): Intention | undefined {
    const kept = this.keptInstead[this.machineOf(stack)]?.get(named);
    return kept && this.stage.service.now() - kept.at < settledLifeMs ? kept.intention : undefined;
  }

  private machineOf(stack: StackNumber): number {
    return this.setting.sharedMachine ? 0 : stack;
  }

  private otherThan(stack: StackNumber): StackNumber | undefined {
    return this.stacks.find((other) => other !== stack);
  }

  private firstOf(stack: StackNumber): number {
    return this.program.resources.findIndex((resource) => resource.stack === stack);
  }

  private requests(ledger: Pick<LedgerOfTasks, "requests">): number {
    return this.stage.service.requestsIn(ledger);
  }

  private async moment(): Promise<Moment> {
    const { service } = this.stage;
    const ledger = await service.ledger();
    const states = await Promise.all(this.stacks.map((stack) => this.stage.state(stack)));
    return { now: service.now(), ledger, state: states.flat() };
  }
}

function entryOf(resource: Declared, state: readonly Entry[]): Entry | undefined {
  const urns = new Set(urnsOf(resource));
  return state.find(({ urn, delete: gone }) => urns.has(urn) && !gone);
}

/** Not ready, and not to become so by waiting. */
function isFailure(entry: Entry | undefined): boolean {
  return ["FAILED", "AGED", "UNKNOWN"].includes(String(entry?.outputs?.["status"]));
}

/** Failed for good, and ready without a picture. */
function isKept(entry: Entry | undefined): boolean {
  const { status, files } = entry?.outputs ?? {};
  return status === "FAILED" && Array.isArray(files) && files.length === 0;
}

function isUnderWay(status: unknown): boolean {
  return status === "WAITING" || status === "PROCESSING";
}

/** As a user writes a time. */
function isoTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
