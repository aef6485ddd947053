import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { nameOf, taskType } from "./progress.mts";

/** A picture in a stack's state. */
export interface TaskInState {
  readonly name: string;
  readonly prompt: string;
  readonly model: string;
  readonly taskId: string;
  readonly status: string;
  readonly urls: readonly string[];
}

/** A resource as the state of a stack has it, as far as it is read here. */
interface StoredResource {
  readonly type: string;
  readonly urn: string;
  readonly inputs: { readonly prompt?: string; readonly modelName: string; readonly modelVersion: string };
  readonly outputs: {
    readonly taskId: string;
    readonly status: string;
    readonly files?: readonly { readonly url: string }[];
  };
}

/** The pictures in a stack's state. */
export function tasksOf({ deployment }: Pick<Deployment, "deployment">): TaskInState[] {
  const resources: readonly StoredResource[] = deployment.resources;
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
export function table(head: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell ?? ""));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
