import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const repository = join(__dirname, "..", "..");

export interface Block {
  readonly language: string;
  readonly text: string;
  /** Line of the document at which its text begins. */
  readonly line: number;
}

export function read(name: string): string {
  return readFileSync(join(repository, name), "utf8");
}

/** Every document of the repository, the README first. */
export const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(repository, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`)
    .sort(),
];

/** The fenced blocks of a document. */
export function blocksOf(document: string): Block[] {
  return [...document.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ 1: language = "", 2: text = "", index }) => ({
    language,
    text,
    line: document.slice(0, index).split("\n").length + 1,
  }));
}

/** What is between `<!-- name -->` and `<!-- /name -->`. */
function section(document: string, name: string): string {
  const [, text] = new RegExp(`<!-- ${name} -->\n(.*?)\n<!-- /${name} -->`, "s").exec(document) ?? [];
  if (text === undefined) throw new Error(`there is no section ${name}`);
  return text;
}

/** The rows of a section's table, without its head. A cell that is a name in backticks is given without them. */
export function rowsOf(document: string, name: string): string[][] {
  const [, , ...rows] = section(document, name).split("\n");
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1")),
  );
}

/** A document with other rows in a section's table, lined up. */
export function withRows(document: string, name: string, rows: readonly (readonly string[])[]): string {
  const before = section(document, name);
  const [head = ""] = before.split("\n");
  const titles = head
    .split("|")
    .slice(1, -1)
    .map((title) => title.trim());
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return document.replace(before, () => [line(titles), rule, ...rows.map(line)].join("\n"));
}
