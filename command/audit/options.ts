import { parseArgs } from "node:util";
import { UsageError } from "../command";

export type Source = { readonly file: string } | { readonly stack: string };

export interface AuditOptions {
  readonly sources: readonly Source[];
  /** The stack whose config gives keys and application: the first that is named. */
  readonly configStack: string | undefined;
  readonly subAppId: string | undefined;
  /** What TENCENT_AIGC_LEFT_FILE has named. */
  readonly left: string | undefined;
  readonly json: boolean;
}

export function readOptions(args: readonly string[]): AuditOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      stack: { type: "string", multiple: true, default: [] },
      "sub-app-id": { type: "string" },
      left: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const sources = [...positionals.map((file) => ({ file })), ...values.stack.map((stack) => ({ stack }))];
  if (sources.length === 0) throw new UsageError("give exported stacks (files, or -), or --stack NAME");
  if (positionals.filter((file) => file === "-").length > 1) throw new UsageError("- can be given once");
  return {
    sources,
    configStack: values.stack[0],
    subAppId: values["sub-app-id"],
    left: values.left,
    json: values.json,
  };
}
