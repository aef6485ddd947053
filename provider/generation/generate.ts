import type { TaskFollower } from "../service/follow";
import { withoutName } from "../service/library";
import { absent, asked, found, type Look } from "../service/look";
import { fileIdsOf, hasUrl } from "../service/pictureFile";
import { askTask, type NoSuchTask, type TaskReport } from "../service/task";
import { TencentAigcError } from "../vod/errors";
import type { DailyLimit, DailySend } from "./dailyLimit";
import { decide } from "./decide";
import type { Case, Evidence, Findings, KnownTask, Sent, Step } from "./evidence";
import { isDerived, sessionIdOf } from "./generationId";
import type { Intention } from "./intention";
import { filesOf } from "./lookForFiles";
import { type LookUpDependencies, lookUp } from "./lookUp";
import { Memory } from "./memory";
import { OneAtATime } from "./oneAtATime";
import { placesTold, progressTold } from "./progressTexts";
import { proofOf } from "./proof";
import {
  type FailedRecord,
  firstSubmission,
  type GenerationRecord,
  type Outcome,
  type RunningRecord,
  taskIdOf,
} from "./record";
import { anothersSessionId, notShownWhose } from "./refusals";
import type { Slot } from "./slots";
import type { SpendGuard } from "./spendGuard";
import { ownSessionIdOf, submissionOfTask } from "./submissions";
import { type Submit, type SubmitDependencies, submit } from "./submit";

export type GenerationDependencies = LookUpDependencies & SubmitDependencies & FollowDependencies;

interface FollowDependencies {
  readonly followerOf: (subAppId: number) => TaskFollower;
  readonly spendGuard: SpendGuard;
  /** Absent where no ceiling is set for the day. */
  readonly dailyLimit?: DailyLimit | undefined;
}

type SendStep = Extract<Step, { do: "send" }>;

/** What a preview can tell of a picture that is to be made. */
export type Foresight = "reused" | "billed" | "unknown";

/** What one verb is about. */
interface Job {
  readonly intention: Intention;
  readonly purpose: Case["purpose"];
  readonly stored: GenerationRecord | undefined;
  /** When the verb began (service's time, ms). */
  begun: number;
  /** Until when to go on trying (our own clock's time, ms): anew once there is a task. */
  deadline: number;
  followed: boolean;
  /** Held from the submit until the task is known to have ended. */
  slot: Slot | undefined;
  /** Since the verb began (ms). */
  readonly elapsed: () => number;
  looks: number;
  backOffs: number;
}

/** Waits before something that may go right the next time is tried again. */
const backOffMs = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** Makes each intended generation happen once: the only way in, for every verb. */
export class Generation {
  /** Looking and sending for one generation id is one at a time; the next in line finds what the one before sent. */
  private readonly sending = new OneAtATime();
  /** Tasks under way, by generation id: what another resource with the same intention waits for as well. */
  private readonly tasks = new Map<string, KnownTask>();
  /** Which request this process has sent under a SessionId of the user's own. */
  private readonly ownSessions = new Map<string, { readonly request: string; readonly generationId: string }>();

  /** What the journal is told of pictures that state holds. */
  readonly memory: Memory;

  constructor(private readonly dependencies: GenerationDependencies) {
    this.memory = new Memory(dependencies);
  }

  /** For `create`: finds what the intention already has, and generates only what it has not. */
  generate(intention: Intention): Promise<Outcome> {
    return this.run(this.jobFor(intention, "create"));
  }

  /** For `update` of a generation that is under way, or whose file was not seen: waits on for its task. */
  resume(intention: Intention, stored: RunningRecord | FailedRecord): Promise<Outcome> {
    return this.run(this.jobFor(intention, "wait", stored), { do: "follow", task: storedTask(stored, intention) });
  }

  /**
   * For `update` of what is not ready: looks for any file or task of the intention, and then sends what preview has
   * announced, if anything.
   */
  goOn(intention: Intention, stored: GenerationRecord, purpose: "retry" | "repeat" | "look"): Promise<Outcome> {
    return this.run(this.jobFor(intention, purpose, stored));
  }

  /**
   * For `create` with `adoptTaskId`: takes over a task of the last 3 days.
   * @throws where the service knows no such task: nothing is billed
   */
  async adoptTask(intention: Intention, taskId: string): Promise<Outcome> {
    const report = await askTask(this.dependencies.client, taskId, intention.request.SubAppId);
    if (report.kind === "noSuchTask") {
      throw new TencentAigcError(
        `adoptTaskId: the service knows no task ${taskId} of the last 3 days. Nothing was sent, and nothing is billed.`,
        {
          billed: "no",
          nextStep: "Check the TaskId and `subAppId`; take over its Permanent files with `adoptFileIds`.",
        },
      );
    }
    const { generationId } = intention;
    const task: KnownTask = { taskId, generationId, submission: firstSubmission, source: "adopted" };
    return this.run(this.jobFor(intention, "wait"), { do: "follow", task });
  }

  /**
   * For `create` with `adoptFileIds`: takes over Permanent files instead of generating.
   * @throws where the library does not have one of them: nothing is billed
   */
  async adoptFiles(subAppId: number, fileIds: readonly string[]): Promise<Outcome> {
    const looks = await this.dependencies.libraryOf(subAppId).files(fileIds);
    const unanswered = looks.find((look) => look.kind === "unknown");
    if (unanswered) {
      throw new TencentAigcError(`adoptFileIds: ${unanswered.why} Nothing was sent, and nothing is billed.`, {
        billed: "no",
        nextStep: "Run `pulumi up` again once it can be asked.",
      });
    }
    const missing = fileIds.filter((_, index) => looks[index]?.kind !== "found");
    if (missing.length > 0) {
      throw new TencentAigcError(
        `adoptFileIds: the media library has no file ${missing.join(", ")}. Nothing was sent, and nothing is billed.`,
        { billed: "no", nextStep: "Check the FileIds and `subAppId`, or remove `adoptFileIds` to generate the image." },
      );
    }
    const files = looks.flatMap((look) => (look.kind === "found" ? [withoutName(look.value)] : []));
    return { record: { kind: "finished", adopted: true, files }, reused: true };
  }

  /** Asks the media library for the URLs that a task has not told. A file without one is there, and paid for. */
  async complete(outcome: Outcome, subAppId: number): Promise<Outcome> {
    const { record } = outcome;
    if (record.kind !== "finished" || record.files.every(hasUrl)) return outcome;
    const wanted = fileIdsOf(record.files.filter((file) => !hasUrl(file)));
    const looks = await this.dependencies.libraryOf(subAppId).files(wanted);
    const told = looks.flatMap((look) => (look.kind === "found" ? [withoutName(look.value)] : []));
    const files = record.files.map((file) => ({ ...file, ...told.find(({ fileId }) => fileId === file.fileId) }));
    return { ...outcome, record: { ...record, files } };
  }

  /**
   * For `check`: whether `create` would find a picture, which it need not pay for. Asks, and neither sends nor writes
   * anything. What is not certain counts as not found.
   */
  async foresee(intention: Intention): Promise<Foresight> {
    const job = this.jobFor(intention, "create");
    const first = await this.lookUp(job);
    if (first.kind === "looks" && isUnanswered(first.looks)) return "unknown";
    let step = this.decide(job, first);
    // A task and its files are two looks; a third one would not be certain.
    for (let looks = 0; looks < 3; looks++) {
      if (step.do === "store") return step.outcome.record.kind === "finished" ? "reused" : "billed";
      if (step.do === "follow" && !step.task.proof) {
        const { task } = step;
        const report = await askTask(this.dependencies.client, task.taskId, intention.request.SubAppId);
        if (report.kind === "running") return "reused";
        step = this.decide(job, { kind: "report", task, report });
      } else if (step.do === "askForFiles" && step.waitMs === 0) {
        step = this.decide(job, await this.askForFiles(job, step));
      } else {
        return "billed";
      }
    }
    return "billed";
  }

  /** One look at a task, for `read`. */
  look(taskId: string, subAppId: number): Promise<Look<TaskReport | NoSuchTask>> {
    return asked("The task", async () => found(await askTask(this.dependencies.client, taskId, subAppId)));
  }

  private jobFor(intention: Intention, purpose: Case["purpose"], stored?: GenerationRecord): Job {
    const { clock, now } = this.dependencies;
    const begun = Date.now();
    return {
      intention,
      purpose,
      stored,
      begun: now(),
      deadline: clock.now() + intention.timeoutMs,
      followed: false,
      slot: undefined,
      elapsed: () => Math.max(0, Date.now() - begun),
      looks: 0,
      backOffs: 0,
    };
  }

  private async run(job: Job, first?: Step): Promise<Outcome> {
    try {
      return await this.takeSteps(job, first);
    } catch (error) {
      job.slot?.free();
      throw error;
    }
  }

  /** Takes steps until there is something to store. Looking and sending are one; following happens side by side. */
  private async takeSteps(job: Job, first: Step | undefined): Promise<Outcome> {
    let step = first ?? (await this.alone(job, () => this.settleSending(job)));
    for (;;) {
      switch (step.do) {
        case "store": {
          if (step.outcome.record !== job.stored) await this.memory.keepFiles(job.intention, step.outcome.record);
          // State and journal have it from here.
          this.tasks.delete(job.intention.generationId);
          return this.complete(step.outcome, job.intention.request.SubAppId);
        }
        case "refuse":
          throw step.error;
        case "look":
        case "send": {
          const next = step;
          step = await this.alone(job, () => this.settleSending(job, next));
          break;
        }
        case "follow":
          step = this.decide(job, await this.follow(job, step.task));
          break;
        case "lookForFiles":
          step = this.decide(job, await this.lookForFiles(job, step));
          break;
        case "askForFiles":
          step = this.decide(job, await this.askForFiles(job, step));
          break;
      }
    }
  }

  /** Looks and sends until that is done with. */
  private async settleSending(job: Job, first?: Step): Promise<Step> {
    let step = first ?? this.decide(job, await this.lookUp(job));
    while (step.do === "look" || step.do === "send") {
      const evidence = step.do === "look" ? await this.lookUp(job) : await this.send(job, step);
      step = this.decide(job, evidence);
    }
    return step;
  }

  private decide(job: Job, evidence: Evidence): Step {
    const { clock, now, cancelled } = this.dependencies;
    const { intention, purpose, stored, begun } = job;
    return decide(evidence, {
      intention,
      purpose,
      stored,
      begun,
      now: now(),
      remainingMs: job.deadline - clock.now(),
      cancelled: cancelled.aborted,
    });
  }

  /** Another resource with the same intention, or the same SessionId, waits, and then finds what this one has sent. */
  private alone<T>({ intention }: Job, run: () => Promise<T>): Promise<T> {
    return this.sending.run(intention.ownSessionId ?? intention.generationId, run);
  }

  private async lookUp(job: Job): Promise<Evidence> {
    this.dependencies.cancelled.throwIfAborted();
    if (job.looks++ > 0) {
      job.intention.report("waiting, the service cannot be asked at present");
      await this.backOff(job);
    }
    const known = this.tasks.get(job.intention.generationId);
    const looks = await lookUp(this.dependencies, job.intention, job.stored);
    // Only now the service's time is known, where this process has just begun.
    if (job.looks === 1) job.begun = this.dependencies.now() - job.elapsed();
    const isNews = known && known.taskId !== (job.stored && taskIdOf(job.stored));
    if (isNews && known.submission.number >= (looks.task?.submission.number ?? 0)) {
      return { kind: "looks", looks: { ...looks, task: known } };
    }
    return { kind: "looks", looks };
  }

  private async send(job: Job, step: SendStep): Promise<Evidence> {
    const { generationId, submission, open } = step;
    // Another resource with the same intention may have sent it meanwhile.
    const known = this.tasks.get(generationId);
    if (known && known.submission.number >= submission.number && !open) {
      return { kind: "sent", sent: { kind: "task", task: known } };
    }
    const before = step.anew ? undefined : (step.after ?? job.stored);
    const own = before ? ownSessionIdOf({ ...before, generationId }, job.intention) : job.intention.ownSessionId;
    const sessionId = open?.sessionId ?? sessionIdOf(generationId, own, submission.number);
    const shared = this.claim(job.intention, sessionId, generationId);
    if (shared) return { kind: "sent", sent: { kind: "task", task: shared } };
    try {
      return await this.sendInTurn(job, step, { generationId, submission, sessionId, open });
    } catch (error) {
      // Nothing was sent for the next attempt. The one before it goes into state.
      const isUnbilled = TencentAigcError.isInstance(error) && error.billed === "no";
      if (!this.dependencies.cancelled.aborted || !step.otherwise || !isUnbilled) throw error;
      const blockedBy = step.after?.taskId ?? "";
      return { kind: "sent", sent: { kind: "noSlot", blockedBy, otherwise: step.otherwise } };
    }
  }

  private async sendInTurn(job: Job, step: SendStep, sending: Submit): Promise<Evidence> {
    if (step.backOff) await this.backOff(job);
    let refusedSince: number | undefined;
    for (;;) {
      const slot = await this.dependencies.slots.acquire(job.intention.timeoutMs, placesTold(job.intention.report));
      if ("blockedBy" in slot) {
        return {
          kind: "sent",
          sent: { kind: "noSlot", ...slot, ...(step.otherwise && { otherwise: step.otherwise }) },
        };
      }
      const sent = await this.submitIn(slot, job, sending);
      if (sent.kind === "task") {
        job.slot = slot;
        this.tasks.set(sending.generationId, { ...sent.task, source: "journal" });
      }
      if (sent.kind !== "tooMany") return { kind: "sent", sent };
      // Another stack may have the whole quota for a while. It is asked again at the pace that its refusals have left.
      const { clock, slots } = this.dependencies;
      refusedSince ??= clock.now();
      if (clock.now() - Math.max(refusedSince, slots.lastStart) >= job.intention.timeoutMs) throw sent.error;
      job.intention.report("waiting, the service takes no more tasks at present");
    }
  }

  /**
   * Takes a SessionId of the user's own for this request.
   * @returns the task that an equal request has become under it, in this process
   * @throws where another request uses it: nothing is sent
   */
  private claim({ requestDigest }: Intention, sessionId: string, generationId: string): KnownTask | undefined {
    if (isDerived(sessionId)) return undefined;
    const claimed = this.ownSessions.get(sessionId);
    if (claimed === undefined) {
      this.ownSessions.set(sessionId, { request: requestDigest, generationId });
      return undefined;
    }
    if (claimed.request !== requestDigest) throw anothersSessionId();
    return claimed.generationId === generationId ? undefined : this.tasks.get(claimed.generationId);
  }

  /** Submits what the spend guard allows. What was refused, or had been accepted before, has spent nothing. */
  private async submitIn(slot: Slot, job: Job, sending: Submit): Promise<Sent> {
    const { spendGuard, dailyLimit, clock } = this.dependencies;
    const { intention } = job;
    // While the engine is paused the deadline stays as far ahead as it was.
    const beforeSend = async () => {
      const asked = clock.now();
      await this.dependencies.beforeSend();
      job.deadline += clock.now() - asked;
    };
    const ofDay = dailySend(intention, sending);
    let spent = 0;
    let isNewToday = false;
    const giveBack = async () => {
      if (spent > 0) spendGuard.giveBack(spent, intention.spending);
      if (isNewToday) await dailyLimit?.giveBack(ofDay);
    };
    try {
      spendGuard.spend(intention.images, intention.spending);
      spent = intention.images;
      isNewToday = (await dailyLimit?.spend(ofDay)) ?? false;
      intention.report("submitting");
      const sent = await submit({ ...this.dependencies, beforeSend }, intention, sending);
      const billsNow = (sent.kind === "task" && sent.task.source === "sent") || sent.kind === "noAnswer";
      if (!billsNow) await giveBack();
      if (sent.kind === "tooMany" && sent.atOnce) slot.overran();
      else if (sent.kind !== "task") slot.free();
      return sent;
    } catch (error) {
      if (TencentAigcError.isInstance(error) && error.billed === "no") await giveBack();
      slot.free();
      throw error;
    }
  }

  /** Waits for a task, and frees its slot when it has ended, however long after this resource has stopped waiting. */
  private async follow(job: Job, known: KnownTask): Promise<Evidence> {
    const { clock, now, slots, followerOf, spendGuard, dailyLimit } = this.dependencies;
    const { intention } = job;
    const task = known.proof ? await this.proven(intention, known) : known;
    if (task === undefined) {
      job.slot?.free();
      job.slot = undefined;
      return { kind: "sent", sent: { kind: "anothers", task: known } };
    }
    const deadline = clock.now() + intention.timeoutMs;
    if (!job.followed) job.deadline = deadline;
    job.followed = true;
    const slot = job.slot ?? slots.hold(task.taskId, deadline);
    job.slot = undefined;
    slot.taken(task.taskId, deadline);
    const since = Number.isFinite(task.since) ? Number(task.since) : now();
    const followed = { taskId: task.taskId, since };
    const follower = followerOf(intention.request.SubAppId);
    const freeWhenEnded = () => {
      const free = () => slot.free();
      follower.follow(followed, Number.POSITIVE_INFINITY, () => {}).then(free, free);
    };
    if (task.source === "sent" && !intention.waitForCompletion) {
      freeWhenEnded();
      return { kind: "report", task, report: { kind: "running", status: "PROCESSING", times: {} } };
    }
    try {
      const until = intention.waitForCompletion ? deadline : 0;
      const report = await follower.follow(
        followed,
        until,
        progressTold(task.taskId, intention.report, () => clock.now()),
      );
      const neverRan = report.kind === "failed" && report.cause === "neverRan";
      if (report.kind === "running") freeWhenEnded();
      else if (neverRan) slot.overran();
      else slot.free();
      if (neverRan && task.source === "sent") {
        spendGuard.giveBack(intention.images, intention.spending);
        await dailyLimit?.giveBack(dailySend(intention, task));
      }
      return { kind: "report", task, report };
    } catch (error) {
      freeWhenEnded();
      // Whatever went wrong, the task is there and may be paid for: it goes into state.
      const why = TencentAigcError.isInstance(error) ? error.message : "an internal error of this package.";
      return { kind: "report", task, report: { kind: "notFollowed", why } };
    }
  }

  /**
   * A task that was found under the user's own SessionId, once it is shown to be this intention's.
   * @returns undefined where it is another request's
   * @throws where it does not show whose it is: nothing is sent
   */
  private async proven(intention: Intention, { proof: needed, ...task }: KnownTask): Promise<KnownTask | undefined> {
    const { client, journal, endpoint, now } = this.dependencies;
    const report = await askTask(client, task.taskId, intention.request.SubAppId);
    const proof = proofOf(intention, task.sessionId, report.kind === "noSuchTask" ? undefined : report.echo);
    const key = { endpoint, subAppId: intention.request.SubAppId, name: task.generationId };
    const { number } = task.submission;
    if (proof === "another") {
      this.tasks.delete(task.generationId);
      await journal.append(key, { event: "anothers", submission: number });
      return undefined;
    }
    if (proof === "differs" || (proof === "notShown" && needed === "required")) throw notShownWhose(task.taskId);
    if (task.source === "listed") {
      await journal.append(key, { event: "task", submission: number, taskId: task.taskId, at: now() });
    }
    this.tasks.set(task.generationId, { ...task, source: "journal" });
    return task;
  }

  private async lookForFiles(job: Job, { task, report }: Extract<Step, { do: "lookForFiles" }>): Promise<Evidence> {
    const files =
      task.source === "adopted"
        ? absent
        : await filesOf(this.dependencies, job.intention, [task.generationId], [submissionOfTask(task)], job.stored);
    return { kind: "noFile", task, report, files };
  }

  private async askForFiles(
    { intention }: Job,
    { task, report, times, waitMs }: Extract<Step, { do: "askForFiles" }>,
  ): Promise<Evidence> {
    const { clock, libraryOf, cancelled } = this.dependencies;
    if (waitMs > 0) await clock.sleep(waitMs, cancelled);
    const fileIds = report ? fileIdsOf(report.files) : (task.fileIds ?? []);
    const looks = await libraryOf(intention.request.SubAppId).files(fileIds);
    const files = looks.map((look) => (look.kind === "found" ? found(withoutName(look.value)) : look));
    return { kind: "files", task, report, looks: files, times: times + 1 };
  }

  private backOff(job: Job): Promise<void> {
    const { clock, cancelled } = this.dependencies;
    const wait = backOffMs[Math.min(job.backOffs++, backOffMs.length - 1)] ?? 0;
    return clock.sleep(Math.max(0, Math.min(wait, job.deadline - clock.now())), cancelled);
  }
}

/** A look that was needed could not be answered. */
function isUnanswered({ task, files, unanswered }: Findings): boolean {
  return unanswered !== undefined || (task === undefined && files.kind === "unknown");
}

/** Named by the submission: the user's own SessionId is input text. */
function dailySend(
  { request, images }: Intention,
  { generationId, submission }: Pick<KnownTask, "generationId" | "submission">,
): DailySend {
  return { subAppId: request.SubAppId, id: `${generationId}-${submission.number}`, images };
}

/** The task that state holds. */
function storedTask(stored: RunningRecord | FailedRecord, { generationId }: Intention): KnownTask {
  const { taskId, sessionId, requestId, createTime, submission = firstSubmission, adopted } = stored;
  const since = Date.parse(createTime ?? "");
  return {
    taskId,
    generationId: stored.generationId ?? generationId,
    submission,
    sessionId,
    requestId,
    since: Number.isNaN(since) ? undefined : since,
    source: adopted ? "adopted" : "state",
  };
}
