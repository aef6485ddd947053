/** One API request, from its first byte to its last: what is asked, whether it may be, and the answer. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { actions } from "./actions";
import type { Action } from "./actions/action";
import { ApiError } from "./apiError";
import { type ApiRequest, readRequest } from "./apiRequest";
import { breakRequest, sendAnswer } from "./brokenAnswers";
import { type ArmedFault, type FaultKindOf, kindsOf } from "./faultKinds";
import { readFields } from "./form";
import type { Parameters } from "./parameters";
import { readBody } from "./requestBody";
import { actionInHead, headOf, isForm, type RequestHead } from "./requestHead";
import type { Service } from "./service";

const version = "2018-07-17";

/** Answers, or breaks, the request. `outgoing` is done with, or left hanging by a fault, when it settles. */
export async function answerApi(incoming: IncomingMessage, outgoing: ServerResponse, service: Service): Promise<void> {
  const head = headOf(incoming);
  const named = actionInHead(head);
  // A form tells its action in the body.
  const form = named === undefined && isForm(head) ? await bodyOf(incoming) : undefined;
  if (form === "gone") return;
  const action = named ?? (form instanceof Buffer ? readFields(form.toString("utf8")).get("Action") : undefined) ?? "";
  service.count(action);
  const gateway = service.faults.take(kindsOf("gateway"), { action });
  if (gateway?.kind === "slow") await service.clock.wait(gateway.seconds);
  else if (gateway) return breakRequest(outgoing, gateway);

  const body = form ?? (await bodyOf(incoming));
  if (body === "gone") return;
  const { response, prompt } = respond(head, body, action, service);
  service.changed();
  const fault = service.faults.take(kindsOf("answer"), { action, prompt });
  const told = fault ? spoilt(response, fault) : response;
  if (fault?.kind === "acceptThenSlow") await service.clock.wait(fault.seconds);
  await sendAnswer(outgoing, JSON.stringify({ Response: { ...told, RequestId: randomUUID() } }), fault);
}

/** The client may go away in the middle of its request: nobody is there to be answered. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | "tooLarge" | "gone"> {
  try {
    return (await readBody(incoming)) ?? "tooLarge";
  } catch {
    return "gone";
  }
}

interface Result {
  readonly response: object;
  readonly prompt?: unknown;
}

function respond(head: RequestHead, body: Buffer | "tooLarge", action: string, service: Service): Result {
  let prompt: unknown;
  try {
    if (body === "tooLarge") throw new ApiError("RequestSizeLimitExceeded", "The request is larger than 10 MB.");
    const { clock, faults, options } = service;
    const request = readRequest(head, body);
    const isUnsigned = actions.get(action)?.unsigned && head.headers.authorization === "SKIP";
    if (!isUnsigned) request.authenticate(service.keysNow(), [clock.now(), clock.unmoved()]);
    const found = findAction(request);
    service.rateLimit.count(action, found.pace === "submit" ? options.submitsPerSecond : options.readsPerSecond);
    const given = request.parameters();
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

function findAction({ action: name, version: asked, names }: ApiRequest): Action {
  const action = actions.get(name);
  if (!name) throw new ApiError("MissingParameter", `The action is missing: ${names.action} names it.`);
  const needed = action?.version ?? version;
  if (asked !== needed) {
    throw new ApiError("NoSuchVersion", `The version does not exist: ${names.version} must be ${needed}.`);
  }
  if (!action) {
    throw new ApiError("InvalidAction", `The emulator has no such action. It has ${[...actions.keys()].join(", ")}.`);
  }
  return action;
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
