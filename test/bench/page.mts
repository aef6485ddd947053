import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import type { Figure } from "./figures.mts";

const page = new URL("../../docs/performance.md", import.meta.url);

const numberText = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(2));

function verdict({ value, goal }: Figure): string {
  if (goal === undefined) return "";
  return value <= goal ? "reached" : "not reached";
}

function row(figure: Figure): string {
  const { name, value, unit, goal } = figure;
  const goalText = goal === undefined ? "" : `≤ ${numberText(goal)}`;
  return `| ${name} | ${`${numberText(value)} ${unit}`.trim()} | ${goalText} | ${verdict(figure)} |`;
}

export function tableOf(figures: readonly Figure[]): string {
  return ["| figure | value | goal | |", "|---|---|---|---|", ...figures.map(row)].join("\n");
}

/** Brings docs/performance.md up to date: all its figures are of one run. */
export function writePage(figures: readonly Figure[]): void {
  const [node] = process.versions.node.split(".");
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${node}, ${process.platform}`;
  const generated = `<!-- figures: written by npm run bench -- --write -->\n${tableOf(figures)}\n\nMeasured on ${machine}.\n<!-- end of figures -->`;
  const text = readFileSync(page, "utf8");
  writeFileSync(page, text.replace(/<!-- figures:[\s\S]*<!-- end of figures -->/, generated));
}
