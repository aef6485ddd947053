import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { pull } from "../../../command/pull";

const type = "pulumi-nodejs:dynamic/tencent-aigc:AigcImageTask";
export const body = randomBytes(4096);
export const md5Of = (content: Buffer) => createHash("md5").update(content).digest("hex");

/** A directory of the test's own. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "aigc-pull-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns the port */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Pictures at a server of this machine. @returns its URL, and each request's path in order */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end(body),
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  };
  return { url: `http://127.0.0.1:${await listen(createServer(listener))}`, asked };
}

/** An exported stack, of a picture each: its file, with what is given changed in it. */
export function stackOf(pictures: Readonly<Record<string, object>>): string {
  const resources = Object.entries(pictures).map(([name, file]) => ({
    urn: `urn:pulumi:dev::shop::${type}::${name}`,
    type,
    outputs: { taskId: `task-${name}`, files: [{ fileType: "png", size: body.length, md5: md5Of(body), ...file }] },
  }));
  return JSON.stringify({ version: 3, deployment: { resources } });
}

/** Runs the command in this process. */
export async function run(stack: string, out: string, { env = {}, options = [] as readonly string[] } = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(stack);
  const status = await pull.run(["-", "--out", out, ...options], { env, stdin, stdout, stderr });
  stderr.end();
  return { status, told: await text(stderr) };
}
