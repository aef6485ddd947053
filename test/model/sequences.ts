import fc from "fast-check";
import type { Behaviours } from "../../emulator";
import {
  type Case,
  type CommandKind,
  type CrashPoint,
  crashesOf,
  type FaultCase,
  type RefreshFault,
  refreshFaults,
  seenCrashPoints,
  type UpFault,
  upFaults,
  upKinds,
} from "./cases";
import type { Command, Sequence, Setting } from "./commands";

const who = fc.constantFrom(0, 1);

const fault = fc.constantFrom(
  ...(Object.keys(upFaults) as UpFault[]).flatMap((name) =>
    (upFaults[name] as FaultCase).rare ? [name] : [name, name, name],
  ),
);

const goesWrong = (kind: CommandKind): fc.Arbitrary<{ fault?: UpFault; crash?: CrashPoint }> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 5, arbitrary: fault.map((name) => ({ fault: name })) },
    { weight: 3, arbitrary: fc.constantFrom(...crashesOf[kind]).map((crash) => ({ crash })) },
  );

const up: fc.Arbitrary<Command> = fc
  .constantFrom(...upKinds)
  .chain((kind) => fc.tuple(who, goesWrong(kind)).map(([index, wrong]) => ({ do: kind, who: index, ...wrong })));

const edit: fc.Arbitrary<Command> = fc.record({
  do: fc.constantFrom("editBilled" as const, "editKeepers" as const, "editKeepers" as const, "editStorage" as const),
  who,
});

/** What is edited in place, between a send and what looks for it. */
const freeEdit: fc.Arbitrary<Command> = fc.record({
  do: fc.constantFrom(
    "editMediaName" as const,
    "editSessionId" as const,
    "editClass" as const,
    "editOnFailure" as const,
  ),
  who,
});

const maybeCrash = (kind: CommandKind) =>
  fc.option(fc.constantFrom(...crashesOf[kind]), { nil: undefined, freq: 3 }).map((crash) => (crash ? { crash } : {}));

const preview: fc.Arbitrary<Command> = maybeCrash("preview").map((wrong) => ({ do: "preview", ...wrong }));
const destroy: fc.Arbitrary<Command> = maybeCrash("destroy").map((wrong) => ({ do: "destroy", ...wrong }));
const refresh: fc.Arbitrary<Command> = fc
  .oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...(Object.keys(refreshFaults) as RefreshFault[])).map((name) => ({ fault: name })),
    },
    { weight: 1, arbitrary: fc.constantFrom(...crashesOf.refresh).map((crash) => ({ crash })) },
  )
  .map((wrong) => ({ do: "refresh", ...wrong }));

const clock: fc.Arbitrary<Command> = fc.constantFrom(0.6, 3.1, 24.3, 71.6, 73, 100, 200).map((hours) => ({
  do: "clock",
  hours,
}));

const other: fc.Arbitrary<Command> = fc.oneof(
  fc.constant<Command>({ do: "newMachine" }),
  fc.constant<Command>({ do: "loseState" }),
  who.map<Command>((index) => ({ do: "deleteFiles", who: index })),
);

/** Days later, and perhaps on a runner that knows nothing: what crashed before is to be found all the same. */
const later: fc.Arbitrary<Command[]> = fc
  .tuple(clock, fc.constantFrom<Command[]>([], [{ do: "newMachine" }], [{ do: "newMachine" }, { do: "loseState" }]))
  .map(([passed, lost]) => [passed, ...lost]);

/** Commands that belong together: what is edited and then deployed bills, so that faults find something to spoil. */
const phrase: fc.Arbitrary<Command[]> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(edit, up).map((commands) => [...commands]) },
  { weight: 5, arbitrary: up.map((command) => [command]) },
  { weight: 1, arbitrary: fc.tuple(destroy, edit, up).map((commands) => [...commands]) },
  { weight: 1, arbitrary: destroy.map((command) => [command]) },
  { weight: 1, arbitrary: preview.map((command) => [command]) },
  { weight: 2, arbitrary: refresh.map((command) => [command]) },
  { weight: 3, arbitrary: later },
  { weight: 1, arbitrary: other.map((command) => [command]) },
);

/** Mostly a service as it is documented; else one that answers an open question otherwise. */
const behaviours: fc.Arbitrary<Partial<Behaviours>> = fc.oneof(
  { weight: 10, arbitrary: fc.constant({}) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Partial<Behaviours>>(
      { tasksInListing: false },
      { listingSessionIds: false },
      { filesInSearch: false },
      { searchLagSeconds: 7_200 },
      { windowDays: 7 },
      { afterWindowError: "InvalidParameterValue.TaskId" },
      { urlVaries: true },
      { refusedSubmitUsesSessionId: true },
    ),
  },
);

const overConcurrency = fc.constantFrom<Behaviours["overConcurrency"]>("queued", "queued", "refused", "failed");

const setting = fc.record<Setting>({
  resources: fc.constantFrom("one", "one", "two", "twins"),
  storage: fc.constantFrom("Permanent", "Permanent", "Temporary"),
  behaviours: fc.tuple(behaviours, overConcurrency).map(([open, quota]) => ({ ...open, overConcurrency: quota })),
  concurrency: fc.constantFrom(1, 100),
  slots: fc.constantFrom(1, 2),
});

/** Short sequences for real processes, which take seconds for what threads do in milliseconds. */
export const processSequences: fc.Arbitrary<Sequence> = fc
  .tuple(
    fc.constantFrom("one" as const, "two" as const),
    fc.constantFrom(...seenCrashPoints),
    fc.constantFrom(...upKinds),
    fc.array(
      fc.oneof(
        later,
        up.map<Command[]>((command) => [command]),
        fc.oneof(preview, refresh, destroy).map<Command[]>((command) => [command]),
        fc.tuple(freeEdit, up).map<Command[]>((commands) => [...commands]),
      ),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
  )
  .map(([resources, crash, kind, rest]) => ({
    // Temporary files are looked for by the machine's time, which real processes do not let us move.
    setting: { resources, storage: "Permanent", behaviours: {}, concurrency: 100, slots: 1 },
    commands: [
      { do: kind, who: 0, crash },
      ...rest.flat().map((command) => withoutInnerCrash(command)),
      { do: "up", who: 0 },
    ],
  }));

function withoutInnerCrash(command: Command): Command {
  if (!("crash" in command) || (seenCrashPoints as readonly unknown[]).includes(command.crash)) return command;
  const { crash: _, ...plain } = command;
  return plain as Command;
}

/** Sequences of so many commands; what is only edited is none. */
export function sequences(count: number): fc.Arbitrary<Sequence> {
  const commands = fc
    .array(phrase, { minLength: count, maxLength: count })
    .map((phrases) => firstOf(phrases.flat(), count));
  return fc.record({ setting, commands });
}

function firstOf(commands: readonly Command[], count: number): Command[] {
  let left = count;
  const last = commands.findIndex((command) => !command.do.startsWith("edit") && --left === 0);
  return commands.slice(0, last + 1);
}

/** Commands between those that are dealt. */
const between: fc.Arbitrary<Command[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Command[]>([]) },
  { weight: 2, arbitrary: up.map<Command[]>((command) => [command]) },
  { weight: 1, arbitrary: later },
  { weight: 1, arbitrary: fc.oneof(preview, refresh, destroy, other).map<Command[]>((command) => [command]) },
);

/**
 * Sequences of so many commands in which the given cases are dealt like cards: every one comes, in an order and between
 * others that the seed decides.
 */
export function dealt(deck: readonly Case[], count: number, seed: number): Sequence[] {
  const [cards = []] = fc.sample(fc.shuffledSubarray([...deck], { minLength: deck.length }), { seed, numRuns: 1 });
  const perSequence = Math.ceil(count * 0.6);
  const hands = Array.from({ length: Math.ceil(cards.length / perSequence) }, (_, hand) =>
    cards.slice(hand * perSequence, (hand + 1) * perSequence),
  );
  const rest = fc.record({
    setting,
    between: fc.array(between, { minLength: perSequence, maxLength: perSequence }),
    end: fc.array(phrase, { minLength: count, maxLength: count }),
  });
  const settings = fc.sample(rest, { seed, numRuns: hands.length });
  return hands.map((hand, index) => {
    const { setting: chosen, between: others, end } = settings[index] as (typeof settings)[number];
    const middle = hand.flatMap((card, place) => [...played(card, place), ...(others[place] ?? [])]);
    return { setting: chosen, commands: firstOf([...middle, ...end.flat()], count) };
  });
}

/** A case, after what makes it likely to occur. */
function played({ kind, ...wrong }: Case, who: number): Command[] {
  const command = { do: kind, who, ...wrong } as Command;
  if (kind === "preview" || kind === "refresh") return [command];
  const wanted: Command = { do: "editKeepers", who };
  return kind === "destroy" ? [wanted, { do: "up", who }, command] : [wanted, command];
}
