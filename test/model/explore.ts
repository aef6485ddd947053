import fc from "fast-check";
import type { Command, Sequence } from "./commands";
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
  /** The rule that is looked at, where it is one alone. */
  readonly rule?: Rule | undefined;
}

/** How long a broken sequence is made shorter (ms); not at all where it is expected to break. */
const shorteningMs = 60_000;

/** Plays what a generator gives, on two stages side by side. */
export function explore(
  sequences: fc.Arbitrary<Sequence>,
  { seed, runs, rule }: Extent,
  counts = new Counts(),
): Promise<Exploration> {
  const halves = [Math.ceil(runs / 2), Math.floor(runs / 2)].filter((half) => half > 0);
  return sideBySide(halves, counts, (player, half, index) => player.check(sequences, half, seed + index), rule);
}

/** Plays given sequences. */
export function exploreAll(sequences: readonly Sequence[], counts = new Counts()): Promise<Exploration> {
  const halves = [0, 1].map((half) => sequences.filter((_, index) => index % 2 === half));
  return sideBySide(halves, counts, (player, half) => player.playAll(half));
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

async function sideBySide<T>(
  halves: readonly T[],
  counts: Counts,
  run: (explorer: Explorer, half: T, index: number) => Promise<void>,
  rule?: Rule,
): Promise<Exploration> {
  const begun = performance.now();
  const found = await Promise.all(
    halves.map(async (half, index) => {
      const explorer = new Explorer(counts, rule);
      try {
        await run(explorer, half, index);
        return await explorer.shortest();
      } finally {
        await explorer.end();
      }
    }),
  );
  const broken = found.filter((one) => one !== undefined);
  for (const one of broken) tell(asTest(one));
  return { counts, broken, seconds: (performance.now() - begun) / 1000 };
}

/** Plays one sequence after the other until one breaks a rule, and makes that one shorter. */
class Explorer {
  private stage = new ThreadStage();
  private best: Broken | undefined;
  private until = Number.POSITIVE_INFINITY;

  constructor(
    private readonly counts: Counts,
    private readonly rule: Rule | undefined,
  ) {}

  async check(sequences: fc.Arbitrary<Sequence>, numRuns: number, seed: number): Promise<void> {
    const property = fc.asyncProperty(sequences, async (sequence) => {
      if (!(await this.holds(sequence))) throw new Error("broken");
    });
    await fc.check(property, { numRuns, seed });
  }

  async playAll(sequences: readonly Sequence[]): Promise<void> {
    for (const sequence of sequences) if (!(await this.holds(sequence))) return;
  }

  /** The broken sequence without the commands, crashes, faults and meetings that it does not need. */
  async shortest(): Promise<Broken | undefined> {
    for (let index = 0; this.best && index < this.best.sequence.commands.length; ) {
      const { setting, commands } = this.best.sequence;
      if (await this.holds({ setting, commands: commands.toSpliced(index, 1) })) index++;
    }
    for (const [index, command] of this.best?.sequence.commands.entries() ?? []) {
      const { setting, commands } = (this.best as Broken).sequence;
      await this.holds({ setting, commands: commands.with(index, withoutTrouble(command)) });
    }
    return this.best;
  }

  end(): Promise<void> {
    return this.stage.end();
  }

  /** Whether a sequence breaks nothing; once one has, whether it does not break the same. */
  private async holds(sequence: Sequence): Promise<boolean> {
    // What takes too long to make shorter stays as it is.
    if (performance.now() > this.until) return true;
    try {
      await play(this.stage, sequence, this.best === undefined ? this.counts : new Counts(), new Judge(this.rule));
      return true;
    } catch (error) {
      const message = error instanceof Violation ? error.message : `no rule: ${(error as Error).stack}`;
      if (!(error instanceof Violation) || error.rule === "endsInTime") await this.anew();
      if (this.best !== undefined && ruleIn(message) !== ruleIn(this.best.message)) return true;
      if (this.best === undefined) this.until = performance.now() + shorteningMs;
      this.best = { sequence, message };
      return false;
    }
  }

  private async anew(): Promise<void> {
    await this.stage.end();
    this.stage = new ThreadStage();
  }
}

function withoutTrouble(command: Command): Command {
  const { fault: _, crash: __, meeting: ___, ...plain } = command as Record<string, unknown>;
  return plain as unknown as Command;
}

function ruleIn(message: string): string {
  return /^\w+/.exec(message)?.[0] ?? "";
}
