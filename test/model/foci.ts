import fc from "fast-check";
import type { Behaviours } from "../../emulator";
import type { CrashPoint, UpFault } from "./cases";
import type { Command, HoldPoint, Meanwhile, Meeting, Sequence, Setting } from "./commands";
import type { Edit } from "./program";

/**
 * Generators that each keep to one class of what can go wrong, so that it is met in a few hundred sequences. What a focus
 * leaves out is not tested less: other foci, and the broad generator of `sequences.ts`, have it.
 */
export const focusNames = ["edits", "together", "time", "looks", "money"] as const;
export type FocusName = (typeof focusNames)[number];

type One = fc.Arbitrary<Command>;
type Several = fc.Arbitrary<readonly Command[]>;

const who = fc.constantFrom(0, 1);
const one = (command: One): Several => command.map((chosen) => [chosen]);
const inOrder = (...parts: readonly Several[]): Several => fc.tuple(...parts).map((commands) => commands.flat());
const always = (...commands: readonly Command[]): Several => fc.constant(commands);

const edit = (...kinds: readonly Edit[]): One => fc.record({ do: fc.constantFrom(...kinds), who });
const hours = (...values: readonly number[]): One =>
  fc.constantFrom(...values).map((passed): Command => ({ do: "clock", hours: passed }));

interface Wrong {
  readonly faults?: readonly UpFault[];
  readonly crashes?: readonly CrashPoint[];
  readonly meetings?: fc.Arbitrary<Meeting>;
  readonly guards?: readonly number[];
}

/** An `up` with which something may go wrong. */
const up = ({ faults = [], crashes = [], meetings, guards = [] }: Wrong, replaced = true): One =>
  fc
    .tuple(
      replaced
        ? fc.constantFrom("up" as const, "up" as const, "up" as const, "replace" as const)
        : fc.constant("up" as const),
      who,
      fc.oneof(
        { weight: 2, arbitrary: fc.constant({}) },
        ...(faults.length > 0
          ? [{ weight: 3, arbitrary: fc.constantFrom(...faults).map((fault) => ({ fault })) }]
          : []),
        ...(crashes.length > 0
          ? [{ weight: 2, arbitrary: fc.constantFrom(...crashes).map((crash) => ({ crash })) }]
          : []),
        ...(meetings
          ? [
              { weight: 4, arbitrary: meetings.map((meeting) => ({ meeting })) },
              ...(faults.length > 0
                ? [
                    {
                      weight: 2,
                      arbitrary: fc
                        .tuple(meetings, fc.constantFrom(...faults))
                        .map(([meeting, fault]) => ({ meeting, fault })),
                    },
                  ]
                : []),
            ]
          : []),
      ),
      guards.length > 0 ? fc.option(fc.constantFrom(...guards), { nil: undefined, freq: 3 }) : fc.constant(undefined),
    )
    .map(
      ([kind, index, wrong, guard]): Command => ({
        do: kind,
        who: index,
        ...wrong,
        ...(guard === undefined ? {} : { guard }),
      }),
    );

const meeting = (points: readonly HoldPoint[], meanwhile: fc.Arbitrary<Meanwhile>): fc.Arbitrary<Meeting> =>
  fc.record({ at: fc.constantFrom(...points), meanwhile });

const lost = [
  "lostAndNotListed",
  "lostAndListingBroken",
  "acceptThenResetAlways",
] as const satisfies readonly UpFault[];
const failing = ["failsPassing", "neverRan", "failsLasting"] as const satisfies readonly UpFault[];

const forgotten = fc.constantFrom<readonly Command[]>(
  [{ do: "newMachine", who: 0 }],
  [{ do: "loseState", who: 0 }],
  [
    { do: "newMachine", who: 0 },
    { do: "loseState", who: 0 },
  ],
);

const plainSetting = {
  behaviours: fc.constant<Partial<Behaviours>>({}),
  concurrency: fc.constant(100),
  slots: fc.constantFrom(1, 2),
  storage: fc.constantFrom<Setting["storage"]>("Permanent", "Permanent", "Temporary"),
};

const many = (phrase: Several, most = 6): Several =>
  fc.array(phrase, { minLength: 1, maxLength: most }).map((phrases) => phrases.flat());

/** Inputs are edited between a send and what looks for it. */
const edits: fc.Arbitrary<Sequence> = (() => {
  const sent = up({
    faults: [...lost, ...failing, "refused"],
    crashes: ["accepted", "onItsWay", "taskUnwritten", "returned"],
  });
  const free = edit("editSessionId", "editSessionId", "editMediaName", "editScope", "editKeeperPath", "editDigit");
  const meantToChange = edit("editBilled", "editKeepers", "editStorage", "editOddKeeper");
  const expiry = fc.constantFrom(24, 100, -1).map((value): Command => ({ do: "editExpiry", who: 0, hours: value }));
  const retried = always({ do: "up", who: 0, fault: "failsPassing" }, { do: "up", who: 0 });
  const phrase: Several = fc.oneof(
    { weight: 1, arbitrary: inOrder(one(edit("editSessionId", "editBilled")), retried) },
    { weight: 5, arbitrary: inOrder(one(free), one(sent)) },
    { weight: 2, arbitrary: inOrder(one(meantToChange), one(sent)) },
    { weight: 1, arbitrary: inOrder(one(edit("editOnFailure")), one(sent), always({ do: "up", who: 0 })) },
    { weight: 1, arbitrary: inOrder(one(expiry), one(sent)) },
    { weight: 2, arbitrary: one(sent) },
    { weight: 1, arbitrary: one(who.map((index): Command => ({ do: "rename", who: index }))) },
    {
      weight: 1,
      arbitrary: inOrder(
        always({ do: "editSessionId", who: 0 }, { do: "editSessionId", who: 1 }, { do: "editBilled", who: 1 }),
        one(sent),
      ),
    },
    { weight: 1, arbitrary: inOrder(one(hours(24.3, 200)), always({ do: "refresh" }), one(sent)) },
    { weight: 1, arbitrary: inOrder(one(edit("editOddKeeper")), always({ do: "up", who: 0 }, { do: "up", who: 0 })) },
    { weight: 2, arbitrary: inOrder(always({ do: "destroy" }), one(hours(73, 100, 24.3)), one(free), one(sent)) },
    {
      weight: 1,
      arbitrary: inOrder(
        always({ do: "editSessionId", who: 0 }, { do: "up", who: 0 }, { do: "crowd" }, { do: "destroy" }),
        one(hours(73, 100)),
        forgotten,
        always({ do: "up", who: 0 }),
      ),
    },
    { weight: 3, arbitrary: inOrder(one(hours(24.3, 73, 100)), one(sent)) },
    { weight: 1, arbitrary: inOrder(one(hours(24.3, 73, 100)), forgotten, one(sent)) },
  );
  return fc.record({
    setting: fc.record<Setting>({
      ...plainSetting,
      resources: fc.constantFrom("one", "one", "two", "twins"),
    }),
    commands: many(phrase),
  });
})();

/** Two stacks on one scope, each with its own state, journal and clock, that are updated side by side. */
const together: fc.Arbitrary<Sequence> = (() => {
  const meetings = meeting(["looked", "sending", "accepted", "waiting"], fc.constant<Meanwhile>({ otherStack: true }));
  const sent = up({ faults: [...failing, ...lost], crashes: ["accepted", "onItsWay"], meetings });
  const phrase: Several = fc.oneof(
    { weight: 5, arbitrary: one(sent) },
    { weight: 3, arbitrary: inOrder(one(edit("editBilled", "editKeepers")), one(sent)) },
    { weight: 3, arbitrary: inOrder(one(edit("editMediaName", "editClass", "editWait")), one(sent)) },
    { weight: 2, arbitrary: inOrder(one(hours(24.3, 73, 100)), one(sent)) },
    { weight: 1, arbitrary: one(fc.record({ do: fc.constant("refresh" as const), who })) },
    { weight: 1, arbitrary: one(fc.record({ do: fc.constantFrom("newMachine" as const, "loseState" as const), who })) },
    { weight: 1, arbitrary: one(fc.record({ do: fc.constant("destroy" as const), who })) },
    {
      weight: 1,
      arbitrary: one(fc.record({ do: fc.constant("machineClock" as const), who, hours: fc.constantFrom(-5, 5) })),
    },
  );
  return fc.record({
    setting: fc.record<Setting>({
      ...plainSetting,
      resources: fc.constantFrom("pair", "pair", "pair", "twins"),
      sharedMachine: fc.boolean(),
    }),
    commands: many(phrase),
  });
})();

/** Clocks that are wrong or are set, and time that passes while an operation is under way. */
const time: fc.Arbitrary<Sequence> = (() => {
  const meanwhile = fc.oneof(
    fc.constantFrom(2.6, 3.1, 71, 80).map((passed): Meanwhile => ({ hoursPass: passed })),
    fc.constantFrom(-8, -2, 8, 80).map((ahead): Meanwhile => ({ clockAt: ahead })),
  );
  const meetings = meeting(["looked", "sending", "accepted", "waiting"], meanwhile);
  const sent = up({
    faults: [...lost, "outageOfSubmits", "throttle", "refused", "failsPassing", "zeroTimes"],
    crashes: ["accepted", "onItsWay"],
    meetings,
  });
  const machineClock = fc
    .constantFrom(-8, -2, 8, 0)
    .map((ahead): Command => ({ do: "machineClock", who: 0, hours: ahead }));
  const phrase: Several = fc.oneof(
    { weight: 4, arbitrary: one(sent) },
    { weight: 2, arbitrary: inOrder(one(edit("editBilled", "editKeepers")), one(sent)) },
    { weight: 4, arbitrary: inOrder(one(hours(3.1, 66, 70, 70.95, 74, 96)), one(sent)) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 0, max: 5 }).map((which): Command[] =>
        which > 0
          ? [
              { do: "up", who: 0, fault: "stuckForDays" },
              { do: "up", who: 0 },
            ]
          : [
              { do: "up", who: 0, fault: "stuckWithoutTimes" },
              { do: "up", who: 0, fault: "zeroTimes" },
            ],
      ),
    },
    { weight: 3, arbitrary: inOrder(one(machineClock), one(sent)) },
    { weight: 1, arbitrary: forgotten },
  );
  return fc.record({
    setting: fc.record<Setting>({
      ...plainSetting,
      storage: fc.constantFrom("Permanent", "Temporary"),
      resources: fc.constantFrom("one", "one", "two"),
      behaviours: fc.constantFrom<Partial<Behaviours>>({}, { tasksInListing: false }, { duplicateRenewsWindow: true }),
    }),
    commands: many(phrase),
  });
})();

/** One picture takes hours, and what is repeated is queued behind it while the window ends. */
const queued: fc.Arbitrary<Sequence> = fc
  .record({
    storage: plainSetting.storage,
    repeated: fc.constantFrom(0, 1),
    fault: fc.constantFrom(...lost),
    passed: fc.constantFrom(66, 70, 70.95),
    hoursPass: fc.constantFrom(0.5, 1.2),
    at: fc.constantFrom<HoldPoint>("looked", "waiting", "waiting"),
  })
  .map(({ storage, repeated, fault, passed, hoursPass, at }) => ({
    setting: {
      resources: "two",
      storage,
      behaviours: { tasksInListing: false },
      concurrency: 100,
      slots: 1,
      // Hours that pass while something waits are more than any time limit where time runs faster.
      speed: 20,
    },
    commands: [
      { do: "up", who: 0 },
      { do: "editKeepers", who: repeated },
      { do: "up", who: repeated, fault },
      { do: "clock", hours: passed },
      { do: "editKeepers", who: 1 - repeated },
      { do: "up", who: 1 - repeated, fault: "stuck", meeting: { at, meanwhile: { hoursPass } } },
    ],
  }));

/** Looks that lie once or cannot be made, and tasks of several images. */
const looks: fc.Arbitrary<Sequence> = (() => {
  const lying: readonly UpFault[] = [
    "taskUnknownOnce",
    "finishWithoutFilesOnce",
    "fileWithoutUrlOnce",
    "partOfFilesOnce",
    "partOfSearchOnce",
    "fileAbsentOnce",
    "filesLate",
    "fewerFiles",
    "acceptThenDbError",
    "taskCannotBeAsked",
    "searchRefusedOnce",
    "listingRefused",
    "tagsRefused",
    "searchLag",
    "unknownStatus",
    "lostAndListingBroken",
  ];
  const sent = up({ faults: lying, crashes: ["accepted", "taskUnwritten", "returned"] });
  const phrase: Several = fc.oneof(
    { weight: 5, arbitrary: one(sent) },
    { weight: 2, arbitrary: inOrder(one(edit("editKeepers", "editImages")), one(sent)) },
    { weight: 3, arbitrary: inOrder(one(hours(1, 73, 100)), one(sent)) },
    { weight: 3, arbitrary: inOrder(one(hours(1, 73, 100)), forgotten, one(sent)) },
    { weight: 1, arbitrary: inOrder(always({ do: "deleteFiles", who: 0 }), one(sent)) },
    {
      weight: 1,
      arbitrary: always(
        { do: "up", who: 0, fault: "failsPassing" },
        { do: "up", who: 0, fault: "neverRan", crash: "returned" },
        { do: "up", who: 0 },
      ),
    },
    { weight: 1, arbitrary: inOrder(one(hours(24.3, 200)), always({ do: "refresh" })) },
  );
  return fc.record({
    setting: fc.record<Setting>({
      ...plainSetting,
      resources: fc.constantFrom("one", "one", "two", "twins"),
      images: fc.constantFrom(1, 2, 3),
      behaviours: fc.constantFrom<Partial<Behaviours>>(
        {},
        {},
        { listingSessionIds: false },
        { listingSessionIds: false },
        { tasksInListing: false },
        { filesInSearch: false },
        { urlVaries: true },
        { partialOutput: "fewer" },
        { partialOutput: "withError" },
        { mediaNameEnding: "-0" },
        { mediaNameEnding: "_1.png" },
        { addTags: "refused" },
        { tagLagSeconds: 3_600 },
        { duplicateRenewsWindow: true },
      ),
    }),
    commands: many(phrase),
  });
})();

/** What may be billed: guards, repeats, adoption, pictures that are not waited for, and ^C. */
const money: fc.Arbitrary<Sequence> = (() => {
  const meetings = meeting(["accepted", "waiting"], fc.constant<Meanwhile>({ cancel: true }));
  const faults: readonly UpFault[] = ["outageOfSubmits", "outageOfSubmits", ...lost, ...failing];
  const wrong = { faults, crashes: ["accepted" as const], guards: [0, 1, 2] };
  const sent = up({ ...wrong, meetings });
  const phrase: Several = fc.oneof(
    { weight: 4, arbitrary: one(sent) },
    { weight: 3, arbitrary: inOrder(one(edit("editBilled", "editKeepers", "editImages")), one(sent)) },
    { weight: 2, arbitrary: inOrder(one(edit("editWait")), one(sent)) },
    {
      weight: 2,
      arbitrary: inOrder(
        one(
          fc.record({ do: fc.constantFrom("adoptTask" as const, "adoptFiles" as const, "adoptNothing" as const), who }),
        ),
        one(sent),
      ),
    },
    { weight: 2, arbitrary: inOrder(one(hours(3.1, 73)), one(sent)) },
    { weight: 1, arbitrary: always({ do: "destroy" }) },
    { weight: 1, arbitrary: forgotten },
  );
  return fc.record({
    setting: fc.record<Setting>({ ...plainSetting, resources: fc.constantFrom("one", "two", "four", "twins") }),
    commands: many(phrase),
  });
})();

export const foci: Readonly<Record<FocusName, fc.Arbitrary<Sequence>>> = {
  edits,
  together,
  time: fc.oneof({ weight: 11, arbitrary: time }, { weight: 1, arbitrary: queued }),
  looks,
  money,
};
