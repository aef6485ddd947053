import type { Look, Unanswered } from "../service/look";
import type { PictureFile } from "../service/pictureFile";
import type { NoSuchTask, TaskReport } from "../service/task";
import type { TencentAigcError } from "../vod/errors";
import type { Intention } from "./intention";
import type { GenerationRecord, Outcome, Submission } from "./record";

/** What a decision is given, and what it answers. */

/** A task of the intention, and how it is known. */
export interface KnownTask {
  readonly taskId: string;
  /** Under which generation id it was sent: the intention's own, or a former one. */
  readonly generationId: string;
  readonly submission: Submission;
  readonly sessionId?: string | undefined;
  readonly requestId?: string | undefined;
  /** When it was accepted, or first sent (service's time, ms). */
  readonly since?: number | undefined;
  readonly source: "sent" | "journal" | "state" | "listed" | "adopted";
  /** Was once in a stack's state, and was given up there. */
  readonly settled?: boolean;
  /** As the journal knows them. */
  readonly fileIds?: readonly string[] | undefined;
  /** When its files are deleted, as the journal knows it. */
  readonly expireTime?: string | undefined;
  /** Found under the user's own SessionId: the task's echo must show that it is ours, or at least not another's. */
  readonly proof?: "required" | "notDisproved";
}

/** A request that was begun, and of which no task is known. */
export interface OpenSend {
  readonly generationId: string;
  readonly submission: Submission;
  /** As sent; undefined where it can no longer be read. */
  readonly sessionId: string | undefined;
  /** When it was first sent (service's time, ms). */
  readonly firstSentAt: number;
  /** The service has said that it accepted this SessionId before. */
  readonly duplicate: boolean;
}

/** Files of the intention in the media library. */
export interface FoundFiles {
  readonly files: readonly PictureFile[];
  readonly generationId: string;
  readonly sessionId: string | undefined;
  /** Undefined where the name does not tell it. */
  readonly submission: Submission | undefined;
  readonly taskId: string | undefined;
  /** Whether the files are in the order in which the task gave them. */
  readonly ordered: boolean;
}

/** What there is of an intention already. */
export interface Findings {
  /** A task that state may not hold yet. */
  readonly task: KnownTask | undefined;
  readonly files: Look<FoundFiles>;
  /** A task that was in state, and was given up there. */
  readonly formerTask: KnownTask | undefined;
  readonly open: OpenSend | undefined;
  /** A submission that was refused: its number is free again. */
  readonly refused: OpenSend | undefined;
  /** Another look that could not be answered, such as that of the list of tasks. */
  readonly unanswered: Unanswered | undefined;
}

/** What a submission came to. */
export type Sent =
  | { readonly kind: "task"; readonly task: KnownTask }
  /** Refused, not accepted: too many are sent, or where nothing of ours is accepted any more, too many run at once. */
  | { readonly kind: "tooMany"; readonly atOnce: boolean; readonly error: TencentAigcError }
  | { readonly kind: "duplicateNotFound"; readonly open: OpenSend }
  | { readonly kind: "noAnswer"; readonly open: OpenSend; readonly cause: string }
  /** The user's own SessionId was used for another request: every send of ours under it was refused. */
  | { readonly kind: "anothers"; readonly task: KnownTask }
  /** The window ended before a repeat could be signed: nothing was sent. */
  | { readonly kind: "tooLate"; readonly open: OpenSend }
  /** No slot became free. */
  | { readonly kind: "noSlot"; readonly blockedBy: string; readonly otherwise?: Outcome };

/** A task could not be followed. */
interface NotFollowed {
  readonly kind: "notFollowed";
  readonly why: string;
}

/** What is known when the next step is decided. */
export type Evidence =
  | { readonly kind: "looks"; readonly looks: Findings }
  | { readonly kind: "sent"; readonly sent: Sent }
  | { readonly kind: "report"; readonly task: KnownTask; readonly report: TaskReport | NoSuchTask | NotFollowed }
  | {
      readonly kind: "files";
      readonly task: KnownTask;
      /** Absent where the service no longer knows the task. */
      readonly report: Extract<TaskReport, { kind: "finished" }> | undefined;
      readonly looks: readonly Look<unknown>[];
      /** How often they were asked for. */
      readonly times: number;
    }
  | {
      readonly kind: "noFile";
      readonly task: KnownTask;
      readonly report: TaskReport | NoSuchTask;
      readonly files: Look<FoundFiles>;
    };

/** What holds whatever is found. */
export interface Case {
  readonly intention: Intention;
  /**
   * - `create`, `retry` and `repeat` were announced by preview and may bill;
   * - `wait` goes on with a task in state, `look` only looks.
   */
  readonly purpose: "create" | "retry" | "repeat" | "wait" | "look";
  /** What state holds. */
  readonly stored: GenerationRecord | undefined;
  /** When the verb began (service's time, ms). */
  readonly begun: number;
  /** The service's time (ms). */
  readonly now: number;
  /** Until when to go on trying (ms of waiting left). */
  readonly remainingMs: number;
  readonly cancelled: boolean;
}

export type Step =
  | { readonly do: "look"; readonly otherwise: TencentAigcError | Outcome }
  | { readonly do: "lookForFiles"; readonly task: KnownTask; readonly report: TaskReport | NoSuchTask }
  | {
      readonly do: "askForFiles";
      readonly task: KnownTask;
      readonly report: Extract<TaskReport, { kind: "finished" }> | undefined;
      readonly times: number;
      readonly waitMs: number;
    }
  | {
      readonly do: "send";
      readonly submission: Submission;
      readonly generationId: string;
      /** A repeat of what was begun before. */
      readonly open?: OpenSend | undefined;
      /** Under today's `sessionId`, whatever state was sent under. */
      readonly anew?: boolean | undefined;
      /** The attempt before it. */
      readonly after?: KnownTask | undefined;
      /** Wait a little first: the service takes no more at present. */
      readonly backOff?: boolean;
      /** Stored if the service takes no more before the deadline. */
      readonly otherwise?: Outcome | undefined;
    }
  | { readonly do: "follow"; readonly task: KnownTask }
  | { readonly do: "store"; readonly outcome: Outcome }
  | { readonly do: "refuse"; readonly error: TencentAigcError };

/** A task that ended without a picture. */
export interface Failure {
  readonly task: KnownTask;
  readonly report: Extract<TaskReport, { kind: "failed" }>;
}
