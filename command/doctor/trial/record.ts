import { createHash } from "node:crypto";
import { join } from "node:path";
import { appendLine, readText } from "../../../provider/journal/files";
import { insideWindow } from "../../../provider/service/window";
import type { Fact } from "./assumptions";

/** What happened in a trial, one line each. Times are the service's (ms). */
export type TrialEvent =
  | {
      readonly event: "intent";
      readonly at: number;
      readonly modelName: string;
      readonly modelVersion: string;
      /** Images that the service counted before; absent where it was not told. */
      readonly usageBefore?: number;
    }
  /** The first request is about to be sent, or repeated. */
  | { readonly event: "first" }
  | { readonly event: "accepted"; readonly taskId: string; readonly at: number }
  | { readonly event: "refused"; readonly code: string }
  /** The second request is about to be sent: it never is again. */
  | { readonly event: "second" }
  | { readonly event: "fact"; readonly fact: Fact }
  | { readonly event: "file"; readonly fileId: string }
  | { readonly event: "finished" };

type TrialLine = TrialEvent & { readonly sessionId: string };

/** A trial as its lines tell it. */
export interface Trial {
  readonly sessionId: string;
  readonly intent: Extract<TrialEvent, { event: "intent" }>;
  readonly accepted?: Extract<TrialEvent, { event: "accepted" }>;
  /** How often the first request was sent, or about to be. */
  readonly firstSends: number;
  readonly secondSent: boolean;
  readonly fileId?: string;
  readonly facts: readonly Fact[];
  readonly over: boolean;
}

/** The trials of one application, on disk before anything is sent, so that a crash at any point loses nothing. */
export class TrialRecord {
  private readonly file: string;

  constructor(journalDir: string, endpoint: string, subAppId: number) {
    const hash = createHash("sha256").update(`${endpoint}\n${subAppId}`).digest("hex").slice(0, 40);
    this.file = join(journalDir, "doctor", `${hash}.jsonl`);
  }

  /** On disk when it returns. Throws where that cannot be: then nothing may be sent. */
  async add(sessionId: string, event: TrialEvent): Promise<void> {
    await appendLine(this.file, JSON.stringify({ sessionId, ...event }));
  }

  /** In the order in which they were begun. */
  async trials(): Promise<Trial[]> {
    const lines = ((await readText(this.file)) ?? "").split("\n").flatMap(parse);
    const bySession = Map.groupBy(lines, ({ sessionId }) => sessionId);
    return [...bySession].flatMap(([sessionId, events]) => trialOf(sessionId, events));
  }

  /** The first that is not over and whose SessionId is still refused a second time. */
  async open(now: number): Promise<Trial | undefined> {
    return (await this.trials()).find((trial) => !trial.over && insideWindow(trial.intent.at, now));
  }
}

function trialOf(sessionId: string, events: readonly TrialLine[]): Trial[] {
  const intent = events.find((line) => line.event === "intent");
  if (!intent) return [];
  const accepted = events.find((line) => line.event === "accepted");
  const fileId = events.find((line) => line.event === "file")?.fileId;
  return [
    {
      sessionId,
      intent,
      ...(accepted ? { accepted } : {}),
      ...(fileId === undefined ? {} : { fileId }),
      firstSends: events.filter(({ event }) => event === "first").length,
      secondSent: events.some(({ event }) => event === "second"),
      facts: events.flatMap((line) => (line.event === "fact" ? [line.fact] : [])),
      over: events.some(({ event }) => event === "finished" || event === "refused"),
    },
  ];
}

/** A last line that a crash tore is none. */
function parse(line: string): TrialLine[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as TrialLine];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
