import type { Answer } from "./answer";
import { AnswerLostError, ApiError, type Billed, DuplicateSessionError, NotConnectedError } from "./errors";
import { afterUnknownSubmit, afterUntraceableSubmit, meaningOf, nextStepFor } from "./nextSteps";
import { isLastingReason, troubleOfCode } from "./retry";
import { scrub } from "./scrub";
import type { VodAction } from "./wire";

/** What an error may tell about the call it ended. */
export interface CallFacts {
  action: VodAction;
  taskId?: string | undefined;
  sessionId?: string | undefined;
}

export function factsOf(action: VodAction, request: object): CallFacts {
  const { TaskId, SessionId } = request as { TaskId?: string; SessionId?: string };
  return { action, taskId: TaskId || undefined, sessionId: SessionId || undefined };
}

/** The error for a request of which nothing was written. */
export function notConnected(facts: CallFacts, reason: string, host: string): NotConnectedError {
  return new NotConnectedError(
    `No connection to ${host} for ${facts.action} (${reason}). Nothing was sent or billed.`,
    {
      ...facts,
      reason,
      billed: "no",
      nextStep: afterNoConnection(reason),
    },
  );
}

/** What to do where no connection came about. */
export function afterNoConnection(reason: string): string {
  if (reason.startsWith("HTTP 407 ")) {
    return (
      "The proxy wants a user and password, or other ones: give them in HTTPS_PROXY, as in " +
      "http://user:password@proxy.example.com:8080, with their special characters as %XX."
    );
  }
  return isLastingReason(reason)
    ? "Check who answers for this host: its certificate is not trusted. NODE_EXTRA_CA_CERTS names a further authority."
    : "Check the network, HTTPS_PROXY, NO_PROXY and `tencent-aigc:endpoint`.";
}

/** The error for a request that was written, and not answered in a way that can be used. */
export function answerLost(facts: CallFacts, reason: string, requestId?: string | undefined): AnswerLostError {
  const submit = facts.action === "CreateAigcImageTask";
  const nextStep = !submit
    ? "This call only reads or repeats settings, so nothing was billed. Check the network."
    : facts.sessionId
      ? afterUnknownSubmit
      : afterUntraceableSubmit;
  return new AnswerLostError(`${facts.action} was sent, but no usable answer came back (${reason}).`, {
    ...facts,
    reason,
    requestId,
    billed: submit ? "unknown" : "no",
    nextStep,
  });
}

/** What a request was signed with. */
export interface Signed {
  /** Keys and session token. */
  secrets: readonly string[];
  authorization: string;
}

/** The error for an answer that refuses. The service's own words are cleared of all that was sent. */
export function refusal(
  facts: CallFacts,
  { code, message, requestId }: Answer<VodAction> & { kind: "refusal" },
  request: object,
  signed: Signed,
): ApiError {
  const { action, sessionId } = facts;
  const submit = action === "CreateAigcImageTask";
  // An error that passes may have come after the task was accepted.
  const billed: Billed = submit && troubleOfCode(code) === "passing" ? "unknown" : "no";
  const type = submit && code === "InvalidParameterValue.SessionId" ? DuplicateSessionError : ApiError;
  const words = scrub(message, request, signed.secrets, signed.authorization).replace(/\.\s*$/, "");
  const said = words === "" ? code : `${code}: ${words}`;
  const cost = submit && billed === "no" ? " This request billed nothing." : "";
  const meaning = meaningOf(code);
  const refused = `${meaning === undefined ? "The" : `${meaning}: the`} service refused ${action} (${said}).`;
  return new type(`${refused}${cost}`, {
    ...facts,
    code,
    requestId,
    billed,
    nextStep: nextStepFor(action, code, sessionId),
  });
}
