import type { PictureFile } from "../service/pictureFile";

/** Attempts of one intention that the service ran; further ones are never sent. */
export const mostAttempts = 5;

/** Which submission of an intention is meant. */
export interface Submission {
  /** Counts all submissions; decides the SessionId. */
  readonly number: number;
  /** Counts those that the service ran. */
  readonly attempt: number;
}

export const firstSubmission: Submission = { number: 1, attempt: 1 };

/** What is known of a generation whatever its status. */
export interface Known {
  /** Names the intention; absent in what 0.1.0 stored. */
  readonly generationId?: string;
  /** As sent. Absent for what was taken over. */
  readonly sessionId?: string;
  /** Absent for what was taken over. */
  readonly submission?: Submission;
  readonly requestId?: string;
  readonly createTime?: string;
  readonly finishTime?: string;
  /** Taken over from elsewhere: never sent again by us. */
  readonly adopted?: true;
}

/** There is at least one file. */
export interface FinishedRecord extends Known {
  readonly kind: "finished";
  readonly taskId?: string;
  readonly files: readonly PictureFile[];
}

/** The service has the task, and it had not ended when last seen. */
export interface RunningRecord extends Known {
  readonly kind: "running";
  readonly taskId: string;
  /** The service's own word. */
  readonly status: string;
}

/** The task ended without a picture. */
export interface FailedRecord extends Known {
  readonly kind: "failed";
  readonly taskId: string;
  readonly errCode?: number;
  readonly errCodeExt?: string;
}

/** Whether a task ended as a success, and no file of it was seen. */
export function isWithoutFile({ errCode, errCodeExt }: FailedRecord): boolean {
  return errCode === undefined && errCodeExt === undefined;
}

/** A request was sent, and nothing tells whether it became a task. */
export interface UnknownRecord extends Known {
  readonly kind: "unknown";
  readonly sessionId: string;
  /** When it was first sent. Absent once the service has called a repeat a duplicate: then it is only looked for. */
  readonly sentAt?: string;
}

/** What was sent is older than the service answers for, and no file of it is to be seen. */
export interface AgedRecord extends Known {
  readonly kind: "aged";
  readonly taskId?: string;
}

/** What state keeps of a generation, and all that a later verb goes by. */
export type GenerationRecord = FinishedRecord | RunningRecord | FailedRecord | UnknownRecord | AgedRecord;

/** A generation, with what its resource's user should hear of it. */
export interface Outcome {
  readonly record: GenerationRecord;
  /** Why the resource is not ready; the generation goes into state all the same. */
  readonly problem?: readonly string[];
  /** The picture was found, not made by this verb. */
  readonly reused?: boolean;
  readonly warning?: string;
}

/** Statuses as they are stored: the service's own while a task is under way, `FINISH` only with a file, and ours. */
export const statuses = { finished: "FINISH", failed: "FAILED", unknown: "UNKNOWN", aged: "AGED" } as const;

export function statusOf(record: GenerationRecord): string {
  return record.kind === "running" ? record.status : statuses[record.kind];
}

export function taskIdOf(record: GenerationRecord): string | undefined {
  return "taskId" in record ? record.taskId : undefined;
}
