import { spawn } from "node:child_process";
import { eachLine, exitOf, stop } from "./childProcess";
import type { Program } from "./deployment";
import { Monitor, type MonitorOptions } from "./monitor";
import { type Project, resolveFromProgram } from "./project";
import { Bail } from "./stepGenerator";

export interface ProgramOptions extends MonitorOptions {
  projectFile: Project;
  engineAddress: string;
  environment: NodeJS.ProcessEnv;
  output(kind: "info" | "info#err", line: string): void;
}

/** The SDK has already told the user what went wrong. */
const errorReported = 32;

/**
 * A program as the language host runs it: the SDK's own `cmd/run` in a child process, talking to a monitor over gRPC.
 * @returns the program, and a promise of the end of its process
 */
export function childProgram(options: ProgramOptions): { run: Program; ended: Promise<void> } {
  let resolveEnded: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve;
  });
  const run: Program = async (port, signal) => {
    const monitor = await Monitor.start(port, options, signal);
    const child = spawn(process.execPath, programArguments(options, monitor.address), {
      cwd: options.projectFile.programDirectory,
      env: { ...options.environment, ...programEnvironment(options) },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    eachLine(child.stdout, (line) => options.output("info", line));
    eachLine(child.stderr, (line) => options.output("info#err", line));
    const exited = exitOf(child);
    // After the signal a program ends by itself; one that does not is stopped.
    const giveUp = (): void => {
      const timer = setTimeout(() => void stop(child, exited), 5_000);
      exited.finally(() => clearTimeout(timer)).catch(() => {});
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
    exited
      .finally(() => {
        monitor.stop();
        resolveEnded();
      })
      .catch(() => {});
    const failed = exited.then(({ code, signal: killed }) => {
      if (code === 0) return;
      if (code === errorReported) throw new Bail("the program failed");
      const how = killed ? `was ended by ${killed}` : `exited with non-zero exit code: ${code}`;
      throw new Error(`an unhandled error occurred: Program ${how}`);
    });
    failed.catch(() => {});
    await Promise.race([monitor.programDone, failed]);
  };
  return { run, ended };
}

function programArguments({ projectFile, ...options }: ProgramOptions, monitorAddress: string): string[] {
  const nodeArguments = String(projectFile.runtimeOptions["nodeargs"] ?? "")
    .split(/\s+/)
    .filter((argument) => argument !== "");
  return [
    ...nodeArguments,
    resolveFromProgram(projectFile, "@pulumi/pulumi/cmd/run"),
    "--monitor",
    monitorAddress,
    "--engine",
    options.engineAddress,
    "--organization",
    options.organization,
    "--project",
    options.project,
    "--root-directory",
    projectFile.root,
    "--stack",
    options.stack,
    "--pwd",
    projectFile.programDirectory,
    ...(options.preview ? ["--dry-run"] : []),
    "--parallel",
    String(options.parallel),
    projectFile.entryPoint,
  ];
}

function programEnvironment({ config, configSecretKeys, projectFile }: ProgramOptions): Record<string, string> {
  const { tsconfig } = projectFile.runtimeOptions;
  const keyed = Object.entries(config).map(([key, value]) => [key.replace(":", ":config:"), value]);
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(keyed)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(configSecretKeys),
    ...(projectFile.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: String(tsconfig) }),
  };
}
