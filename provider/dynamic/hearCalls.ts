import { subscribe } from "node:diagnostics_channel";
import type { IncomingHttpHeaders, ServerHttp2Session } from "node:http2";
import { createdStreams } from "./hearsStreams";
import { type HeldStream, holdAnswer } from "./heldAnswer";

const cancelPath = "/pulumirpc.ResourceProvider/Cancel";
/** How long the answer to a Cancel is held for what is to be told before it: the engine ends this process right after. */
const holdMs = 1_000;

/**
 * Hears what the engine asks of this process, which all dynamic resources of a program share. Pulumi's host of dynamic
 * providers passes no Cancel on. Node tells of the call all the same; Node 22.13 does not, and there ^C ends nothing.
 *
 * @param hearCancel settles when a Cancel may be answered
 * @returns ends the process once nothing in it is pending
 */
export function hearCalls(hearCancel: () => Promise<void>): () => void {
  const sessions = new Set<ServerHttp2Session>();
  let server: ServerHttp2Session["server"] | undefined;

  subscribe(createdStreams, (message) => {
    const { stream, headers } = message as CreatedStream;
    const { session } = stream;
    if (session && !sessions.has(session)) {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
      server = session.server ?? server;
    }
    if (headers[":path"] === cancelPath) holdAnswer(stream, hearCancel(), holdMs);
  });

  // Another package's call is never cut: the process ends by itself, when nothing keeps it busy any more.
  return () => {
    server?.unref();
    for (const session of sessions) session.unref();
    if (server === undefined && process.getActiveResourcesInfo().every(isIdle)) process.exit();
  };
}

/** What Node tells of a call that has come in. */
interface CreatedStream {
  readonly stream: HeldStream & { readonly session?: ServerHttp2Session };
  readonly headers: IncomingHttpHeaders;
}

/** What is there in a process that only waits for calls. */
function isIdle(resource: string): boolean {
  return ["TCPServerWrap", "PipeWrap", "TTYWrap"].includes(resource);
}
