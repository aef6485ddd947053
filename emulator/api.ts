/** One API request, from its first byte to its last: what is asked, whether it may be, and the answer. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { actions } from "./actions";
import type { Action } from "./actions/action";
import { ApiError } from "./apiError";
import { authenticate } from "./authentication";
import { breaks } from "./brokenAnswers";
import type { Fault } from "./faults";
import type { Parameters } from "./parameters";
import { readBody } from "./requestBody";
import type { Service } from "./service";

const version = "2018-07-17";

/** Answers, or breaks, the request. `outgoing` is done with, or left hanging by a fault, when it settles. */
export async function answerApi(incoming: IncomingMessage, outgoing: ServerResponse, service: Service): Promise<void> {
  const action = String(incoming.headers["x-tc-action"] ?? "");
  service.count(action || "(none)");
  const gateway = service.faults.take("gateway", action, undefined);
  if (gateway?.kind === "slow") await service.clock.wait(gateway.seconds ?? 1);
  else if (gateway) return breaks[gateway.kind]?.(outgoing, "", gateway);

  const body = await readBody(incoming);
  const result = respond(incoming, body, action, service);
  service.changed();
  const fault = service.faults.take("answer", action, result.prompt);
  const broken = fault && spoilt(result.response, fault);
  const text = JSON.stringify({ Response: { ...(broken ?? result.response), RequestId: randomUUID() } });
  if (fault?.kind === "acceptThenSlow") await service.clock.wait(fault.seconds ?? 2);
  const breakAnswer = fault && breaks[fault.kind];
  if (breakAnswer) return breakAnswer(outgoing, text, fault);
  outgoing.writeHead(200, { "content-type": "application/json" }).end(text);
}

interface Result {
  response: object;
  prompt?: unknown;
}

function respond(incoming: IncomingMessage, body: Buffer | undefined, action: string, service: Service): Result {
  let prompt: unknown;
  try {
    if (!body) throw new ApiError("RequestSizeLimitExceeded", "The request is larger than 10 MB.");
    const query = incoming.url?.split("?")[1] ?? "";
    authenticate({ method: incoming.method ?? "", query, headers: incoming.headers, body }, service.options.account);
    const found = findAction(action, incoming);
    const { submitsPerSecond, readsPerSecond } = service.options;
    service.rateLimit.count(action, found.pace === "submit" ? submitsPerSecond : readsPerSecond);
    const given = readParameters(incoming, body);
    prompt = given["Prompt"];
    refuseByFault(action, prompt, service);
    const parameters = knownParameters(given, found, service);
    service.store.settle();
    const fault = service.faults.take(found.pace === "submit" ? "task" : "view", action, prompt);
    return { response: found.answer(parameters, service, fault), prompt };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { response: { Error: { Code: error.code, Message: error.message } }, prompt };
  }
}

function findAction(name: string, incoming: IncomingMessage): Action {
  const action = actions.get(name);
  if (!name) throw new ApiError("MissingParameter", "The header X-TC-Action is missing.");
  if (incoming.headers["x-tc-version"] !== version) {
    throw new ApiError("NoSuchVersion", `The version does not exist: X-TC-Version must be ${version}.`);
  }
  if (!action) {
    throw new ApiError("InvalidAction", `The emulator has no such action. It has ${[...actions.keys()].join(", ")}.`);
  }
  return action;
}

function readParameters(incoming: IncomingMessage, body: Buffer): Parameters {
  if (!/^application\/json\s*(;|$)/i.test(incoming.headers["content-type"] ?? "")) {
    throw new ApiError("InvalidRequest", "The Content-Type must be application/json.");
  }
  let parameters: unknown;
  try {
    parameters = JSON.parse(body.toString("utf8"), withoutNulls);
  } catch {
    throw new ApiError("InvalidParameter", "The request body is not JSON.");
  }
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) {
    throw new ApiError("InvalidParameter", "The request body is not a JSON object.");
  }
  return parameters as Parameters;
}

/** A null means the same as nothing. */
function withoutNulls(this: unknown, _key: string, value: unknown): unknown {
  return value === null && !Array.isArray(this) ? undefined : value;
}

/** The parameters that the action has; others are dropped, or refused. */
function knownParameters(given: Parameters, action: Action, service: Service): Parameters {
  const unknown = Object.keys(given).filter((name) => !action.parameters.includes(name));
  if (unknown.length === 0) return given;
  if (service.behaviours.unknownParameters === "refused") {
    throw new ApiError("UnknownParameter", `The parameter ${unknown[0]} is not recognized.`);
  }
  return Object.fromEntries(Object.entries(given).filter(([name]) => action.parameters.includes(name)));
}

function refuseByFault(action: string, prompt: unknown, service: Service): void {
  const fault = service.faults.take("refusal", action, prompt);
  if (fault?.kind === "throttle") {
    throw new ApiError("RequestLimitExceeded", fault.message ?? "The number of requests exceeds the frequency limit.");
  }
  if (fault?.kind === "internalError") throw internalError(fault);
  if (fault) throw new ApiError(fault.code ?? "FailedOperation", fault.message ?? "The operation failed.");
}

/** What an `answer` fault that stays within proper JSON says in place of `response`. */
function spoilt(response: object, fault: Fault): object | undefined {
  if (fault.kind === "answerWithoutTaskId") return { ...response, TaskId: undefined };
  if (fault.kind !== "acceptThenInternalError") return undefined;
  const { code, message } = internalError(fault);
  return { Error: { Code: code, Message: message } };
}

function internalError(fault: Fault): ApiError {
  return new ApiError("InternalError", fault.message ?? "An internal error occurred.");
}
