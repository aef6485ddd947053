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
  const values = Object.entries(settingsIn(text));
  return new Map(
    values.flatMap(([key, { value }]) =>
      key.startsWith(`${namespace}:`) && typeof value === "string" ? [[key.slice(namespace.length + 1), value]] : [],
    ),
  );
}

function settingsIn(text: string): Record<string, { value?: unknown }> {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message is not repeated: it quotes the text, and with it what was decrypted.
    throw new Error(
      "The config of the stack could not be read: pulumi config --json gave no JSON. Update the Pulumi CLI.",
    );
  }
}
