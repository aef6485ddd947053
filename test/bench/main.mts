// `npm run bench`: measures, each against its goal. `--json` prints one object, `--only NAME` takes one measure,
// `--runs N` repeats (5), `--write` brings docs/performance.md up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { find, pulumi } from "../../scripts/cli/tools.mts";
import type { Figure, Measure } from "./figures.mts";
import { emulator } from "./measures/emulator.mts";
import { growth } from "./measures/growth.mts";
import { listing } from "./measures/listing.mts";
import { makespan } from "./measures/makespan.mts";
import { processes } from "./measures/processes.mts";
import { stacks } from "./measures/stacks.mts";

const measures: readonly Measure[] = [emulator, processes, listing, makespan, stacks, growth];

const { values } = parseArgs({
  options: {
    json: { type: "boolean" },
    only: { type: "string" },
    runs: { type: "string" },
    write: { type: "boolean" },
  },
});

if (!("folder" in find(pulumi))) throw new Error("There is no Pulumi CLI. Run `npm run cli`, which builds one.");
const repetitions = Number(values.runs ?? 5);
const figures: Figure[] = [];
for (const measure of measures) {
  if (values.only !== undefined && values.only !== measure.name) continue;
  if (!values.json) console.error(`${measure.name} …`);
  figures.push(...(await measure.run(repetitions)));
}

const shown = ({ value }: Figure) => (Number.isInteger(value) ? String(value) : value.toFixed(2));
const verdict = ({ value, goal }: Figure) => (goal === undefined ? "" : value <= goal ? "reached" : "not reached");
const rowOf = (one: Figure) =>
  `| ${one.name} | ${shown(one)} ${one.unit} | ${one.goal === undefined ? "" : `≤ ${one.goal}`} | ${verdict(one)} |`;
const tableOf = (rows: Iterable<string>) => ["| figure | value | goal | |", "|---|---|---|---|", ...rows].join("\n");
const rows = new Map(figures.map((one) => [one.name, rowOf(one)]));

if (values.json)
  console.log(JSON.stringify(Object.fromEntries(figures.map(({ name, ...rest }) => [name, rest])), undefined, 2));
else console.log(tableOf(rows.values()));

if (values.write) {
  const page = new URL("../../docs/performance.md", import.meta.url);
  const text = readFileSync(page, "utf8");
  // What was not measured this time stays as it was.
  const known = [...text.matchAll(/^\| (.+?) \| .*[0-9].*\|$/gm)].map(([row, name = ""]) => [name, row] as const);
  const all = new Map([...known, ...rows]);
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node.split(".")[0]}, ${process.platform}`;
  const generated = `<!-- figures: written by npm run bench -- --write -->\n${tableOf(all.values())}\n\nMeasured on ${machine}.\n<!-- end of figures -->`;
  writeFileSync(page, text.replace(/<!-- figures:[\s\S]*<!-- end of figures -->/, generated));
}
