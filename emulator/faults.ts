/**
 * Scripted faults. Each is of one kind, and each kind acts at one stage of a request:
 *
 * - `gateway`: before the request is looked at. Nothing is accepted.
 * - `refusal`: a proper error answer. Nothing is accepted.
 * - `task`: an accepted CreateAigcImageTask leads to a task that ends, or is listed, otherwise.
 * - `view`: a proper answer to a read that tells something else than the store holds.
 * - `answer`: the request is done in full (a task is accepted, and will be billed), then its answer is broken.
 */
export type FaultStage = "gateway" | "refusal" | "task" | "view" | "answer";

interface KindRow {
  stage: FaultStage;
  meaning: string;
}

/** Every kind there is. Parameters in brackets, with their defaults. */
export const faultKinds = {
  refuseConnection: {
    stage: "gateway",
    meaning: "the connection is reset with nothing read, accepted or answered; the request counts in the ledger",
  },
  gatewayError: { stage: "gateway", meaning: "a gateway's HTML page [status 502]" },
  redirect: { stage: "gateway", meaning: "an HTTP redirect [status 307, location http://127.0.0.1:9/]" },
  slow: { stage: "gateway", meaning: "looked at after [seconds 1]" },
  throttle: { stage: "refusal", meaning: "RequestLimitExceeded [message]" },
  internalError: { stage: "refusal", meaning: "InternalError [message]" },
  errorCode: { stage: "refusal", meaning: "any error [code FailedOperation, message]" },
  taskFails: {
    stage: "task",
    meaning: "the task ends without a file [errCode 70000, errCodeExt InternalError, message, seconds: as any other]",
  },
  emptyFiles: { stage: "task", meaning: "the task ends as a success with no file" },
  partialFiles: { stage: "task", meaning: "the task ends as a success with fewer files [files: one fewer than asked]" },
  aborted: { stage: "task", meaning: "the task ends as ABORTED" },
  stuck: { stage: "task", meaning: "the task runs, and holds its slot of the quota, for [seconds: for ever]" },
  listingLag: { stage: "task", meaning: "the task appears in DescribeTasks after [seconds 5]" },
  searchLag: { stage: "task", meaning: "its files appear in SearchMedia [seconds 5] after the task's end" },
  unknownStatus: { stage: "view", meaning: "a task's Status is one no source names [status REVIEWING]" },
  progressBackwards: { stage: "view", meaning: "an ended task reads as PROCESSING at 10 %, a running one at 1 %" },
  duplicatePage: { stage: "view", meaning: "the ScrollToken given leads to the same page once more" },
  acceptThenReset: { stage: "answer", meaning: "the connection is reset before the first byte of the answer" },
  acceptThenStall: { stage: "answer", meaning: "headers and half of the body, then nothing more" },
  acceptThenCutBody: { stage: "answer", meaning: "headers and half of the body, then the connection closes" },
  acceptThenGatewayError: { stage: "answer", meaning: "a gateway's HTML page [status 504]" },
  acceptThenInternalError: { stage: "answer", meaning: "InternalError [message]" },
  acceptThenSlow: { stage: "answer", meaning: "the answer comes after [seconds 2]" },
  answerWithoutTaskId: { stage: "answer", meaning: "a proper answer without its TaskId" },
  oversized: { stage: "answer", meaning: "a proper answer with 11 MB of blanks before its end" },
  wrongContentType: { stage: "answer", meaning: "a proper answer as text/html" },
  bom: { stage: "answer", meaning: "a byte order mark before the answer" },
  splitChunks: { stage: "answer", meaning: "one byte a chunk, so that characters are split" },
} as const satisfies Record<string, KindRow>;

/** A kind of fault; `closedPort` is no fault of a request: see `Fault`. */
export type FaultKind = keyof typeof faultKinds | "closedPort";

export interface Fault {
  /**
   * What goes wrong. `closedPort` closes the listener at once for `seconds` of real time (default 1), or until faults
   * are cleared by the program: connections are truly refused. It has no `action`, `times` or `after`.
   */
  kind: FaultKind;
  /** The action it waits for, or `*`. @default "*", for `task` kinds always CreateAigcImageTask */
  action?: string;
  /** How many matching requests it spoils. @default 1 */
  times?: number | "always";
  /** How many matching requests it lets pass first. @default 0 */
  after?: number;
  /** Waits only for requests whose Prompt contains this text; no request at stage `gateway`, where it is not yet read. */
  prompt?: string;
  /** Seconds by the emulator's clock. */
  seconds?: number;
  /** An HTTP status, or a task's Status. */
  status?: number | string;
  location?: string;
  code?: string;
  message?: string;
  errCode?: number;
  errCodeExt?: string;
  files?: number;
}

const fieldTypes: Readonly<Record<keyof Fault, (value: unknown) => boolean>> = {
  kind: (value) => value === "closedPort" || (typeof value === "string" && Object.hasOwn(faultKinds, value)),
  action: isString,
  times: (value) => value === "always" || (isWhole(value) && value !== 0),
  after: isWhole,
  prompt: isString,
  seconds: (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
  status: (value) => isString(value) || (isWhole(value) && Number(value) >= 200 && Number(value) <= 599),
  location: isString,
  code: isString,
  message: isString,
  errCode: Number.isInteger,
  errCodeExt: isString,
  files: isWhole,
};

/** Faults in the order they were set. A request takes at most one of each stage: the first that is due. */
export class Faults {
  private armed: { fault: Fault; pass: number; left: number }[] = [];

  add(fault: Fault): void {
    this.armed.push({
      fault,
      pass: fault.after ?? 0,
      left: fault.times === "always" ? Number.POSITIVE_INFINITY : (fault.times ?? 1),
    });
  }

  clear(): void {
    this.armed = [];
  }

  /** The fault that spoils this request at this stage, used up by one. */
  take(stage: FaultStage, action: string, prompt: unknown): Fault | undefined {
    if (this.armed.length === 0) return undefined;
    let taken: Fault | undefined;
    for (const one of this.armed) {
      if (!matches(one.fault, stage, action, prompt)) continue;
      if (one.pass > 0) {
        one.pass -= 1;
      } else if (!taken) {
        one.left -= 1;
        taken = one.fault;
      }
    }
    this.armed = this.armed.filter((one) => one.left > 0);
    return taken;
  }
}

/** Checks what came over HTTP, or from a program without types. Throws a `RangeError` that says what is allowed. */
export function checkFault(value: unknown): Fault {
  if (typeof value !== "object" || value === null) throw new RangeError("a fault is an object with a kind");
  if (!("kind" in value) || !fieldTypes.kind(value.kind)) {
    throw new RangeError(`a fault's kind is one of ${[...Object.keys(faultKinds), "closedPort"].join(", ")}`);
  }
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(fieldTypes, name)) {
      throw new RangeError(`a fault has no field ${JSON.stringify(name)}: ${Object.keys(fieldTypes).join(", ")}`);
    }
    if (field !== undefined && !fieldTypes[name as keyof Fault](field)) {
      throw new RangeError(`a fault's ${name} cannot be ${JSON.stringify(field)}`);
    }
  }
  return value as Fault;
}

function matches(fault: Fault, stage: FaultStage, action: string, prompt: unknown): boolean {
  if (fault.kind === "closedPort" || faultKinds[fault.kind].stage !== stage) return false;
  if (fault.action !== undefined && fault.action !== "*" && fault.action !== action) return false;
  return fault.prompt === undefined || (typeof prompt === "string" && prompt.includes(fault.prompt));
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function isWhole(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
