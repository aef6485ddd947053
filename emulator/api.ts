/** One API request, from its first byte to its last: what is asked, whether it may be, and the answer. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { actions } from "./actions";
import type { Action } from "./actions/action";
import { ApiError } from "./apiError";
import { authenticate } from "./authentication";
import { breakRequest, sendAnswer } from "./brokenAnswers";
import { type ArmedFault, type FaultKindOf, kindsOf } from "./faultKinds";
import type { Parameters } from "./parameters";
import { readBody } from "./requestBody";
import type { Service } from "./service";

const version = "2018-07-17";

/** Answers, or breaks, the request. `outgoing` is done with, or left hanging by a fault, when it settles. */
export async function answerApi(incoming: IncomingMessage, outgoing: ServerResponse, service: Service): Promise<void> {
  const action = String(incoming.headers["x-tc-action"] ?? "");
  service.count(action);
  const gateway = service.faults.take(kindsOf("gateway"), { action });
  if (gateway?.kind === "slow") await service.clock.wait(gateway.seconds);
  else if (gateway) return breakRequest(outgoing, gateway);

  let body: Buffer | undefined;
  try {
    body = await readBody(incoming);
  } catch {
    // The client went away in the middle of its request: nobody is there to be answered.
    return;
  }
  const { response, prompt } = respond(incoming, body, action, service);
  service.changed();
  const fault = service.faults.take(kindsOf("answer"), { action, prompt });
  const told = fault ? spoilt(response, fault) : response;
  if (fault?.kind === "acceptThenSlow") await service.clock.wait(fault.seconds);
  await sendAnswer(outgoing, JSON.stringify({ Response: { ...told, RequestId: randomUUID() } }), fault);
}

interface Result {
  readonly response: object;
  readonly prompt?: unknown;
}

function respond(incoming: IncomingMessage, body: Buffer | undefined, action: string, service: Service): Result {
  let prompt: unknown;
  try {
    if (!body) throw new ApiError("RequestSizeLimitExceeded", "The request is larger than 10 MB.");
    const query = incoming.url?.split("?")[1] ?? "";
    const { clock, faults, options } = service;
    const request = { method: incoming.method ?? "", query, headers: incoming.headers, body };
    const isUnsigned = actions.get(action)?.unsigned && incoming.headers.authorization === "SKIP";
    if (!isUnsigned) authenticate(request, service.keysNow(), [clock.now(), clock.unmoved()]);
    const found = findAction(action, incoming);
    service.rateLimit.count(action, found.pace === "submit" ? options.submitsPerSecond : options.readsPerSecond);
    const given = readParameters(incoming, body);
    prompt = given["Prompt"];
    refuseByFault(action, prompt, service);
    const parameters = knownParameters(given, found, service);
    service.store.settle();
    return { response: found.answer(parameters, service, (kinds) => faults.take(kinds, { action, prompt })), prompt };
  } catch (error) {
    return { response: { Error: errorOf(error, service) }, prompt };
  }
}

/** What the service says of an error. One of the emulator's own is its maker's to see. */
function errorOf(error: unknown, service: Service): { Code: string; Message: string } {
  if (error instanceof ApiError) return { Code: error.code, Message: error.message };
  service.report(error);
  return { Code: "InternalError", Message: "The emulator has a fault of its own; its log has the error." };
}

function findAction(name: string, incoming: IncomingMessage): Action {
  const action = actions.get(name);
  if (!name) throw new ApiError("MissingParameter", "The header X-TC-Action is missing.");
  const needed = action?.version ?? version;
  if (incoming.headers["x-tc-version"] !== needed) {
    throw new ApiError("NoSuchVersion", `The version does not exist: X-TC-Version must be ${needed}.`);
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
  const fault = service.faults.take(kindsOf("refusal"), { action, prompt });
  if (fault) throw new ApiError(refusalCode(fault), fault.message);
}

function refusalCode(fault: ArmedFault<FaultKindOf<"refusal">>): string {
  switch (fault.kind) {
    case "throttle":
      return "RequestLimitExceeded";
    case "internalError":
      return "InternalError";
    case "errorCode":
      return fault.code;
  }
}

/** What a fault that stays within proper JSON says in place of `response`. */
function spoilt(response: object, fault: ArmedFault<FaultKindOf<"answer">>): object {
  switch (fault.kind) {
    case "answerWithoutTaskId":
      return { ...response, TaskId: undefined };
    case "acceptThenInternalError":
      return { Error: { Code: "InternalError", Message: fault.message } };
    case "acceptThenErrorCode":
      return { Error: { Code: fault.code, Message: fault.message } };
    default:
      return response;
  }
}
