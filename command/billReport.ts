import type { BillFile, BillReason, BillRefusal, BillResource } from "../provider/bill/billFile";
import { imageCount } from "../provider/bill/billText";
import { costIn, Total } from "../provider/money/cost";

/** By this line a workflow finds the comment that it wrote before. */
export const marker = "<!-- pulumi-tencent-aigc bill -->";

/** A table of more rows than this is folded, and no more refusals are told. */
const longTable = 10;

/** GitHub takes a comment of 65,536 characters at most: so many are for the resources, and so many for refusals. */
const mostOfTable = 45_000;
const mostOfRefusals = 10_000;

const reasons: Readonly<Record<BillReason, string>> = {
  create: "new",
  replace: "replaced",
  retry: "next attempt",
  repeat: "repeated",
};

/** A bill as a comment in GitHub's Markdown. */
export function markdownBill(bill: BillFile): string {
  const { resources } = bill;
  const parts = [marker, `### ${headline(bill)}`];
  if (bill.refused !== undefined) parts.push(refusalList(bill.refused));
  if (isRefused(bill) && bill.images > 0)
    parts.push(escaped(`As far as it was looked at, it would bill ${mostOf(bill)}:`));
  if (bill.result) parts.push(`Came to: ${resultOf(bill.result)}.`);
  if (resources.length > 0) {
    const rows = resources.map((line) => [
      escaped(line.name),
      escaped(modelOf(line)),
      String(line.images),
      costOf([line]),
      escaped(whyOf(line)),
    ]);
    const shown = fitting(rows, (cells) => cells.join(" | ").length + " |  |\n".length, mostOfTable);
    const more = andMore(rows.length - shown.length, "resource");
    const table = [tableOf(["resource", "model", "images", "amount", "why"], shown), ...more].join("\n\n");
    parts.push(
      tableOf(
        ["model", "images", "amount"],
        byModel(resources).map((row) => [escaped(row[0]), ...row.slice(1)]),
      ),
      escaped(reasonsOf(resources)),
      rows.length > longTable
        ? `<details><summary>${rows.length} resources</summary>\n\n${table}\n\n</details>`
        : table,
    );
  }
  return `${parts.join("\n\n")}\n`;
}

/** The same as text for a terminal. */
export function plainBill(bill: BillFile): string {
  const lines = [headline(bill)];
  if (bill.refused !== undefined) lines.push(...bill.refused.map((one) => `  ${printable(refusalOf(one))}`));
  if (isRefused(bill) && bill.images > 0) lines.push(`As far as it was looked at, it would bill ${mostOf(bill)}:`);
  if (bill.result) lines.push(`Came to: ${resultOf(bill.result)}.`);
  if (bill.resources.length > 0) {
    lines.push("", ...columns(byModel(bill.resources)), "", reasonsOf(bill.resources), "");
    lines.push(
      ...columns(
        bill.resources.map((line) => [
          printable(line.name),
          printable(modelOf(line)),
          imageCount(line.images),
          costOf([line]),
          printable(whyOf(line)),
        ]),
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}

function headline(bill: BillFile): string {
  if (isRefused(bill)) return "This update is refused, and bills nothing";
  return bill.images === 0 ? "This update bills no image" : `This update bills ${mostOf(bill)}`;
}

/** Of an update that was refused in part, its result says what it has billed. */
function isRefused({ refused, result }: BillFile): boolean {
  return refused !== undefined && result === undefined;
}

function mostOf({ images, resources }: BillFile): string {
  const money = costOf(resources);
  return `up to ${imageCount(images)}${money === "" ? "" : `, ${money}`}`;
}

function refusalList(refused: readonly BillRefusal[]): string {
  const items = refused.map((one) => `- ${escaped(refusalOf(one))}`);
  const shown = fitting(items.slice(0, longTable), ({ length }) => length + 1, mostOfRefusals);
  return [...shown, ...andMore(refused.length - shown.length, "refusal").map((text) => `- ${text}`)].join("\n");
}

function refusalOf({ name, property, reason }: BillRefusal): string {
  return `${name}: ${property === undefined ? "" : `${property} `}${reason}`;
}

/** As many of the first as have room. */
function fitting<T>(all: readonly T[], sizeOf: (one: T) => number, room: number): T[] {
  let left = room;
  return all.filter((one) => {
    left -= sizeOf(one);
    return left >= 0;
  });
}

function andMore(count: number, what: string): string[] {
  if (count === 0) return [];
  return [`and ${count} more ${what}${count === 1 ? "" : "s"}, which the bill's file has`];
}

function resultOf({ billed, reused, running, failed, unknown }: NonNullable<BillFile["result"]>): string {
  const parts = [
    [billed, "billed"],
    [reused, "reused"],
    [running, "still running"],
    [failed, "failed"],
  ] as const;
  const told = parts
    .filter(([images], index) => index === 0 || images > 0)
    .map(([images, what]) => `${images} ${what}`);
  return [...told, ...(unknown > 0 ? [`${unknown} not known, may have been billed`] : [])].join(", ");
}

/** Exact; empty where no price is given. */
function costOf(lines: readonly BillResource[]): string {
  const total = new Total();
  for (const { images, currency, amount } of lines) {
    total.add(images, currency === undefined || amount === undefined ? undefined : costIn({ currency, amount }));
  }
  return total.text ?? "";
}

function modelOf({ modelName, modelVersion, resolution }: BillResource): string {
  return [modelName, modelVersion, ...(resolution === undefined ? [] : [resolution])].join(" ");
}

function byModel(lines: readonly BillResource[]): [string, string, string][] {
  const models = new Map<string, BillResource[]>();
  for (const line of lines) models.set(modelOf(line), [...(models.get(modelOf(line)) ?? []), line]);
  return [...models]
    .map(([model, of]) => ({ model, of, images: of.reduce((sum, { images }) => sum + images, 0) }))
    .sort((one, other) => other.images - one.images || one.model.localeCompare(other.model, "en"))
    .map(({ model, of, images }) => [model, String(images), costOf(of)]);
}

/** Such as `2 new, 1 replaced`, in resources. */
function reasonsOf(lines: readonly BillResource[]): string {
  const counts = Object.entries(reasons).map(([reason, word]) => ({
    word,
    count: lines.filter((line) => line.reason === reason).length,
  }));
  const told = counts.filter(({ count }) => count > 0).map(({ word, count }) => `${count} ${word}`);
  return `Resources: ${told.join(", ")}.`;
}

function whyOf({ reason, attempt, ifChanged }: BillResource): string {
  const parts = [
    reasons[reason],
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
    ...(ifChanged === undefined ? [] : [`only if ${ifChanged.join(" or ")} changes`]),
  ];
  return parts.join(", ");
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => (row[column] ?? "").length));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(width(column))).join("  ")}`.trimEnd());
}

/** Text that says in Markdown what it is: no markup, no HTML, no mention, no link, in one table cell. */
function escaped(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} .,:-]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** On one line, without what a terminal or a browser would act on. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD");
}
