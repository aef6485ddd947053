/**
 * Why a task ended without a picture, and what that means for sending again. `ErrCodeExt` values of DescribeTaskDetail;
 * whatever is not listed counts as lasting, because sending it again might be billed again.
 */
export type Cause = "neverRan" | "passing" | "lasting";

interface CauseRow {
  readonly cause: Cause;
  /** Completes "Task … ended without a picture: …". */
  readonly meaning: string;
}

const moderation: CauseRow = {
  cause: "lasting",
  meaning: "content moderation refused the prompt, a reference image or the result",
};

const causes: Record<string, CauseRow> = {
  RequestLimitExceeded: { cause: "neverRan", meaning: "the model was over its concurrency, so the task never ran" },
  FailedOperation: { cause: "neverRan", meaning: "too many tasks were queued for the model, so the task never ran" },
  InternalError: { cause: "passing", meaning: "the service had an internal error" },
  ModelGenerateFailed: { cause: "passing", meaning: "the model failed to generate" },
  TaskTimeout: { cause: "passing", meaning: "the service gave the task up after its own time limit" },
  ResourceInsufficient: { cause: "passing", meaning: "the service lacked resources" },
  // The service spells it so; its error list and one client spell it the other way.
  "InvalidParameter.VoilationContent": moderation,
  "InvalidParameter.ViolationContent": moderation,
  ContentModerationFailed: moderation,
  InvalidParameter: { cause: "lasting", meaning: "the model refused a parameter" },
  InvalidParameterValue: { cause: "lasting", meaning: "the model refused a parameter's value" },
  "InvalidParameter.MediaFormat": { cause: "lasting", meaning: "a reference image has a format the model cannot read" },
  ResourceNotFound: { cause: "lasting", meaning: "a reference image was not found" },
  OperationCanceled: { cause: "lasting", meaning: "the task was cancelled" },
};

const unlisted: CauseRow = { cause: "lasting", meaning: "the service gave a cause that is not documented" };

/** The row for a task's `ErrCodeExt`. */
export function causeOf(errCodeExt: string | undefined): CauseRow {
  return (errCodeExt !== undefined && Object.hasOwn(causes, errCodeExt) && causes[errCodeExt]) || unlisted;
}

/** The row for a task that has ended without a picture, by what it tells of its end. */
export function endingOf({
  errCode,
  errCodeExt,
}: {
  errCode?: number | undefined;
  errCodeExt?: string | undefined;
}): CauseRow {
  if (errCode !== undefined || errCodeExt !== undefined) return causeOf(errCodeExt);
  return { cause: "lasting", meaning: "the service reported success but gave no file" };
}
