import type { RequestFault } from "../../emulator";

const create = "CreateAigcImageTask";
const describeTask = "DescribeTaskDetail";

/** Commands that bring about what the program asks for, by what is changed in it before. */
export const upKinds = ["up", "upBilled", "upFree", "upKeepers", "rename", "replace"] as const;
export type UpKind = (typeof upKinds)[number];
export const commandKinds = [...upKinds, "preview", "refresh", "destroy"] as const;
export type CommandKind = (typeof commandKinds)[number];

/** Where the provider is killed; the engine with it. */
export const crashPoints = [
  "planning",
  "operation",
  "intentUnwritten",
  "intentTorn",
  "intentWritten",
  "onItsWay",
  "accepted",
  "taskUnwritten",
  "taskTorn",
  "waiting",
  "returned",
  "settledUnwritten",
  "settledTorn",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Those that the service can see, so that a process can be killed there from outside. */
export const seenCrashPoints = ["onItsWay", "accepted", "waiting"] as const satisfies readonly CrashPoint[];

export const crashesOf: Readonly<Record<CommandKind, readonly CrashPoint[]>> = {
  ...(Object.fromEntries(
    upKinds.map((kind) => [kind, crashPoints.filter((point) => !point.startsWith("settled"))]),
  ) as unknown as Record<UpKind, readonly CrashPoint[]>),
  preview: ["planning"],
  refresh: ["operation", "returned"],
  destroy: ["operation", "settledUnwritten", "settledTorn", "returned"],
};

export interface FaultCase {
  readonly faults: readonly RequestFault[];
  /** A request of this action shows that the fault occurred. */
  readonly shownBy: string;
  /** The task is still under way when the service has been waited for long enough. */
  readonly stuck?: boolean;
  /** How much seldomer than others it comes: it takes real time. */
  readonly rare?: boolean;
}

const oneOf = (fault: RequestFault): FaultCase => ({ faults: [{ action: create, ...fault }], shownBy: create });
const always = (fault: RequestFault) => oneOf({ ...fault, times: "always" });
const asked = (fault: RequestFault): FaultCase => ({ faults: [fault], shownBy: fault.action ?? "*" });

/** What the service, or what lies before it, does wrong to an `up`. */
export const upFaults = {
  refusedConnection: oneOf({ kind: "refuseConnection" }),
  refusedConnectionAlways: always({ kind: "refuseConnection" }),
  gatewayError: oneOf({ kind: "gatewayError" }),
  gatewayErrorAlways: always({ kind: "gatewayError" }),
  redirect: oneOf({ kind: "redirect" }),
  throttle: oneOf({ kind: "throttle", times: 3 }),
  throttleAlways: always({ kind: "throttle" }),
  internalError: oneOf({ kind: "internalError" }),
  internalErrorAlways: always({ kind: "internalError" }),
  refused: oneOf({ kind: "errorCode", code: "FailedOperation" }),
  acceptThenReset: oneOf({ kind: "acceptThenReset" }),
  acceptThenResetAlways: always({ kind: "acceptThenReset" }),
  acceptThenCutBody: oneOf({ kind: "acceptThenCutBody" }),
  acceptThenStall: { ...oneOf({ kind: "acceptThenStall" }), rare: true },
  acceptThenGatewayError: oneOf({ kind: "acceptThenGatewayError" }),
  acceptThenInternalError: oneOf({ kind: "acceptThenInternalError" }),
  answerWithoutTaskId: oneOf({ kind: "answerWithoutTaskId" }),
  oversized: { ...oneOf({ kind: "oversized" }), rare: true },
  lostAndNotListed: {
    faults: [
      { kind: "acceptThenReset", action: create },
      { kind: "listingLag", seconds: 7_200 },
    ],
    shownBy: create,
  },
  lostAndListedLater: {
    faults: [
      { kind: "acceptThenReset", action: create },
      { kind: "listingLag", seconds: 0.02 },
    ],
    shownBy: create,
  },
  lostAndListingBroken: {
    faults: [
      { kind: "acceptThenReset", action: create },
      { kind: "internalError", action: "DescribeTasks", times: "always" },
    ],
    shownBy: create,
  },
  failsPassing: oneOf({ kind: "taskFails", errCodeExt: "ModelGenerateFailed" }),
  failsPassingLater: {
    ...oneOf({ kind: "taskFails", errCodeExt: "ModelGenerateFailed", seconds: 900 }),
    stuck: true,
  },
  lostAndFailsPassing: {
    faults: [
      { kind: "acceptThenReset", action: create },
      { kind: "internalError", action: "DescribeTasks", times: "always" },
      { kind: "taskFails", errCodeExt: "ModelGenerateFailed" },
    ],
    shownBy: create,
  },
  failsLasting: oneOf({ kind: "taskFails", errCode: 40000, errCodeExt: "InvalidParameter.VoilationContent" }),
  neverRan: oneOf({ kind: "taskFails", errCodeExt: "RequestLimitExceeded" }),
  neverRanAlways: { ...always({ kind: "taskFails", errCodeExt: "RequestLimitExceeded" }), rare: true },
  emptyFiles: oneOf({ kind: "emptyFiles" }),
  aborted: oneOf({ kind: "aborted" }),
  stuck: { ...oneOf({ kind: "stuck", seconds: 900 }), stuck: true },
  stuckForDays: { ...oneOf({ kind: "stuck", seconds: 400_000 }), stuck: true },
  listingLag: oneOf({ kind: "listingLag", seconds: 7_200 }),
  searchLag: oneOf({ kind: "searchLag", seconds: 7_200 }),
  unknownStatus: asked({ kind: "unknownStatus", action: describeTask, times: 3 }),
  progressBackwards: asked({ kind: "progressBackwards", action: describeTask, times: 3 }),
  taskCannotBeAsked: asked({ kind: "errorCode", action: describeTask, code: "UnauthorizedOperation", times: "always" }),
  taskGatewayError: asked({ kind: "gatewayError", action: describeTask, times: "always" }),
  searchRefused: asked({ kind: "errorCode", action: "SearchMedia", code: "FailedOperation", times: "always" }),
  searchRefusedOnce: asked({ kind: "errorCode", action: "SearchMedia", code: "FailedOperation" }),
  listingRefused: asked({ kind: "errorCode", action: "DescribeTasks", code: "UnauthorizedOperation", times: "always" }),
  listingStalls: { ...asked({ kind: "stall", action: "DescribeTasks" }), rare: true },
  throttleAndListingBroken: {
    faults: [
      { kind: "throttle", action: create },
      { kind: "internalError", action: "DescribeTasks", times: "always" },
    ],
    shownBy: create,
  },
  stuckWithoutTimes: {
    faults: [
      { kind: "stuck", action: create, seconds: 900 },
      { kind: "zeroTimes", action: describeTask, times: "always" },
    ],
    shownBy: describeTask,
    stuck: true,
  },
  /** Nothing is accepted, and nobody can tell. */
  outageOfSubmits: {
    faults: [
      { kind: "gatewayError", action: create, times: "always" },
      { kind: "gatewayError", action: "DescribeTasks", times: "always" },
    ],
    shownBy: create,
  },
  fewerFiles: oneOf({ kind: "partialFiles" }),
  filesLate: oneOf({ kind: "filesLate", seconds: 3_600 }),
  taskUnknownOnce: asked({ kind: "unknownTask", action: describeTask }),
  finishWithoutFilesOnce: asked({ kind: "finishWithoutFiles", action: describeTask }),
  fileWithoutUrlOnce: asked({ kind: "fileWithoutUrl", action: describeTask }),
  partOfFilesOnce: asked({ kind: "partOfFiles", action: describeTask }),
  partOfSearchOnce: asked({ kind: "partOfFiles", action: "SearchMedia" }),
  fileAbsentOnce: asked({ kind: "fileAbsent", action: "DescribeMediaInfos" }),
  zeroTimes: asked({ kind: "zeroTimes", action: describeTask, times: "always" }),
  acceptThenDbError: oneOf({ kind: "acceptThenErrorCode" }),
  tagsRefused: asked({ kind: "errorCode", action: "ModifyMediaInfo", code: "UnauthorizedOperation", times: "always" }),
  outage: { faults: [{ kind: "gatewayError", times: "always" }], shownBy: "*" },
} satisfies Record<string, FaultCase>;

/** The same of a `refresh`. */
export const refreshFaults = {
  internalError: asked({ kind: "internalError", action: "*" }),
  throttle: asked({ kind: "throttle", action: "*", times: 3 }),
  refusedConnection: asked({ kind: "refuseConnection", action: "*" }),
  gatewayErrorAlways: asked({ kind: "gatewayError", action: "*", times: "always" }),
  refused: asked({ kind: "errorCode", action: "*", code: "UnauthorizedOperation", times: "always" }),
  cutBody: asked({ kind: "acceptThenCutBody", action: "*" }),
  fileAbsentOnce: asked({ kind: "fileAbsent", action: "DescribeMediaInfos" }),
  taskUnknownOnce: asked({ kind: "unknownTask", action: describeTask }),
} satisfies Record<string, FaultCase>;

export type UpFault = keyof typeof upFaults;
export type RefreshFault = keyof typeof refreshFaults;

export function faultCase(kind: CommandKind, fault: string | undefined): FaultCase | undefined {
  if (fault === undefined) return undefined;
  const table: Readonly<Record<string, FaultCase>> = kind === "refresh" ? refreshFaults : upFaults;
  return table[fault];
}

/** A command, and what goes wrong with it. */
export interface Case {
  readonly kind: CommandKind;
  readonly crash?: CrashPoint;
  readonly fault?: string;
}

/** Every case that can occur. */
export const cases: readonly Case[] = [
  ...commandKinds.flatMap((kind) => crashesOf[kind].map((crash) => ({ kind, crash }))),
  ...upKinds.flatMap((kind) => Object.keys(upFaults).map((fault) => ({ kind, fault }))),
  ...Object.keys(refreshFaults).map((fault) => ({ kind: "refresh" as const, fault })),
];
