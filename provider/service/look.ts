import { ConfigurationError, problemsText, TencentAigcError } from "../vod/errors";

/**
 * What asking the service found. "Could not ask" is never "not there": only a look that was answered in full says
 * `absent`.
 */
export type Look<T> = Found<T> | Absent | Unanswered;

export interface Found<T> {
  readonly kind: "found";
  readonly value: T;
}

export interface Absent {
  readonly kind: "absent";
}

export interface Unanswered {
  readonly kind: "unknown";
  /** Why, and what could not be read for it, in sentences. Holds no input text. */
  readonly why: string;
  /** Asking again soon will not help: keys or permissions are missing. */
  readonly lasting: boolean;
}

export const absent: Absent = { kind: "absent" };

export function found<T>(value: T): Found<T> {
  return { kind: "found", value };
}

/** Error families that no second try changes. */
const lastingCodes = ["AuthFailure", "UnauthorizedOperation", "InvalidParameterValue.SubAppId"];

/**
 * Runs a look, and makes its failure an answer of its own.
 * @param what begins "… could not be read"
 */
export async function asked<T>(what: string, ask: () => Promise<Look<T>>): Promise<Look<T>> {
  try {
    return await ask();
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    return unanswered(what, error);
  }
}

export function unanswered(what: string, error: TencentAigcError): Unanswered {
  const lasting =
    ConfigurationError.isInstance(error) ||
    lastingCodes.some((family) => error.code === family || error.code?.startsWith(`${family}.`));
  // Who tells of it says what was sent.
  const cause = ConfigurationError.isInstance(error) ? problemsText(error.problems) : error.message;
  // What happened comes first: a wrong key is not the fault of the library.
  return { kind: "unknown", why: `${cause} ${what} could not be read.`, lasting };
}
