import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { find, postgres, s3Server, type Tool } from "../../scripts/cli/tools.mts";

/** A server on loopback that keeps the state of stacks, for the running test. */
export interface StateServer {
  readonly url: string;
  /** What a client has to have beside the URL. */
  readonly env: Record<string, string>;
}

export interface Backend {
  readonly name: string;
  readonly tool: Tool;
  readonly start: () => Promise<StateServer>;
}

export const backends: readonly Backend[] = [
  { name: "PostgreSQL", tool: postgres, start: startPostgres },
  { name: "S3", tool: s3Server, start: startS3 },
];

async function startPostgres(): Promise<StateServer> {
  const { folder, account } = stage(dirname(folderOf(postgres)));
  const data = join(folder, "data");
  const command = (name: string) => join(folder, "native", "bin", name);
  execFileSync(
    command("initdb"),
    ["-D", data, "-U", "pulumi", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"],
    {
      ...account,
      cwd: folder,
      env: { LC_ALL: "C" },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const port = await freePort();
  // It is gone after the test, so nothing need reach the disk. The empty folder: no socket beside the port.
  const args = ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", "", "-F"];
  const server = spawn(command("postgres"), args, { ...account, cwd: folder, env: { LC_ALL: "C" }, stdio: "pipe" });
  await serving(server, "SIGINT", folder, /ready to accept connections/);
  return { url: `postgres://pulumi@127.0.0.1:${port}/postgres?sslmode=disable`, env: {} };
}

async function startS3(): Promise<StateServer> {
  const kept = folderOf(s3Server);
  const { folder, account } = stage(kept);
  const args = ["-backend", "memory", "-initialbucket", "state", "-host", "127.0.0.1:0"];
  const command = join(folder, basename(kept), s3Server.command);
  const server = spawn(command, args, { ...account, cwd: folder, env: {}, stdio: "pipe" });
  const [, port] = await serving(server, "SIGTERM", folder, /using port: (\d+)/);
  return {
    url: `s3://state?endpoint=http://127.0.0.1:${port}&s3ForcePathStyle=true&region=us-east-1`,
    env: { AWS_ACCESS_KEY_ID: "any", AWS_SECRET_ACCESS_KEY: "any" },
  };
}

function folderOf(tool: Tool): string {
  const found = find(tool);
  if ("reason" in found) throw new Error(`${tool.title}: ${found.reason}`);
  return found.folder;
}

/**
 * Lays what a server needs where its account can read it, in a folder that is its own. As root, a server runs under the
 * account that every system has for what owns nothing; some refuse to run otherwise.
 */
function stage(what: string): { folder: string; account: { uid?: number; gid?: number } } {
  const folder = mkdtempSync(join(tmpdir(), "aigc-server-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  cpSync(what, join(folder, basename(what)), { recursive: true, verbatimSymlinks: true });
  if (process.getuid?.() !== 0) return { folder, account: {} };
  const uid = idOf("-u");
  const gid = idOf("-g");
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "data"));
  chownSync(join(folder, "data"), uid, gid);
  return { folder, account: { uid, gid } };
}

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
}

/** Waits until it says that it serves, and ends it after the test. */
async function serving(server: ChildProcess, end: NodeJS.Signals, folder: string, said: RegExp) {
  const exited = once(server, "exit");
  onTestFinished(async () => {
    server.kill(end);
    await exited;
  });
  return await new Promise<RegExpExecArray>((resolve, reject) => {
    let text = "";
    const hear = (chunk: string) => {
      text += chunk;
      const found = said.exec(text);
      if (found) resolve(found);
    };
    server.stdout?.setEncoding("utf8").on("data", hear);
    server.stderr?.setEncoding("utf8").on("data", hear);
    server.once("error", reject);
    void exited.then(() => reject(new Error(`the server in ${folder} ended: ${text}`)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("a port has a number");
  return address.port;
}
