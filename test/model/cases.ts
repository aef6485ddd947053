import type { Fault } from "../../emulator";

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
  readonly faults: readonly Fault[];
  /** A request of this action shows that the fault occurred. */
  readonly shownBy: string;
  /** The task is still under way when the service has been waited for long enough. */
  readonly stuck?: boolean;
  /** How much seldomer than others it comes: it takes real time. */
  readonly rare?: boolean;
}

const oneOf = (kind: Fault["kind"], more: Partial<Fault> = {}): FaultCase => ({
  faults: [{ kind, action: create, ...more }],
  shownBy: create,
});
const always = (kind: Fault["kind"], more: Partial<Fault> = {}) => oneOf(kind, { times: "always", ...more });
const asked = (action: string, kind: Fault["kind"], more: Partial<Fault> = {}): FaultCase => ({
  faults: [{ kind, action, ...more }],
  shownBy: action,
});

/** What the service, or what lies before it, does wrong to an `up`. */
export const upFaults = {
  refusedConnection: oneOf("refuseConnection"),
  refusedConnectionAlways: always("refuseConnection"),
  gatewayError: oneOf("gatewayError"),
  gatewayErrorAlways: always("gatewayError"),
  redirect: oneOf("redirect"),
  throttle: oneOf("throttle", { times: 3 }),
  throttleAlways: always("throttle"),
  internalError: oneOf("internalError"),
  internalErrorAlways: always("internalError"),
  refused: oneOf("errorCode", { code: "FailedOperation" }),
  acceptThenReset: oneOf("acceptThenReset"),
  acceptThenResetAlways: always("acceptThenReset"),
  acceptThenCutBody: oneOf("acceptThenCutBody"),
  acceptThenStall: { ...oneOf("acceptThenStall"), rare: true },
  acceptThenGatewayError: oneOf("acceptThenGatewayError"),
  acceptThenInternalError: oneOf("acceptThenInternalError"),
  answerWithoutTaskId: oneOf("answerWithoutTaskId"),
  oversized: { ...oneOf("oversized"), rare: true },
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
  failsPassing: oneOf("taskFails", { errCodeExt: "ModelGenerateFailed" }),
  failsPassingLater: {
    ...oneOf("taskFails", { errCodeExt: "ModelGenerateFailed", seconds: 900 }),
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
  failsLasting: oneOf("taskFails", { errCode: 40000, errCodeExt: "InvalidParameter.VoilationContent" }),
  neverRan: oneOf("taskFails", { errCodeExt: "RequestLimitExceeded" }),
  neverRanAlways: { ...always("taskFails", { errCodeExt: "RequestLimitExceeded" }), rare: true },
  emptyFiles: oneOf("emptyFiles"),
  aborted: oneOf("aborted"),
  stuck: { ...oneOf("stuck", { seconds: 900 }), stuck: true },
  stuckForDays: { ...oneOf("stuck", { seconds: 400_000 }), stuck: true },
  listingLag: oneOf("listingLag", { seconds: 7_200 }),
  searchLag: oneOf("searchLag", { seconds: 7_200 }),
  unknownStatus: asked(describeTask, "unknownStatus", { times: 3 }),
  progressBackwards: asked(describeTask, "progressBackwards", { times: 3 }),
  taskCannotBeAsked: asked(describeTask, "errorCode", { code: "UnauthorizedOperation", times: "always" }),
  taskGatewayError: asked(describeTask, "gatewayError", { times: "always" }),
  searchRefused: asked("SearchMedia", "errorCode", { code: "FailedOperation", times: "always" }),
  searchRefusedOnce: asked("SearchMedia", "errorCode", { code: "FailedOperation" }),
  taskNotFoundOnce: asked(describeTask, "errorCode", { code: "ResourceNotFound" }),
  listingRefused: asked("DescribeTasks", "errorCode", { code: "UnauthorizedOperation", times: "always" }),
  fewerFiles: oneOf("partialFiles"),
  outage: { faults: [{ kind: "gatewayError", times: "always" }], shownBy: "*" },
} satisfies Record<string, FaultCase>;

/** The same of a `refresh`. */
export const refreshFaults = {
  internalError: asked("*", "internalError"),
  throttle: asked("*", "throttle", { times: 3 }),
  refusedConnection: asked("*", "refuseConnection"),
  gatewayErrorAlways: asked("*", "gatewayError", { times: "always" }),
  refused: asked("*", "errorCode", { code: "UnauthorizedOperation", times: "always" }),
  cutBody: asked("*", "acceptThenCutBody"),
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
