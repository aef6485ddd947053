// `npm run bench`: measures, each against its goal. `--json` prints one object, `--only NAME` takes one measure,
// `--runs N` repeats (5), `--write` brings docs/performance.md up to date.
import { parseArgs } from "node:util";
import { find, pulumi } from "../../scripts/cli/tools.mts";
import type { Figure, Measure } from "./figures.mts";
import { emulator } from "./measures/emulator.mts";
import { growth } from "./measures/growth.mts";
import { listing } from "./measures/listing.mts";
import { makespan } from "./measures/makespan.mts";
import { processes } from "./measures/processes.mts";
import { stacks } from "./measures/stacks.mts";
import { tableOf, writePage } from "./page.mts";

const measures: readonly Measure[] = [makespan, stacks, growth, processes, listing, emulator];

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    only: { type: "string" },
    runs: { type: "string" },
    write: { type: "boolean" },
  },
});
if (values.write && values.only !== undefined) throw new Error("The page has the figures of one whole run.");
if (!("folder" in find(pulumi))) throw new Error("There is no Pulumi CLI. Run `npm run cli`, which builds one.");

const repetitions = Number(values.runs ?? 5);
const figures: Figure[] = [];
for (const measure of measures) {
  if (values.only !== undefined && values.only !== measure.name) continue;
  const begun = performance.now();
  const measured = await measure.run(repetitions);
  figures.push(...measured);
  // The run is long, so that what is known is shown.
  console.error(`${measure.name}, ${Math.round((performance.now() - begun) / 1000)} s\n${tableOf(measured)}\n`);
}

if (values.json)
  console.log(JSON.stringify(Object.fromEntries(figures.map(({ name, ...rest }) => [name, rest])), undefined, 2));
else console.log(tableOf(figures));
if (values.write) writePage(figures);
