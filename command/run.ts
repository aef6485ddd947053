import { version } from "../provider/version";
import { type CommandRow, type Surroundings, UsageError } from "./command";

const program = "pulumi-tencent-aigc";

/** Runs the command that the arguments name. @returns the exit status */
export async function run(
  commands: readonly CommandRow[],
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { stdout, stderr } = surroundings;
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    stdout.write(overview(commands));
    return name === undefined ? 2 : 0;
  }
  if (name === "--version") {
    stdout.write(`${version}\n`);
    return 0;
  }
  const row = commands.find((one) => one.name === name);
  if (row === undefined) {
    stderr.write(`${program}: there is no command ${JSON.stringify(name)}. See npx ${program} --help.\n`);
    return 2;
  }
  const command = await row.load();
  if (rest.includes("--help") || rest.includes("-h")) {
    stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(rest, surroundings);
  } catch (error) {
    const { message } = error as Error;
    const wrongCall = isUsage(error);
    stderr.write(`${program} ${name}: ${message}\n${wrongCall ? `See npx ${program} ${name} --help.\n` : ""}`);
    return wrongCall ? 2 : 1;
  }
}

function overview(commands: readonly CommandRow[]): string {
  const width = Math.max(0, ...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    `Usage: npx ${program} <command> [options]`,
    "",
    ...rows,
    "",
    `npx ${program} <command> --help tells more about one.`,
    "",
  ].join("\n");
}

/** Whether what went wrong is how it was called, not what happened then. */
function isUsage(error: unknown): boolean {
  return error instanceof UsageError || String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}
