import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What the Pulumi CLI has printed, or why it gave nothing. */
export type Ran = { readonly stdout: string } | { readonly why: string };

/**
 * Runs the Pulumi CLI. Nothing that it says of a failure is repeated: that may hold what it has decrypted.
 * @param command such as `["stack", "export"]`
 */
export async function runPulumi(
  command: readonly string[],
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  try {
    const args = [...command, ...options, "--non-interactive"];
    return await promisify(execFile)("pulumi", args, { env, maxBuffer: 1024 ** 3 });
  } catch (error) {
    const { code } = error as { code?: unknown };
    const ended = `pulumi ${command.join(" ")} ended with ${String(code)}`;
    return { why: code === "ENOENT" ? "the Pulumi CLI was not found" : ended };
  }
}
