import { test } from "vitest";
import { type Missing, missingTools } from "../../scripts/cli/forTests.mts";
import { find, type Tool } from "../../scripts/cli/tools.mts";

/** `npm test` got what it could, and tells here why it could not. */
const why: Missing = JSON.parse(process.env[missingTools] ?? "{}");

/** Where a tool is missing, one skipped test that names it is there for all that need it. */
export function sayMissing(tool: Tool): void {
  const found = find(tool);
  if ("reason" in found) test.skip(`${tool.title}, and what needs it: ${why[tool.command] ?? found.reason}`);
}
