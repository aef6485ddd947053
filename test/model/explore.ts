import fc from "fast-check";
import type { Sequence } from "./commands";
import { Counts } from "./counts";
import { play } from "./play";
import { Judge, type Rule, Violation } from "./rules";
import { tell } from "./tell";
import { ThreadStage } from "./threadStage";

/** A sequence that broke a rule, as short as it could be made. */
export interface Broken {
  readonly sequence: Sequence;
  readonly message: string;
}

export interface Exploration {
  readonly counts: Counts;
  readonly broken: readonly Broken[];
  readonly seconds: number;
}

export interface Extent {
  readonly seed: number;
  /** Sequences. */
  readonly runs: number;
  /** The broken sequence that is looked for, where it is not any. */
  readonly rule?: Rule;
}

/** How long sequences are played, those that make a broken one shorter included (ms). */
const longestMs = 4 * 3_600_000;
/** How long a broken sequence is made shorter (ms). */
const shorteningMs = 60_000;

/** Plays what a generator gives, on two stages side by side. */
export async function explore(
  sequences: fc.Arbitrary<Sequence>,
  { seed, runs, rule }: Extent,
  counts = new Counts(),
): Promise<Exploration> {
  const begun = performance.now();
  const halves = [Math.ceil(runs / 2), Math.floor(runs / 2)].filter((half) => half > 0);
  const found = await Promise.all(
    halves.map((half, index) => firstBroken(sequences, { runs: half, seed: seed + index, rule }, counts)),
  );
  return {
    counts,
    broken: found.filter((broken) => broken !== undefined),
    seconds: (performance.now() - begun) / 1000,
  };
}

/** Plays given sequences. */
export function exploreAll(sequences: readonly Sequence[], counts = new Counts()): Promise<Exploration> {
  const [head, ...rest] = sequences;
  if (head === undefined) return Promise.resolve({ counts, broken: [], seconds: 0 });
  let next = 0;
  const dealt = fc.constant(undefined).map(() => sequences[next++ % sequences.length] as Sequence);
  return explore(rest.length === 0 ? fc.constant(head) : dealt, { seed: 0, runs: sequences.length }, counts);
}

/** Plays one sequence on a stage of its own. For tests of what was once broken. */
export async function replay(sequence: Sequence, rule?: Rule): Promise<Counts> {
  const counts = new Counts();
  const stage = new ThreadStage();
  try {
    await play(stage, sequence, counts, new Judge(rule));
    return counts;
  } finally {
    await stage.end();
  }
}

/** A broken sequence as a test that can be pasted. */
export function asTest({ sequence: { setting, commands }, message }: Broken): string {
  const rows = commands.map((command) => `      ${JSON.stringify(command)},`);
  return [
    `  test(${JSON.stringify(message)}, async () => {`,
    "    await replay({",
    `      setting: ${JSON.stringify(setting)},`,
    "      commands: [",
    ...rows.map((row) => `  ${row}`),
    "      ],",
    "    });",
    "  });",
  ].join("\n");
}

async function firstBroken(
  sequences: fc.Arbitrary<Sequence>,
  { runs, seed, rule }: { runs: number; seed: number; rule: Rule | undefined },
  counts: Counts,
): Promise<Broken | undefined> {
  let stage = new ThreadStage();
  let best: Broken | undefined;
  let until = Number.POSITIVE_INFINITY;
  const property = fc.asyncProperty(sequences, async (sequence) => {
    // Once one is broken, the rest makes it shorter: what takes too long is passed over.
    if (performance.now() > until) return;
    try {
      await play(stage, sequence, best === undefined ? counts : new Counts(), new Judge(rule));
    } catch (error) {
      const message = error instanceof Violation ? error.message : `no rule: ${(error as Error).stack}`;
      if (best === undefined) until = performance.now() + shorteningMs;
      if (best === undefined || ruleIn(message) === ruleIn(best.message)) best = { sequence, message };
      else if (error instanceof Violation) return;
      if (!(error instanceof Violation) || error.rule === "endsInTime") {
        await stage.end();
        stage = new ThreadStage();
      }
      throw error;
    }
  });
  try {
    await fc.check(property, { numRuns: runs, seed, interruptAfterTimeLimit: longestMs });
  } finally {
    await stage.end();
  }
  if (best !== undefined) tell(asTest(best));
  return best;
}

function ruleIn(message: string): string {
  return /^\w+/.exec(message)?.[0] ?? "";
}
