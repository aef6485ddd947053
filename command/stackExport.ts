import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { UsageError } from "./command";
import { runPulumi } from "./runPulumi";

/** A stack as the Pulumi CLI exports it: from a file, from standard input (`-`), or by running the CLI. */
export async function readStackExport(
  source: { readonly file: string } | { readonly stack: string },
  { env, stdin }: { readonly env: NodeJS.ProcessEnv; readonly stdin: NodeJS.ReadableStream },
): Promise<unknown> {
  const json =
    "stack" in source
      ? await exportByCli(source.stack, env)
      : source.file === "-"
        ? await text(stdin)
        : await contentOf(source.file);
  try {
    return JSON.parse(json) as unknown;
  } catch {
    // The parser's message is not repeated: it quotes the text.
    throw new UsageError("the input is not JSON. Make it with: pulumi stack export > stack.json");
  }
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(`${JSON.stringify(file)} cannot be read (${code}). Make it with: pulumi stack export > stack.json`);
  }
}

async function exportByCli(stack: string, env: NodeJS.ProcessEnv): Promise<string> {
  const ran = await runPulumi(["stack", "export"], ["--stack", stack], env);
  if ("stdout" in ran) return ran.stdout;
  throw new Error(`The stack could not be read (${ran.why}). Run it in the project's directory.`);
}
