import { spawn } from "node:child_process";
import { type Exit, eachLine, exitOf, kill, stop } from "./childProcess";

export interface PluginOptions {
  /** What the process is, for messages. */
  readonly name: string;
  /** A script for Node. */
  readonly script: string;
  readonly engineAddress: string;
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  output(kind: "info" | "info#err", line: string): void;
}

/** A plugin in a process of its own, which serves gRPC at `address`. */
export interface PluginProcess {
  readonly pid: number;
  readonly address: string;
  readonly exited: Promise<Exit>;
  /** Interrupts it, and kills it when it does not end in time. */
  stop(): Promise<void>;
  /** SIGKILL. Settles when the process is gone. */
  kill(): Promise<void>;
}

/** Starts a plugin as the engine does: with the engine's address as argument; its first line is the port it serves at. */
export async function startPlugin(options: PluginOptions): Promise<PluginProcess> {
  const child = spawn(process.execPath, [options.script, options.engineAddress], {
    cwd: options.directory,
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const exited = exitOf(child);
  exited.catch(() => {});
  const port = await new Promise<string>((resolve, reject) => {
    let first = true;
    const errors: string[] = [];
    eachLine(child.stdout, (line) => {
      if (first) resolve(line.trim());
      else options.output("info", line);
      first = false;
    });
    eachLine(child.stderr, (line) => {
      if (first) errors.push(line);
      options.output("info#err", line);
    });
    exited.then(({ code }) => {
      const said = errors.map((line) => `\n${line}`).join("");
      reject(new Error(`could not start ${options.name}: exit status ${code}${said}`));
    }, reject);
  });
  if (!/^\d+$/.test(port)) {
    await stop(child, exited);
    throw new Error(`${options.name} wrote an invalid port to stdout: ${JSON.stringify(port)}`);
  }
  return {
    pid: child.pid as number,
    address: `127.0.0.1:${port}`,
    exited,
    stop: () => stop(child, exited),
    kill: () => kill(child, exited),
  };
}
