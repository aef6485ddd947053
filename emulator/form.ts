/**
 * Parameters as a query or a form has them: one text for each value, and a path for a name, as in
 * `FileInfos.0.Url=…&OutputConfig.OutputImageCount=2`. Clients that sign a GET, or with signature method v1, send these.
 */
import { ApiError } from "./apiError";
import type { Parameters } from "./parameters";

export type Fields = ReadonlyMap<string, string>;

export function readFields(text: string): Fields {
  return new Map(new URLSearchParams(text));
}

/** Parameters that are numbers in JSON; in a form all values are texts. */
const wholeNumbers: ReadonlySet<string> = new Set([
  "ClassId",
  "ClassIds",
  "ClearTags",
  "Limit",
  "Offset",
  "OutputImageCount",
  "Seed",
  "SubAppId",
  "TasksPriority",
]);

/** More levels than any parameter has. */
const mostLevels = 8;

type Tree = Map<string, Tree | string>;

/** The parameters as JSON would have them. */
export function unflattened(fields: Fields): Parameters {
  const tree: Tree = new Map();
  for (const [name, value] of fields) plant(tree, name, value);
  const parameters = grown(tree, "");
  if (Array.isArray(parameters)) throw wrongName([...fields.keys()][0] ?? "");
  return parameters as Parameters;
}

function plant(tree: Tree, name: string, value: string): void {
  const path = name.split(".");
  const last = path.pop() ?? "";
  if (path.length >= mostLevels || last === "" || path.includes("")) throw wrongName(name);
  let at = tree;
  for (const part of path) {
    const below = at.get(part) ?? new Map();
    if (typeof below === "string") throw wrongName(name);
    at.set(part, below);
    at = below;
  }
  if (at.has(last)) throw wrongName(name);
  at.set(last, value);
}

function grown(tree: Tree, name: string): unknown {
  const inner = (key: string, value: Tree | string, known: string): [string, unknown] => [
    key,
    typeof value === "string" ? textOrNumber(value, known) : grown(value, known),
  ];
  const keys = [...tree.keys()];
  if (!keys.some(isIndex)) return Object.fromEntries([...tree].map(([key, value]) => inner(key, value, key)));
  if (keys.some((key) => !isIndex(key) || Number(key) >= keys.length)) throw wrongName(name);
  const items = [...tree].map(([key, value]) => inner(key, value, name));
  return items.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d{0,3})$/.test(key);
}

function textOrNumber(text: string, name: string): unknown {
  return wholeNumbers.has(name) && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function wrongName(name: string): ApiError {
  return new ApiError(
    "InvalidParameter",
    `The parameter ${JSON.stringify(name.slice(0, 60))} does not fit: a list has the indexes from 0 on, as in Filters.0, and no name is given twice.`,
  );
}
