import { decodeBody, encodingReason } from "./contentEncoding";
import { type Answered, maxAnswerBytes } from "./transport";
import type { VodAction, VodActions } from "./wire";

/** What an answer of the API says, whatever was asked. */
export type AnyAnswer =
  | { kind: "success"; response: Record<string, unknown> }
  | { kind: "refusal"; code: string; message: string; requestId: string | undefined }
  /** Nothing that the service is known to say. */
  | { kind: "unusable"; reason: string; requestId: string | undefined };

/** What an answer to an action says. */
export type Answer<A extends VodAction> =
  | { kind: "success"; response: VodActions[A]["response"] }
  | Exclude<AnyAnswer, { kind: "success" }>;

/** Reads an answer of VOD. A submit that tells no task has not been answered. */
export function readAnswer<A extends VodAction>(action: A, answered: Answered): Answer<A> {
  const answer = readAnyAnswer(answered);
  if (answer.kind !== "success") {
    return answer;
  }
  const { response } = answer;
  if (action === "CreateAigcImageTask" && !(typeof response["TaskId"] === "string" && response["TaskId"] !== "")) {
    return { kind: "unusable", reason: "no TaskId", requestId: identifier(response["RequestId"]) };
  }
  return { kind: "success", response: response as unknown as VodActions[A]["response"] };
}

/**
 * Reads an answer. The service gives errors as HTTP 200, so any other status comes from something in between, and says
 * nothing about what became of the request. The content type is not looked at.
 */
export function readAnyAnswer({ status, headers, body }: Answered): AnyAnswer {
  const unusable = (reason: string): AnyAnswer => ({ kind: "unusable", reason, requestId: undefined });
  if (status !== 200) {
    return unusable(`HTTP ${status}`);
  }
  const encoding = headers["content-encoding"];
  const decoded = decodeBody(body, encoding, maxAnswerBytes);
  if ("reason" in decoded) {
    return unusable(decoded.reason);
  }
  const response = parse(decoded.body)?.["Response"];
  if (!isObject(response)) {
    return unusable(encodingReason(encoding) ?? "no answer of the API");
  }
  const requestId = identifier(response["RequestId"]);
  const error = response["Error"];
  if (isObject(error)) {
    const code = typeof error["Code"] === "string" && /^[A-Za-z][\w.]{0,99}$/.test(error["Code"]) ? error["Code"] : "";
    const message = typeof error["Message"] === "string" ? error["Message"] : "";
    return code === ""
      ? { kind: "unusable", reason: "an error without a code", requestId }
      : { kind: "refusal", code, message, requestId };
  }
  return { kind: "success", response };
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    // Decoding all of it at once keeps characters whole that were split in transit; it also drops a byte order mark.
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function identifier(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w-]{1,64}$/.test(value) ? value : undefined;
}
