/**
 * The one table of faults: what each kind does, when, and with which parameters. The types, the check and the list that
 * `GET /_emulator/behaviour` gives are made of it.
 */
import type { ActionName } from "./actionNames";
import { httpStatus, location, type Parameter, seconds, text, wholeNumber } from "./faultParameters";

/**
 * When a fault acts:
 *
 * - `listener`: at once, on every connection.
 * - `gateway`: before a request is looked at. Nothing is accepted.
 * - `refusal`: a proper error answer. Nothing is accepted.
 * - `task`: an accepted CreateAigcImageTask leads to a task that ends, or is shown, otherwise.
 * - `view`: a proper answer to a read that tells something else than the service knows.
 * - `answer`: the request is done in full (a task is accepted, and will be billed), then its answer is broken.
 */
export type FaultStage = "listener" | "gateway" | "refusal" | "task" | "view" | "answer";

interface KindRow {
  readonly stage: FaultStage;
  readonly meaning: string;
  /** Those whose requests it can spoil; any where none are named. */
  readonly actions?: readonly ActionName[];
  readonly parameters: Readonly<Record<string, Parameter<unknown>>>;
}

/** A timer cannot hold much more than 24 days. */
const longestClosedSeconds = 86_400;

const internalErrorMessage = text("An internal error occurred.");
const create = ["CreateAigcImageTask"] as const;
const taskDetail = ["DescribeTaskDetail"] as const;
const taskReads = ["DescribeTaskDetail", "DescribeTasks"] as const;

export const faultKinds = {
  closedPort: {
    stage: "listener",
    meaning: "connections are refused for so long by the machine's clock, or until faults are cleared by the program",
    parameters: { seconds: seconds(1, longestClosedSeconds) },
  },
  refuseConnection: {
    stage: "gateway",
    meaning: "the connection is reset with nothing read, accepted or answered; the request counts in the ledger",
    parameters: {},
  },
  gatewayError: { stage: "gateway", meaning: "a gateway's HTML page", parameters: { status: httpStatus(502) } },
  redirect: {
    stage: "gateway",
    meaning: "an HTTP redirect",
    parameters: { status: httpStatus(307), location: location("http://127.0.0.1:9/") },
  },
  stall: { stage: "gateway", meaning: "no answer ever comes, and the connection stays open", parameters: {} },
  slow: { stage: "gateway", meaning: "the request is looked at later", parameters: { seconds: seconds(1) } },
  throttle: {
    stage: "refusal",
    meaning: "RequestLimitExceeded",
    parameters: { message: text("The number of requests exceeds the frequency limit.") },
  },
  internalError: { stage: "refusal", meaning: "InternalError", parameters: { message: internalErrorMessage } },
  errorCode: {
    stage: "refusal",
    meaning: "any error",
    parameters: { code: text("FailedOperation"), message: text("The operation failed.") },
  },
  taskFails: {
    stage: "task",
    actions: create,
    meaning: "the task ends without a file; without `seconds` after as long as any other",
    parameters: {
      errCode: wholeNumber(70000, 0),
      errCodeExt: text("InternalError"),
      message: text(undefined),
      seconds: seconds(undefined),
    },
  },
  emptyFiles: { stage: "task", actions: create, meaning: "the task ends as a success with no file", parameters: {} },
  partialFiles: {
    stage: "task",
    actions: create,
    meaning: "the task ends as a success with fewer files; without `files` with one fewer than asked",
    parameters: { files: wholeNumber(undefined, 0) },
  },
  filesLate: {
    stage: "task",
    actions: create,
    meaning: "DescribeTaskDetail tells the task's success so long before its files; the library has them at once",
    parameters: { seconds: seconds(5) },
  },
  aborted: { stage: "task", actions: create, meaning: "the task ends as ABORTED", parameters: {} },
  stuck: {
    stage: "task",
    actions: create,
    meaning: "the task runs, and holds its slot of the quota, for so long; without `seconds` for ever",
    parameters: { seconds: seconds(undefined) },
  },
  listingLag: {
    stage: "task",
    actions: create,
    meaning: "the task appears in DescribeTasks so long after its submit",
    parameters: { seconds: seconds(5) },
  },
  searchLag: {
    stage: "task",
    actions: create,
    meaning: "its files appear in SearchMedia so long after the task's end",
    parameters: { seconds: seconds(5) },
  },
  unknownTask: {
    stage: "view",
    actions: taskDetail,
    meaning: "a task that exists is not known, as behaviour afterWindowError answers it",
    parameters: {},
  },
  unknownStatus: {
    stage: "view",
    actions: taskReads,
    meaning: "a task's Status is one that no source names",
    parameters: { status: text("REVIEWING") },
  },
  progressBackwards: {
    stage: "view",
    actions: taskReads,
    meaning: "an ended task reads as PROCESSING at 10 %, a running one at 1 %",
    parameters: {},
  },
  finishWithoutFiles: {
    stage: "view",
    actions: taskDetail,
    meaning: "a task that has files reads as a success with none",
    parameters: {},
  },
  fileWithoutUrl: {
    stage: "view",
    actions: taskDetail,
    meaning: "the files of a task have their FileId and an empty FileUrl",
    parameters: {},
  },
  partOfFiles: {
    stage: "view",
    actions: ["DescribeTaskDetail", "SearchMedia"],
    meaning: "of a task that has more files only the first so many are told",
    parameters: { files: wholeNumber(1, 1) },
  },
  fileAbsent: {
    stage: "view",
    actions: ["DescribeMediaInfos"],
    meaning: "files that exist are told in NotExistFileIdSet",
    parameters: {},
  },
  zeroTimes: {
    stage: "view",
    actions: taskReads,
    meaning: "a task's times read as 0000-00-00T00:00:00Z",
    parameters: {},
  },
  duplicatePage: {
    stage: "view",
    actions: ["DescribeTasks"],
    meaning: "the ScrollToken given leads to the same page once more",
    parameters: {},
  },
  acceptThenReset: {
    stage: "answer",
    meaning: "the connection is reset before the first byte of the answer",
    parameters: {},
  },
  acceptThenStall: { stage: "answer", meaning: "headers and half of the body, then nothing more", parameters: {} },
  acceptThenCutBody: {
    stage: "answer",
    meaning: "headers and half of the body, then the connection closes",
    parameters: {},
  },
  acceptThenGatewayError: {
    stage: "answer",
    meaning: "a gateway's HTML page",
    parameters: { status: httpStatus(504) },
  },
  acceptThenInternalError: {
    stage: "answer",
    meaning: "InternalError",
    parameters: { message: internalErrorMessage },
  },
  acceptThenErrorCode: {
    stage: "answer",
    meaning: "any error",
    parameters: { code: text("FailedOperation.DBError"), message: text("The operation failed.") },
  },
  acceptThenSlow: { stage: "answer", meaning: "the answer comes later", parameters: { seconds: seconds(2) } },
  answerWithoutTaskId: { stage: "answer", meaning: "a proper answer without its TaskId", parameters: {} },
  oversized: { stage: "answer", meaning: "a proper answer with 11 MB of blanks before its end", parameters: {} },
  wrongContentType: { stage: "answer", meaning: "a proper answer as text/html", parameters: {} },
  bom: { stage: "answer", meaning: "a byte order mark before the answer", parameters: {} },
  splitChunks: { stage: "answer", meaning: "one byte a chunk, so that characters are split", parameters: {} },
} as const satisfies Record<string, KindRow>;

type Kinds = typeof faultKinds;

export type FaultKind = keyof Kinds;

/** The kinds of a stage. */
export type FaultKindOf<S extends FaultStage> = {
  [K in FaultKind]: Kinds[K]["stage"] extends S ? K : never;
}[FaultKind];

/** Which requests a fault spoils. */
interface Which {
  /** The action it waits for, or `*` for any that the kind can spoil. @default "*" */
  readonly action?: ActionName | "*";
  /** How many matching requests it spoils. @default 1 */
  readonly times?: number | "always";
  /** How many matching requests it lets pass first. @default 0 */
  readonly after?: number;
}

interface WhichRead extends Which {
  /** Waits only for requests whose Prompt contains this text. */
  readonly prompt?: string;
}

/** A request's text is not yet read at the gateway, and a closed port sees no request. */
type WhichOf<S extends FaultStage> = S extends "listener" ? unknown : S extends "gateway" ? Which : WhichRead;

type Values<K extends FaultKind> = {
  readonly [P in keyof Kinds[K]["parameters"]]: Kinds[K]["parameters"][P] extends Parameter<infer T> ? T : never;
};

type Optional<T> = { readonly [P in keyof T]?: Exclude<T[P], undefined> };

/** A fault of one kind, as it is set. */
export type FaultOf<K extends FaultKind> = K extends FaultKind
  ? { readonly kind: K } & Optional<Values<K>> & WhichOf<Kinds[K]["stage"]>
  : never;

/** A fault as it is set. */
export type Fault = FaultOf<FaultKind>;

/** A fault of requests: all but a closed port. */
export type RequestFault = FaultOf<Exclude<FaultKind, FaultKindOf<"listener">>>;

/** A fault as it acts: every parameter has its value. */
export type ArmedFault<K extends FaultKind> = K extends FaultKind ? { readonly kind: K } & Values<K> : never;

/** The kinds that act at a stage. */
export function kindsOf<S extends FaultStage>(stage: S): readonly FaultKindOf<S>[] {
  return (Object.keys(faultKinds) as FaultKind[]).filter(
    (kind): kind is FaultKindOf<S> => faultKinds[kind].stage === (stage as FaultStage),
  );
}
