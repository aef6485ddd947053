import { readFileSync } from "node:fs";
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

/** A document with other rows in a section's table. */
export function withRows(document: string, name: string, rows: readonly (readonly string[])[]): string {
  const before = section(document, name);
  const head = before.split("\n").slice(0, 2);
  return document.replace(before, () => [...head, ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n"));
}
