/**
 * Why a task ended without a picture, and what that means for sending again. Whatever is not listed counts as lasting,
 * because sending it again might be billed again.
 */
export type Cause = "neverRan" | "passing" | "lasting";

export interface Ending {
  readonly cause: Cause;
  /** Completes "Task … ended without a picture: …". */
  readonly meaning: string;
}

const moderation: Ending = {
  cause: "lasting",
  meaning: "content moderation refused the prompt, a reference image or the result",
};

/** By `ErrCodeExt` of DescribeTaskDetail. */
export const endings: Readonly<Record<string, Ending>> = {
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
  "FailedOperation.BusinessNotOpen": {
    cause: "lasting",
    meaning: "image generation is not activated for this account",
  },
};

const unlisted: Ending = { cause: "lasting", meaning: "the service gave a cause that is not documented" };

/** A finished task of which no file has been seen: it is looked for at each `up`, and nothing is sent. */
const withoutFile: Ending = { cause: "lasting", meaning: "the service reported success but shows no file" };

/** The service's code for "the task failed, read Message". */
const readMessage = 70000;

/** What a task tells of its end. */
export interface EndingFacts {
  readonly errCode?: number | undefined;
  readonly errCodeExt?: string | undefined;
}

/** The row for a task that has ended without a picture. */
export function endingOf({ errCode, errCodeExt }: EndingFacts): Ending {
  if (errCodeExt !== undefined) return listed(errCodeExt) ?? unlisted;
  return errCode === undefined ? withoutFile : unlisted;
}

/**
 * The `ErrCodeExt` of a task's answer. Where the service leaves it out, its Message wraps the same codes: only those of
 * tasks that never ran, and of moderation, are taken from there.
 */
export function errCodeExtOf(
  errCode: number | undefined,
  errCodeExt: string | null | undefined,
  message: string | null | undefined,
): string | undefined {
  if (errCodeExt) return errCodeExt;
  if (errCode !== readMessage || !message) return undefined;
  return wrapped.find((code) => new RegExp(`(?<![\\w.])${code.replaceAll(".", "\\.")}(?![\\w.]*\\w)`).test(message));
}

const wrapped = ["RequestLimitExceeded", "InvalidParameter.VoilationContent", "InvalidParameter.ViolationContent"];

function listed(errCodeExt: string): Ending | undefined {
  return Object.hasOwn(endings, errCodeExt) ? endings[errCodeExt] : undefined;
}
