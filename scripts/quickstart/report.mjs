import { nameOf, taskType } from "./progress.mjs";

/** The pictures in a stack's state. */
export function tasksOf({ deployment: { resources } }) {
  return resources
    .filter(({ type }) => type === taskType)
    .map(({ urn, inputs, outputs }) => ({
      name: nameOf(urn),
      prompt: inputs.prompt ?? "",
      model: `${inputs.modelName} ${inputs.modelVersion}`,
      taskId: outputs.taskId,
      status: outputs.status,
      urls: (outputs.files ?? []).map(({ url }) => url),
    }));
}

/** The rows as text, each column as wide as its widest cell. */
export function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map((cell) => String(cell ?? "")));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
