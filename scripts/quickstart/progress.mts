import { stripVTControlCharacters } from "node:util";

export const taskType = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";

const doing: Readonly<Record<string, string>> = { create: "creating", update: "updating", delete: "deleting" };
const done: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  same: "unchanged",
};

interface StepEvent {
  readonly metadata: { readonly urn: string; readonly op: string };
}

interface Diagnostic {
  readonly urn?: string;
  readonly message: string;
  readonly severity: string;
  readonly ephemeral?: boolean;
}

/** What is shown of an event: of the CLI's as of the embedded engine's. */
export interface ShownEvent {
  readonly resourcePreEvent?: StepEvent;
  readonly resOutputsEvent?: StepEvent;
  readonly resOpFailedEvent?: StepEvent;
  readonly diagnosticEvent?: Diagnostic;
}

/** A terminal, or anything else that text is written to. */
interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

interface Row {
  readonly text: string;
  readonly outcome: string | undefined;
}

/**
 * Shows an update as it happens, one row a picture, from the engine's events: redrawn in place on a terminal, and
 * elsewhere a line for each change.
 */
export class Progress {
  /** What was reported as an error, in order. */
  readonly errors: string[] = [];
  readonly #rows = new Map<string, Row>();
  readonly #output: Output;
  readonly #live: boolean;
  #drawn = 0;

  constructor(output: Output, { live = Boolean(output.isTTY) && process.env["TERM"] !== "dumb" } = {}) {
    this.#output = output;
    this.#live = live;
  }

  /** How many pictures have come out so, `same` for unchanged. */
  count(op: string): number {
    return [...this.#rows.values()].filter((row) => row.outcome === op).length;
  }

  readonly onEvent = (event: ShownEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    if (resourcePreEvent) {
      const { urn, op } = resourcePreEvent.metadata;
      const text = doing[op];
      if (text !== undefined) this.#show(urn, text);
    }
    if (resOutputsEvent) {
      const { urn, op } = resOutputsEvent.metadata;
      this.#show(urn, done[op] ?? op, op);
    }
    if (resOpFailedEvent) this.#show(resOpFailedEvent.metadata.urn, "failed", "failed");
    if (diagnosticEvent) this.#diagnostic(diagnosticEvent);
  };

  #diagnostic({ urn = "", message, severity, ephemeral }: Diagnostic): void {
    const text = plain(message);
    if (text === "" || severity === "debug") return;
    if (ephemeral) {
      // What a row says while it is worked on may come late.
      if (!this.#rows.get(urn)?.outcome) this.#show(urn, text);
      return;
    }
    if (severity === "error") this.errors.push(text);
    this.#print(`  ${urn !== "" ? `${nameOf(urn)}: ` : ""}${text}`);
  }

  #show(urn: string, text: string, outcome?: string): void {
    const before = this.#rows.get(urn)?.text;
    if (typeOf(urn) !== taskType || before === text) return;
    this.#rows.set(urn, { text, outcome });
    const width = Math.max(...[...this.#rows.keys()].map((key) => nameOf(key).length));
    const line = (key: string) => `  ${nameOf(key).padEnd(width)}  ${this.#rows.get(key)?.text}`;
    if (this.#live) this.#draw([...this.#rows.keys()].map(line));
    // A percentage that grows is worth no line of its own.
    else if (withoutPercentage(before ?? "") !== withoutPercentage(text)) this.#output.write(`${line(urn)}\n`);
  }

  #print(line: string): void {
    if (!this.#live) {
      this.#output.write(`${line}\n`);
      return;
    }
    // The rows come again below it with their next change.
    this.#draw([line]);
    this.#drawn = 0;
  }

  /** Draws over the rows that were drawn last. */
  #draw(lines: readonly string[]): void {
    const columns = this.#output.columns || 80;
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    const text = lines.map((line) => `${line.slice(0, columns - 1)}\n`).join("");
    this.#output.write(`${up}\u001b[0J${text}`);
    this.#drawn = lines.length;
  }
}

export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** The resource's own type: a URN gives it behind those of its parents. */
export function typeOf(urn: string): string | undefined {
  return urn.split("::")[2]?.split("$").at(-1);
}

function withoutPercentage(text: string): string {
  return text.replace(/\d+ %/, "%");
}

/** Text of others, on one line and without what steers a terminal or marks Pulumi's colours. */
function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/<\{%[^%]*%\}>/g, "")
    .replace(/\p{Cc}+/gu, " ")
    .trim();
}
