import { type CommandKind, type CrashPoint, type FaultCase, faultCase, type UpKind } from "./cases";
import type { Command, Sequence } from "./commands";
import type { Counts } from "./counts";
import { type Asking, Law, type Moment, must } from "./law";
import { askedBy, askedIn, type Declared, Program, urnOf } from "./program";
import type { BillLine, Ended, Entry, Stage } from "./stage";

const create = "CreateAigcImageTask";
const describeTask = "DescribeTaskDetail";
/** Longer than anything here lasts. */
const forEver = 1e9;
/** What no error that a user sees may hold. */
const internalFault = /TypeError|ReferenceError|undefined|cannot be carried|no __provider|\[object/;

/** Plays a sequence from nothing to its end. Throws a {@link Violation} where the law is broken. */
export async function play(stage: Stage, { setting, commands }: Sequence, counts: Counts): Promise<void> {
  await stage.begin(setting);
  const player = new Player(stage, new Program(setting), new Law(setting.behaviours), counts, setting);
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
    await stage.endProcess();
  }
  await player.tally();
}

class Player {
  /** Nothing has happened since an `up` that succeeded. */
  private quiet = false;
  private number = 0;

  constructor(
    private readonly stage: Stage,
    private readonly program: Program,
    private readonly law: Law,
    private readonly counts: Counts,
    private readonly setting: Sequence["setting"],
  ) {}

  async play(command: Command): Promise<void> {
    const { service } = this.stage;
    switch (command.do) {
      case "editBilled":
      case "editKeepers":
      case "editStorage":
        this.quiet = false;
        return this.program.change(command.do, command.who);
      case "clock":
        this.quiet = false;
        await service.advance(command.hours);
        return this.law.hold(await this.moment());
      case "newMachine":
        this.stage.replaceMachine();
        return;
      case "loseState":
        this.quiet = false;
        return this.stage.loseState();
      case "deleteFiles":
        this.quiet = false;
        return this.deleteFiles(command.who);
      case "preview":
        return this.preview(command.crash);
      case "refresh":
        return this.refresh(command.fault, command.crash);
      case "destroy":
        return this.destroy(command.crash);
      default:
        return this.up(command.do, command.who, command.fault, command.crash);
    }
  }

  /** With a service that does everything right, each resource comes to an end that can be explained. */
  async rest(): Promise<void> {
    const { service } = this.stage;
    await service.clearFaults();
    await service.behaviour({ tasksInListing: true, listingSessionIds: true, filesInSearch: true });
    // Longer than any lag.
    await service.advance(2.5);
    for (let round = 0; round < 2; round++) await this.up("up", 0, undefined, undefined);
    const { ledger, state } = await this.moment();
    const busy = ledger.tasks.some(({ finishTime }) => finishTime === "");
    const given = this.program.resources.map((resource) => this.entryOf(resource, state));
    for (const [index, resource] of this.program.resources.entries()) {
      const entry = given[index];
      // An engine stops at what fails, and may not come to the rest.
      const unreached = given.some((other) => other !== entry && isFailure(other));
      // What is queued behind a task that does not end, or refused because of it, has to wait.
      if (entry === undefined && (busy || unreached)) continue;
      must(entry !== undefined, () => `${resource.names.at(-1)} did not come about in two quiet updates`);
      const status = String(entry.outputs?.["status"]);
      const explained =
        busy || unreached || status === "FINISH" || isFailure(entry) || (status === "UNKNOWN" && this.staysUnknown());
      must(explained, () => `${resource.names.at(-1)} stays ${status}: ${entry.initErrors.join(" ")}`);
      this.counts.ended(status);
    }
  }

  /** Where the service refuses a SessionId as used, and knows no task of it. */
  private staysUnknown(): boolean {
    const { refusedSubmitUsesSessionId, windowDays } = this.setting.behaviours;
    return refusedSubmitUsesSessionId === true || windowDays === 7;
  }

  async tally(): Promise<void> {
    this.counts.sequence(this.law.counts(await this.stage.service.ledger()));
  }

  private async up(kind: UpKind, who: number, fault: string | undefined, crash: CrashPoint | undefined): Promise<void> {
    const wasQuiet = this.quiet && kind === "up";
    this.quiet = false;
    this.program.change(kind, who);
    const chosen = this.program.chosen(who);
    const before = await this.moment();
    // Pulumi refuses to replace what is not there.
    const held = kind === "replace" ? this.entryOf(chosen, before.state) : undefined;
    const replace = held ? [urnOf(chosen.names.at(-1) as string)] : [];
    const askings = this.askings(before.state, new Set(replace));
    const intentionOf = (urn: string) => askings.find((asking) => asking.urn === urn)?.intention;
    const underWay = before.ledger.tasks.some(({ finishTime }) => finishTime === "");
    const broken = faultCase(kind, fault);
    this.program.timeoutSeconds = broken?.stuck || underWay ? 30 : 600;
    const announced = this.number++ % 3 === 0 ? await this.announcedBy(before, replace) : undefined;

    const { reached } = await this.arm(broken, crash, before);
    const { service } = this.stage;
    const ended = await this.stage.operate({ kind: "up", program: this.program, replace }, crash, reached);
    await service.clearFaults();
    const bill = this.stage.takeBill();
    for (const line of announced ? bill : []) {
      // Twins share one line, which either may have.
      const shared = announced?.some((one) => intentionOf(one.urn) === intentionOf(line.urn));
      must(shared === true, () => `${line.urn} was billed for in an update, and not in its preview`);
    }
    const after = await this.moment();
    this.counts.command(kind);
    this.count(kind, fault, broken, ended.crashed ? crash : undefined, before, after);

    this.accept(askings, before, after, bill, broken);
    const replaced = askings.filter(
      ({ entry, forced, intention }) => forced || (entry && this.law.intentionIn(entry) !== intention),
    );
    this.law.giveUp(before, after, new Set(replaced.flatMap(({ entry }) => entry?.urn ?? [])));
    for (const { urn, intention, entry: old } of askings) {
      const entry = after.state.find((one) => one.urn === urn && !one.delete);
      if (entry && entry.inputs["generationId"] !== old?.inputs["generationId"]) this.law.made(entry, intention);
    }
    this.look(after, ended);
    if (!ended.crashed && !ended.failed) this.succeeded(after, ended.changes, wasQuiet, before);
    if (ended.crashed) return;
    // What is still followed is followed by the process, which ends with the update.
    if (after.ledger.tasks.some(({ finishTime }) => finishTime === "") || broken?.shownBy === describeTask) {
      await this.stage.endProcess();
    }
  }

  private succeeded(after: Moment, changes: readonly string[], wasQuiet: boolean, before: Moment): void {
    this.quiet = true;
    for (const resource of this.program.resources) {
      const entry = this.entryOf(resource, after.state);
      must(entry?.outputs?.["status"] === "FINISH", () => `an update succeeded without ${resource.names.at(-1)}`);
    }
    if (!wasQuiet) return;
    must(this.requests(before) === this.requests(after), () => "a second, unchanged update sent a request");
    must(changes.length === 0, () => `a second, unchanged update did: ${changes}`);
  }

  /** What a preview says that an update will bill. It sends nothing. */
  private async announcedBy(before: Moment, replace: string[]) {
    const { service } = this.stage;
    await this.stage.operate({ kind: "preview", program: this.program, replace });
    const after = await service.ledger();
    must(this.requests({ ledger: after }) === this.requests(before), () => "a preview sent a request");
    return this.stage.takeBill();
  }

  private async preview(crash: CrashPoint | undefined): Promise<void> {
    const before = await this.moment();
    const ended = await this.stage.operate({ kind: "preview", program: this.program, replace: [] }, crash);
    this.stage.takeBill();
    const after = await this.moment();
    this.counts.command("preview");
    this.count("preview", undefined, undefined, ended.crashed ? crash : undefined, before, after);
    must(this.requests(before) === this.requests(after), () => "a preview sent a request");
    this.look(after, ended);
  }

  private async refresh(fault: string | undefined, crash: CrashPoint | undefined): Promise<void> {
    this.quiet = false;
    const { service } = this.stage;
    const before = await this.moment();
    const broken = faultCase("refresh", fault);
    await service.fault(broken?.faults ?? []);
    const ended = await this.stage.operate({ kind: "refresh" }, crash);
    await service.clearFaults();
    const after = await this.moment();
    this.counts.command("refresh");
    this.count("refresh", fault, broken, ended.crashed ? crash : undefined, before, after);
    must(this.law.newTasks(after.ledger).length === 0, () => "a refresh generated a picture");
    for (const entry of before.state) {
      if (after.state.some(({ urn, id }) => urn === entry.urn && id === entry.id)) continue;
      const task = before.ledger.tasks.find(({ taskId }) => taskId === entry.outputs?.["taskId"]);
      const gone = task?.billed === true && task.files.every(({ exists, fileId }) => !exists && fileId !== "");
      must(gone, () => `a refresh forgot ${entry.id} (${entry.outputs?.["status"]})`);
    }
    if (!ended.crashed && !ended.failed && !broken) for (const entry of after.state) this.refreshed(entry, after);
    this.look(after, ended);
  }

  /** A refresh that went well leaves no picture in state of which nothing is there any more. */
  private refreshed({ id, outputs }: Entry, { ledger }: Moment): void {
    if (outputs?.["status"] !== "FINISH") return;
    const files = (outputs["files"] ?? []) as { fileId?: string; expired?: boolean }[];
    const task = ledger.tasks.find(({ taskId }) => taskId === outputs["taskId"]);
    const exists = task === undefined || task.files.some((file) => file.exists);
    must(
      exists || files.some(({ expired }) => expired === true),
      () => `after a refresh ${id} has no file that exists`,
    );
  }

  private async destroy(crash: CrashPoint | undefined): Promise<void> {
    this.quiet = false;
    const before = await this.moment();
    const ended = await this.stage.operate({ kind: "destroy" }, crash);
    const after = await this.moment();
    this.counts.command("destroy");
    this.count("destroy", undefined, undefined, ended.crashed ? crash : undefined, before, after);
    must(this.requests(before) === this.requests(after), () => "a destroy sent a request");
    if (!ended.crashed) must(!ended.failed && after.state.length === 0, () => "a destroy did not destroy");
    this.law.giveUp(before, after, new Set(before.state.map(({ urn }) => urn)));
    this.look(after, ended);
  }

  private async deleteFiles(who: number): Promise<void> {
    const { service } = this.stage;
    const chosen = this.program.chosen(who);
    const held = this.entryOf(chosen, await this.stage.state())?.outputs?.["taskId"];
    const { tasks } = await service.ledger();
    for (const { fileId, exists } of tasks.find(({ taskId }) => taskId === held)?.files ?? []) {
      if (fileId !== "" && exists) await service.deleteMedia(fileId);
    }
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

  private accept(
    askings: readonly Asking[],
    before: Moment,
    after: Moment,
    bill: readonly BillLine[],
    broken: FaultCase | undefined,
  ): void {
    const versions = new Map(
      this.program.resources.map(({ names, modelVersion }) => [urnOf(names.at(-1) as string), modelVersion]),
    );
    const lagSeconds = Math.max(
      this.setting.behaviours.searchLagSeconds ?? 0,
      ...(broken?.faults ?? []).map((fault) => (fault.kind === "searchLag" ? (fault.seconds ?? 5) : 0)),
    );
    const ranFor = new Map<string, number>();
    for (const task of this.law.newTasks(after.ledger)) {
      const asked = askings.filter(({ urn }) => versions.get(urn) === task.modelVersion);
      const { key } = this.law.accept(task, asked, { before, after, bill, searchLagMs: lagSeconds * 1000 });
      if (Law.ran(task)) ranFor.set(key, (ranFor.get(key) ?? 0) + 1);
      must((ranFor.get(key) ?? 0) <= asked.length, () => `${key} ran more than once in one update`);
    }
  }

  /** What holds after every operation, whatever came of it. */
  private look(after: Moment, ended: Ended): void {
    for (const { id, inputs, outputs = {}, initErrors } of after.state) {
      must(id !== "" && typeof inputs["__provider"] === "string", () => "a resource in state has no id or no code");
      must(typeof outputs["__provider"] === "string", () => `${id} has no __provider in its outputs`);
      const files = (outputs["files"] ?? []) as { url?: string }[];
      if (outputs["status"] === "FINISH") {
        must(files.length > 0 && files.every(({ url }) => url), () => `${id} is FINISH without a picture`);
      } else {
        must(files.length === 0, () => `${id} is ${outputs["status"]} with a picture`);
      }
      for (const reason of initErrors) must(!internalFault.test(reason), () => `a reason says: ${reason}`);
    }
    const errors = ended.crashed ? [] : ended.errors;
    for (const error of errors) must(!internalFault.test(error), () => `an error says: ${error}`);
    this.law.hold(after);
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
    const seen = ({ ledger: { requests } }: Moment) =>
      broken.shownBy === "*" ? this.requests({ ledger: { requests } }) : (requests[broken.shownBy] ?? 0);
    if (seen(after) > seen(before)) this.counts.fault(kind, fault);
  }

  private askings(state: readonly Entry[], replaced: ReadonlySet<string>): Asking[] {
    return this.program.resources.map((resource) => {
      const urn = urnOf(resource.names.at(-1) as string);
      const entry = this.entryOf(resource, state);
      const forced = replaced.has(urn);
      const asked = askedBy(resource);
      const kept = entry && !forced && askedIn(entry.inputs) === asked ? this.law.intentionIn(entry) : undefined;
      const key = `${resource.sessionScope ?? urn} ${asked}`;
      return { urn, entry, forced, intention: kept ?? this.law.intention(key, resource.storageMode) };
    });
  }

  private entryOf({ names }: Declared, state: readonly Entry[]): Entry | undefined {
    const urns = new Set(names.map(urnOf));
    return state.find(({ urn, delete: gone }) => urns.has(urn) && !gone);
  }

  private requests({ ledger }: { ledger: Pick<Moment["ledger"], "requests"> }): number {
    return this.stage.service.requestsIn(ledger);
  }

  private async moment(): Promise<Moment> {
    const { service } = this.stage;
    const ledger = await service.ledger();
    return { now: service.now(), ledger, state: await this.stage.state(), journal: this.stage.journal() };
  }
}

/** Not ready, and not to become so by waiting. */
function isFailure(entry: Entry | undefined): boolean {
  return ["FAILED", "AGED"].includes(String(entry?.outputs?.["status"]));
}
