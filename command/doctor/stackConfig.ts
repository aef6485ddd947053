import { namespace } from "../../provider/configuration";
import { runPulumi } from "../runPulumi";

/** A command's settings by their keys: those of a stack, if one is named, under the command's own SubAppId. */
export async function settingsOf(
  { stack, subAppId }: { readonly stack?: string | undefined; readonly subAppId?: string | undefined },
  env: NodeJS.ProcessEnv,
): Promise<(key: string) => string | undefined> {
  const settings = stack === undefined ? undefined : await readStackConfig(stack, env);
  return (key) => (key === "subAppId" ? (subAppId ?? settings?.get(key)) : settings?.get(key));
}

/** The stack's settings, as the Pulumi CLI gives them; secrets go through its standard output only. */
async function readStackConfig(stack: string, env: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, string>> {
  const ran = await runPulumi(["config"], ["--json", "--show-secrets", "--stack", stack], env);
  if ("why" in ran) {
    throw new Error(`The config of the stack could not be read (${ran.why}). Run it in the project's directory.`);
  }
  const values = Object.entries(settingsIn(ran.stdout));
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
