import type { Sequence } from "./commands";
import { Counts } from "./counts";
import { Violation } from "./law";
import { play } from "./run";
import type { Stage } from "./stage";
import { tell } from "./tell";
import { ThreadStage } from "./threadStage";

/** A sequence that broke the law, as short as it could be made. */
export interface Broken {
  readonly sequence: Sequence;
  readonly message: string;
}

export interface Exploration {
  readonly counts: Counts;
  readonly broken: readonly Broken[];
  readonly seconds: number;
}

/** How long a broken sequence may be played again and again, to make it shorter (ms). */
const shorteningMs = 60_000;
/** With so many broken sequences, further ones tell nothing new. */
const mostBroken = 5;

/** Plays every sequence, several side by side, each on a stage of its own. */
export async function explore(sequences: readonly Sequence[], counts = new Counts(), stages = 2): Promise<Exploration> {
  const begun = performance.now();
  const broken: Broken[] = [];
  const left = [...sequences];
  const worker = async () => {
    let stage = new ThreadStage();
    try {
      for (let next = left.shift(); next && broken.length < mostBroken; next = left.shift()) {
        const message = await violation(stage, next, counts);
        if (message === undefined) continue;
        await stage.end();
        stage = new ThreadStage();
        const shortest = await shortened(stage, { sequence: next, message });
        tell(asTest(shortest));
        broken.push(shortest);
      }
    } finally {
      await stage.end();
    }
  };
  await Promise.all(Array.from({ length: stages }, worker));
  return { counts, broken, seconds: (performance.now() - begun) / 1000 };
}

/** Plays one sequence on a stage of its own. For tests of what was once broken. */
export async function replay(sequence: Sequence): Promise<Counts> {
  const counts = new Counts();
  const stage = new ThreadStage();
  try {
    await play(stage, sequence, counts);
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

/** Why the law was broken, if it was. */
async function violation(stage: Stage, sequence: Sequence, counts: Counts): Promise<string | undefined> {
  try {
    await play(stage, sequence, counts);
    return undefined;
  } catch (error) {
    const text = error instanceof Violation ? error.message : `not of the law: ${(error as Error).stack}`;
    const { commandNumber } = error as { commandNumber?: number };
    return commandNumber === undefined ? text : `${text} (at command ${commandNumber})`;
  }
}

/** Leaves out whatever can be left out. */
async function shortened(stage: Stage, { sequence, message }: Broken): Promise<Broken> {
  const until = performance.now() + shorteningMs;
  let best: Broken = { sequence, message };
  const better = async (candidate: Sequence): Promise<boolean> => {
    if (performance.now() > until) return false;
    const why = await violation(stage, candidate, new Counts());
    if (why !== undefined) best = { sequence: candidate, message: why };
    return why !== undefined;
  };
  const at = /\(at command (\d+)\)$/.exec(message);
  if (at) await better({ ...sequence, commands: sequence.commands.slice(0, Number(at[1]) + 1) });
  for (
    let size = Math.ceil(best.sequence.commands.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.sequence.commands.length; ) {
      const { setting, commands } = best.sequence;
      if (!(await better({ setting, commands: commands.toSpliced(from, size) }))) from += size;
    }
  }
  for (const [index, command] of best.sequence.commands.entries()) {
    const { setting, commands } = best.sequence;
    if ("fault" in command || "crash" in command) {
      const { fault: _, crash: __, ...plain } = command as { fault?: string; crash?: string };
      await better({ setting, commands: commands.with(index, plain as (typeof commands)[number]) });
    }
  }
  const { setting, commands } = best.sequence;
  await better({ setting: { ...setting, behaviours: {} }, commands });
  await better({ setting: { ...best.sequence.setting, resources: "one" }, commands });
  return best;
}
