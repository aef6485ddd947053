import type { PictureFile } from "./task";

/**
 * Where a generation stands. The service's own statuses while it is under way, `FINISH` only with a usable file, and
 * three of ours:
 * - `FAILED`: the task ended without a picture;
 * - `UNKNOWN`: a request was sent, and nothing tells whether it became a task;
 * - `AGED`: what was sent is older than the service answers for, and no file of it is to be seen.
 */
export type GenerationStatus = string;

export const finished = "FINISH";
export const failed = "FAILED";
export const unknown = "UNKNOWN";
export const aged = "AGED";

/** Attempts of one intention that the service ran; further ones are never sent. */
export const mostAttempts = 5;

/** What is known of a generation: stored in the outputs, and all that a later verb goes by. */
export interface Generated {
  readonly status: GenerationStatus;
  readonly taskId?: string;
  /** As used for the last submission. */
  readonly sessionId?: string;
  /** Attempts that the service ran, this one included. */
  readonly attempt?: number;
  /** Submissions sent, those that the service never ran included; stored where it differs from `attempt`. */
  readonly submission?: number;
  readonly requestId?: string;
  readonly createTime?: string;
  readonly finishTime?: string;
  readonly errCode?: number;
  readonly errCodeExt?: string;
  readonly files?: readonly PictureFile[];
  /** When a request whose outcome is unknown was first sent. */
  readonly sentAt?: string;
  /** Taken over from elsewhere: never sent again by us. */
  readonly adopted?: true;
}

/** A generation, with what its resource's user should hear of it. */
export interface Outcome {
  readonly generated: Generated;
  /** Why the resource is not ready; the generation goes into state all the same. */
  readonly problem?: readonly string[];
  /** The picture was found, not made. */
  readonly reused?: boolean;
  readonly warning?: string;
}
