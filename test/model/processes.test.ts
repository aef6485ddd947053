import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, test } from "vitest";
import { engines } from "../scenarios/world";
import type { Sequence } from "./commands";
import { Counts } from "./counts";
import { asTest } from "./explore";
import { play } from "./play";
import { ProcessStage } from "./processStage";
import { Violation } from "./rules";
import { processSequences } from "./sequences";
import { tell } from "./tell";

const seed = 20_260_102;
/** On the CLI and in the short form there are fewer: each takes many seconds. */
const long = process.env["AIGC_MODEL_LONG"] !== undefined;
const runs = { "the embedded engine": long ? 30 : 1, "the Pulumi CLI": long ? 5 : 1 };

describe.each(engines)("on %s, in processes that are killed", (engine) => {
  const counts = new Counts();
  afterAll(() => {
    if (long && counts.sequences > 0)
      tell(`${engine}, in processes that are killed, seed ${seed}\n${counts.summary()}`);
  });

  const sequences = fc.sample(processSequences, { seed, numRuns: runs[engine] });
  test.for(sequences.map((sequence, index) => ({ index, sequence })))(
    "no `up` bills twice or loses a picture: sequence $index",
    { timeout: 300_000 },
    async ({ sequence }) => {
      const folder = mkdtempSync(join(tmpdir(), "aigc-bill-"));
      const stage = await ProcessStage.open(engine, sequence.setting, join(folder, "bill.json"));
      try {
        await play(stage, sequence, counts);
      } catch (error) {
        throw error instanceof Violation ? new Error(pastable(sequence, error)) : error;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});

function pastable(sequence: Sequence, error: Violation): string {
  return `${error.message}\n${asTest({ sequence, message: error.message })}`;
}
