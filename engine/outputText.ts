import type { EngineEvent, OpMap } from "./events";
import type { StepOp } from "./steps";

const symbols: Partial<Record<StepOp, string>> = {
  same: " ",
  create: "+",
  update: "~",
  delete: "-",
  replace: "+-",
  "create-replacement": "++",
  "delete-replaced": "--",
  read: ">",
  refresh: "~",
};

const done: Partial<Record<StepOp, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "created replacement",
  "delete-replaced": "deleted original",
  read: "read",
};

/** An event as lines of text, as in a terminal that cannot redraw; undefined for events that print nothing there. */
export function textOf(event: EngineEvent): string | undefined {
  const { diagnosticEvent: diagnostic, resOutputsEvent: outputs, resOpFailedEvent: failed, summaryEvent } = event;
  if (diagnostic && !diagnostic.ephemeral && diagnostic.severity !== "debug") {
    return `${diagnostic.prefix ?? ""}${diagnostic.urn ? `${nameOf(diagnostic.urn)}: ` : ""}${diagnostic.message}`;
  }
  if (outputs) {
    const { op, urn, type } = outputs.metadata;
    const what = done[op];
    if (what === undefined) return undefined;
    return ` ${symbols[op] ?? op}  ${type} ${nameOf(urn)} ${outputs.planning ? op : what}\n`;
  }
  if (failed) return ` ${symbols[failed.metadata.op] ?? ""}  ${nameOf(failed.metadata.urn)} **failed**\n`;
  return summaryEvent ? summaryText(summaryEvent.resourceChanges, summaryEvent.durationSeconds) : undefined;
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function summaryText(changes: OpMap, seconds: number): string {
  const lines = Object.entries(changes).map(([op, count]) =>
    op === "same"
      ? `    ${count} unchanged\n`
      : `    ${symbols[op as StepOp] ?? ""} ${count} ${done[op as StepOp] ?? op}\n`,
  );
  return `Resources:\n${lines.join("")}\nDuration: ${seconds}s\n`;
}
