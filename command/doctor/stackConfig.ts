import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { namespace } from "../../provider/configuration";

/** The stack's settings, as the Pulumi CLI gives them; secrets go through its standard output only. */
export async function readStackConfig(stack: string, env: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, string>> {
  const args = ["config", "--json", "--show-secrets", "--non-interactive", "--stack", stack];
  let text: string;
  try {
    ({ stdout: text } = await promisify(execFile)("pulumi", args, { env }));
  } catch (error) {
    // Its output is not repeated: it may hold what was decrypted.
    const { code } = error as { code?: unknown };
    const why = code === "ENOENT" ? "the Pulumi CLI was not found" : `pulumi config ended with ${String(code)}`;
    throw new Error(`The config of the stack could not be read (${why}). Run it in the project's directory.`);
  }
  const values = Object.entries(JSON.parse(text) as Record<string, { value?: unknown }>);
  return new Map(
    values.flatMap(([key, { value }]) =>
      key.startsWith(`${namespace}:`) && typeof value === "string" ? [[key.slice(namespace.length + 1), value]] : [],
    ),
  );
}
