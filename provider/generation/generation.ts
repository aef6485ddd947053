import { TencentAigcError } from "../vod/errors";
import { adoptFiles } from "./adopt";
import { causeOf } from "./causes";
import { firstPosition, lookAgain, lookBeforeRetry, lookBeforeSending, positionOf, taskOf } from "./found";
import type { Generated, Outcome } from "./generated";
import type { Intention } from "./intention";
import type { JournalKey } from "./journal";
import { type Looked, lookAtTask } from "./look";
import { type PursueDependencies, pursue } from "./pursue";

export interface GenerationDependencies extends PursueDependencies {
  /** The loopback endpoint's URL, or `real`: all real hosts are one service. */
  readonly endpoint: string;
}

/** What a generation is settled by: its SubAppId and base SessionId. */
export interface GenerationName {
  readonly subAppId: number;
  readonly base: string;
}

/** Makes each intended generation happen once: what each verb may do with one. */
export class Generation {
  /** One generation in flight an intention: whoever else wants it shares its outcome. */
  private readonly inFlight = new Map<string, Promise<Outcome>>();

  constructor(private readonly dependencies: GenerationDependencies) {}

  /** For `create`: finds what the intention already has, and generates only what it has not. */
  generate(intention: Intention): Promise<Outcome> {
    return this.once(intention, async (key) => {
      const lead = await lookBeforeSending(this.dependencies, intention, key);
      return pursue(this.dependencies, intention, key, lead);
    });
  }

  /** For `update` of a generation that is under way: waits on for its task. */
  resume(intention: Intention, stored: Generated): Promise<Outcome> {
    const lead = { found: taskOf(stored), position: positionOf(stored) };
    return this.once(intention, (key) => pursue(this.dependencies, intention, key, lead, stored));
  }

  /** For `update` of an UNKNOWN or AGED one: looks for it, and while that is safe repeats the same request. */
  repeat(intention: Intention, stored: Generated): Promise<Outcome> {
    return this.once(intention, async (key) => {
      const lead = await lookAgain(this.dependencies, intention, stored);
      return pursue(this.dependencies, intention, key, lead, stored);
    });
  }

  /** For `update` of one that failed for a passing cause, or that the service never ran: sends exactly the next attempt. */
  retry(intention: Intention, stored: Generated): Promise<Outcome> {
    return this.once(intention, async (key) => {
      const failed = positionOf(stored);
      const ran = causeOf(stored.errCodeExt).cause === "neverRan" ? 0 : 1;
      const next = { submission: failed.submission + 1, attempt: failed.attempt + ran };
      const begun = await lookBeforeRetry(this.dependencies, intention, key, failed);
      const lead = begun ?? { found: { kind: "nothing" } as const, position: next };
      return pursue(this.dependencies, intention, key, lead);
    });
  }

  /**
   * For `create` with `adoptTaskId`: takes over a task of the last 3 days.
   * @throws where the service knows no such task: nothing is billed
   */
  async adoptTask(intention: Intention, taskId: string): Promise<Outcome> {
    const state = await this.look(taskId, intention.request.SubAppId);
    if (state.kind === "notFound") {
      throw new TencentAigcError(
        `adoptTaskId: the service knows no task ${taskId} of the last 3 days. Nothing was sent, and nothing is billed.`,
        {
          billed: "no",
          nextStep: "Check the TaskId and `subAppId`; take over its Permanent files with `adoptFileIds`.",
        },
      );
    }
    const lead = { found: { kind: "task", taskId, adopted: true } as const, position: firstPosition };
    const unnamed = { ...intention, base: { id: taskId, explicit: false } };
    return pursue(this.dependencies, unnamed, this.keyOf(intention), lead);
  }

  /** For `create` with `adoptFileIds`. */
  adoptFiles(subAppId: number, fileIds: readonly string[]): Promise<Outcome> {
    return adoptFiles(this.dependencies.libraryOf(subAppId), fileIds);
  }

  /** One look at a task, for `read`. */
  look(taskId: string, subAppId: number): Promise<Looked> {
    return lookAtTask(this.dependencies.client, taskId, subAppId);
  }

  /** A TaskId that was seen in a stack's state needs the journal no longer. */
  async settle({ subAppId, base }: GenerationName, taskId: string): Promise<void> {
    const { journal, endpoint, now } = this.dependencies;
    const key = { endpoint, subAppId, sessionId: base };
    const entry = (await journal.read(key)).find((known) => known.taskId === taskId);
    if (entry === undefined || entry.settled) return;
    await journal.append(key, { event: "settled", submission: entry.submission, at: now() });
  }

  private once(intention: Intention, run: (key: JournalKey) => Promise<Outcome>): Promise<Outcome> {
    const key = this.keyOf(intention);
    const name = JSON.stringify(key);
    const running = this.inFlight.get(name);
    if (running) return running;
    const outcome = run(key).finally(() => this.inFlight.delete(name));
    this.inFlight.set(name, outcome);
    return outcome;
  }

  private keyOf(intention: Intention): JournalKey {
    const { endpoint } = this.dependencies;
    return { endpoint, subAppId: intention.request.SubAppId, sessionId: intention.base.id };
  }
}
