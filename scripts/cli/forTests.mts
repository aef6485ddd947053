import { readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { prepare } from "./prepare.mts";
import { browser, postgres, pulumi, s3Server, sdkWriter, type Tool, yamlHost } from "./tools.mts";

const root = join(import.meta.dirname, "..", "..");

/** Each with the tests that use it: files, or folders. */
const users: readonly (readonly [Tool, readonly string[]])[] = [
  [
    pulumi,
    [
      "test/backends",
      "test/cli",
      "test/examples",
      "test/languages",
      "test/model/processes.test.ts",
      "test/package/npm.test.ts",
      "test/scenarios",
    ],
  ],
  [yamlHost, ["test/cli", "test/languages", "test/package/npm.test.ts"]],
  [sdkWriter, ["test/languages"]],
  [s3Server, ["test/backends"]],
  [postgres, ["test/backends"]],
  [browser, ["test/examples/staticSite.test.ts", "test/unit/emulator/page.test.ts"]],
];

/** Why tools are missing, by their commands. */
export type Missing = Readonly<Record<string, string>>;

/** The environment variable that tells the tests why something is missing, as JSON. */
export const missingTools = "TENCENT_AIGC_MISSING_TOOLS";

/**
 * Gets what the chosen tests use and is not there yet.
 *
 * @param args of vitest. Only where all of them are parts of files' names can it be told what is chosen.
 */
export async function prepareFor(args: readonly string[], say: (line: string) => void): Promise<Missing> {
  const needed = users.filter(([, places]) => chooses(args, places)).map(([tool]) => tool);
  const missing: Record<string, string> = {};
  for (const [tool, found] of await prepare(needed, say)) {
    if ("folder" in found) continue;
    missing[tool.command] = found.reason;
    say(`Without ${tool.title}: ${found.reason}. What needs it is skipped.`);
  }
  return missing;
}

export function chooses(args: readonly string[], places: readonly string[]): boolean {
  if (args.length === 0 || args.some((arg) => arg.startsWith("-"))) return true;
  const files = places.flatMap(filesIn);
  return args.some((arg) => files.some((file) => file.includes(filterOf(arg))));
}

/** As vitest has it: a part of a path from the root, without a line's number. */
function filterOf(arg: string): string {
  const part = arg.replace(/:\d+$/, "");
  return /^(\.|\/)/.test(part) ? relative(root, resolve(root, part)) : part;
}

function filesIn(place: string): readonly string[] {
  if (place.endsWith(".test.ts")) return [place];
  const names = readdirSync(join(root, place), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => `${place}/${name.replaceAll("\\", "/")}`);
}
