/** Where a command reads and writes: the process, or a test. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** One command of `pulumi-tencent-aigc`. */
export interface Command {
  /** The text of `--help`. */
  readonly help: string;
  /**
   * @param args what follows the command's name
   * @returns the exit status
   * @throws UsageError where it was called in a wrong way
   */
  run(args: readonly string[], surroundings: Surroundings): Promise<number>;
}

/** A row of the table of commands. What a command needs is loaded when it is called. */
export interface CommandRow {
  readonly name: string;
  /** What it does, in one line of the overview. */
  readonly summary: string;
  load(): Promise<Command>;
}

/** The command was called in a wrong way: exit status 2, with a pointer to the help. */
export class UsageError extends Error {}
