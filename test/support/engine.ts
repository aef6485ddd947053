import { EngineService } from "../../engine/engineService";
import type { DiagnosticEvent } from "../../engine/events";

/** A line that the provider sent to the engine. */
export interface LogLine {
  readonly urn: string;
  /** Shown in the resource's row for a while, rather than kept. */
  readonly ephemeral: boolean;
  readonly severity: DiagnosticEvent["severity"];
  readonly text: string;
}

/** The engine of an update, as far as a provider sees it. */
export interface EngineServer {
  readonly address: string;
  readonly lines: readonly LogLine[];
  /** Texts of the rows, in order: all of them, or those of one resource. */
  rows(urn?: string): string[];
  /** Settles when a line arrives, or has arrived after the first `from` lines, for which this holds. */
  seen(condition: (line: LogLine) => boolean, from?: number): Promise<LogLine>;
  /** How often it was asked whether it is there. */
  asked(): number;
  /** Dies, as a CLI does that is killed. */
  stop(): void;
}

/** Lines travel apart from answers, so the last ones may come after them. */
const patienceMs = 10_000;

export async function startEngine(): Promise<EngineServer> {
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  let asked = 0;
  const { address, stop } = await EngineService.start({
    log({ urn, ephemeral, severity, message }) {
      const line = { urn, ephemeral, severity, text: message };
      lines.push(line);
      for (const look of waiting) look(line);
    },
    asked: () => asked++,
  });
  return {
    address,
    lines,
    rows: (urn) => lines.filter((line) => line.ephemeral && (!urn || line.urn === urn)).map((line) => line.text),
    seen: (condition, from = 0) =>
      new Promise((resolve, reject) => {
        const before = lines.slice(from).find(condition);
        if (before) return resolve(before);
        const texts = () => lines.slice(from).map(({ text }) => text);
        const timer = setTimeout(
          () => reject(new Error(`no such line was logged; there are ${JSON.stringify(texts())}`)),
          patienceMs,
        );
        const look = (line: LogLine) => {
          if (!condition(line)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
      }),
    asked: () => asked,
    stop,
  };
}
