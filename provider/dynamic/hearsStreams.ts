import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect, performServerHandshake } from "node:http2";
import { duplexPair } from "node:stream";

/** Node's own name for the channel that tells of each call that comes in. */
export const createdStreams = "http2.server.stream.created";

/** What such a call takes at most. */
const answerMs = 2_000;

/** Whether this Node tells of calls that come in: found out by one that never leaves the process. */
export function hearsStreams(): Promise<boolean> {
  return new Promise((resolve) => {
    const [near, far] = duplexPair();
    const called = performServerHandshake(far);
    const calling = connect("http://localhost", { createConnection: () => near });
    let hears = false;
    const hear = (message: unknown) => {
      hears ||= sessionIn(message) === called;
    };
    const end = () => {
      clearTimeout(timer);
      unsubscribe(createdStreams, hear);
      calling.close();
      called.close();
      resolve(hears);
    };
    const timer = setTimeout(end, answerMs);
    subscribe(createdStreams, hear);
    called.once("stream", (stream) => stream.on("error", end).respond({}, { endStream: true }));
    called.on("error", end);
    calling.on("error", end);
    calling.request().on("error", end).once("close", end).resume();
  });
}

function sessionIn(message: unknown): unknown {
  return (message as { readonly stream?: { readonly session?: unknown } }).stream?.session;
}
