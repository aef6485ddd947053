import {
  type Case,
  type CommandKind,
  type CrashPoint,
  cases,
  commandKinds,
  crashesOf,
  crashPoints,
  refreshFaults,
  upFaults,
  upKinds,
} from "./cases";
import type { Meeting } from "./commands";

/** How often what happened. */
export class Counts {
  commands = 0;
  sequences = 0;
  billed = 0;
  intended = 0;
  reachable = 0;
  readonly byCommand: Record<string, number> = {};
  readonly byCrash: Record<string, number> = {};
  readonly byFault: Record<string, number> = {};
  readonly byMeeting: Record<string, number> = {};
  readonly endings: Record<string, number> = {};

  command(kind: CommandKind): void {
    this.commands++;
    add(this.byCommand, kind);
  }

  crash(kind: CommandKind, point: CrashPoint): void {
    add(this.byCrash, `${kind} ${point}`);
  }

  fault(kind: CommandKind, fault: string): void {
    add(this.byFault, `${kind} ${fault}`);
  }

  meeting({ at, meanwhile }: Meeting): void {
    add(this.byMeeting, `${at}: ${Object.keys(meanwhile).join()}`);
  }

  ended(status: string): void {
    add(this.endings, status);
  }

  sequence({ billed, intended, reachable }: { billed: number; intended: number; reachable: number }): void {
    this.sequences++;
    this.billed += billed;
    this.intended += intended;
    this.reachable += reachable;
  }

  /** Cases that occurred less often than that, each as often as is wanting. */
  wanting(least: number): Case[] {
    return cases.flatMap((one) => {
      const { kind, crash, fault } = one;
      const seen = crash ? this.byCrash[`${kind} ${crash}`] : this.byFault[`${kind} ${fault}`];
      return Array.from({ length: Math.max(0, least - (seen ?? 0)) }, () => one);
    });
  }

  summary(): string {
    const endings = Object.entries(this.endings).map(([status, count]) => `${count} ${status}`);
    return [
      `${this.sequences} sequences, ${this.commands} operations; billed ${this.billed}, intended ${this.intended}, reachable ${this.reachable}`,
      `${this.billed - this.reachable} out of reach by assumption: Temporary or not shown by the library, older than the service's window, state and journal lost`,
      `at the end: ${endings.join(", ")}`,
    ].join("\n");
  }

  table(): string {
    const rows = (names: readonly string[], cell: (name: string, kind: CommandKind) => number | undefined) =>
      names.map((name) => [name, ...commandKinds.map((kind) => cell(name, kind)?.toString() ?? "")]);
    const all = { ...upFaults, ...refreshFaults };
    return [
      this.summary(),
      "",
      ...aligned([
        ["", ...commandKinds],
        ["commands", ...commandKinds.map((kind) => String(this.byCommand[kind] ?? 0))],
        ["killed"],
        ...rows(crashPoints, (point, kind) =>
          crashesOf[kind].includes(point as CrashPoint) ? (this.byCrash[`${kind} ${point}`] ?? 0) : undefined,
        ),
        ["faults"],
        ...rows(Object.keys(all), (fault, kind) => {
          const table =
            kind === "refresh" ? refreshFaults : (upKinds as readonly string[]).includes(kind) ? upFaults : {};
          return fault in table ? (this.byFault[`${kind} ${fault}`] ?? 0) : undefined;
        }),
      ]),
      ...Object.entries(this.byMeeting).map(([meeting, count]) => `met while ${meeting}: ${count}`),
    ].join("\n");
  }
}

function add(table: Record<string, number>, key: string): void {
  table[key] = (table[key] ?? 0) + 1;
}

export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}
