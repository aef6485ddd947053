import { appendFileSync } from "node:fs";
import { expect } from "vitest";
import type { Emulator, Fault } from "../../emulator";

/** One line for each check of the ledger by a test, where `npm run test:faults` asks for them. */
const file = process.env["AIGC_CASES_FILE"];

/** What went wrong in the running test, by kind. */
const injected = new Map<string, number>();
let test: string | undefined;

/** Counts the faults that are injected into an emulator. */
export function countFaults(emulator: Emulator): Emulator {
  if (file === undefined) return emulator;
  const inject = emulator.fault;
  emulator.fault = (faults: Fault | Fault[]) => {
    begin();
    for (const { kind } of [faults].flat()) injected.set(kind, (injected.get(kind) ?? 0) + 1);
    inject(faults);
  };
  return emulator;
}

export function tellCase(sums: { billed: number; intended: number; reachable: number }): void {
  if (file === undefined) return;
  begin();
  const faults = [...injected].map(([kind, count]) => (count > 1 ? `${count} ${kind}` : kind));
  appendFileSync(file, `${JSON.stringify({ test, faults, ...sums })}\n`);
}

function begin(): void {
  const { currentTestName } = expect.getState();
  if (currentTestName !== test) injected.clear();
  test = currentTestName;
}
