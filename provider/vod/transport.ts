import type { buildConnector, Dispatcher, Pool } from "undici";
import type { Endpoint } from "./endpoint";
import { readOverContinue } from "./informational";
import { proxyFor } from "./proxy";

/** How long to wait for each part of an exchange, in milliseconds. */
export interface Timeouts {
  /** Until there is a connection: name, TCP, proxy and TLS. @default 15000 */
  connectMs: number;
  /** From the request to the answer's headers; large requests get more. @default 60000 */
  headersMs: number;
  /** Between two pieces of the answer's body. @default 30000 */
  bodyMs: number;
  /** From the request to the end of the answer; large requests get more. @default 180000 */
  totalMs: number;
}

export const defaultTimeouts: Timeouts = { connectMs: 15_000, headersMs: 60_000, bodyMs: 30_000, totalMs: 180_000 };

/** The largest answer that is read, in bytes. */
export const maxAnswerBytes = 10 * 1024 * 1024;

/** The slowest uplink that is allowed for, in bytes a second. */
const slowestUplink = 64 * 1024;

export interface Answered {
  kind: "answered";
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What became of one request. */
export type Outcome =
  | Answered
  /** Not a byte of the request was written, nor will be. */
  | { kind: "notSent"; reason: string }
  /** The request was written, at least in part. */
  | { kind: "lost"; reason: string };

export interface Transport {
  /** Sends one POST, once. Never rejects. An abort ends in `notSent` or `lost` with reason `aborted`. */
  post(headers: Record<string, string>, body: Buffer, signal?: AbortSignal): Promise<Outcome>;
  /** Closes all connections, and ends what is still under way. */
  close(): Promise<void>;
}

export interface TransportOptions {
  endpoint: Endpoint;
  env: NodeJS.ProcessEnv;
  timeouts: Timeouts;
  /** PEM of a certificate authority to trust in place of the system's. */
  certificateAuthority?: string | undefined;
}

export function createTransport({ endpoint, env, timeouts, certificateAuthority }: TransportOptions): Transport {
  const proxy = proxyFor(endpoint, env);
  let dispatcher: Promise<Dispatcher> | undefined;

  async function connectDispatcher(): Promise<Dispatcher> {
    // Loaded when first needed: preview and unchanged resources send nothing. By its file, for Bun answers to the bare
    // name with a module of its own, which has no `dispatch`.
    const { Agent, buildConnector, Pool, ProxyAgent } = await import("undici/index.js");
    const trust = certificateAuthority ? { ca: certificateAuthority } : {};
    // One request at a time on a connection: a reset concerns that request alone.
    const shared = { pipelining: 1, headersTimeout: timeouts.headersMs, bodyTimeout: timeouts.bodyMs };
    const connect = { timeout: timeouts.connectMs, ...trust };
    if (!proxy) return new Agent({ ...shared, connect: overContinue(buildConnector(connect)) });
    return new ProxyAgent({
      ...shared,
      uri: proxy.origin,
      ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
      requestTls: { ...connect, servername: endpoint.url.hostname },
      proxyTls: { timeout: timeouts.connectMs },
      clientFactory: (url, options) => withPlainErrors(new Pool(url, options)),
      factory: (origin, options: Pool.Options) =>
        new Pool(origin, {
          ...options,
          ...(typeof options.connect === "function" ? { connect: overContinue(options.connect) } : {}),
        }),
    });
  }

  return {
    async post(headers, body, signal) {
      dispatcher ??= connectDispatcher();
      return exchange(await dispatcher, { origin: endpoint.url.origin, headers, body, timeouts }, signal);
    },
    async close() {
      await (await dispatcher)?.destroy();
    },
  };
}

interface Exchange {
  origin: string;
  headers: Record<string, string>;
  body: Buffer;
  timeouts: Timeouts;
}

/**
 * One request and its answer. It is driven by events rather than by `dispatcher.request`, because only these tell for
 * certain whether any of the request has been written, and so whether it may be repeated.
 *
 * A reused connection that the other side closes at the same moment ends in `lost`, like any reset: from here it cannot
 * be told from a request that arrived.
 */
export function exchange(dispatcher: Dispatcher, request: Exchange, signal?: AbortSignal): Promise<Outcome> {
  const { origin, headers, body, timeouts } = request;
  const uploadMs = (body.length / slowestUplink) * 1000;
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let settled = false;
    let status = 0;
    let answerHeaders: Record<string, string | string[] | undefined> = {};
    let size = 0;
    const pieces: Buffer[] = [];

    const settle = (outcome: Outcome) => {
      if (!settled) {
        settled = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        resolve(outcome);
      }
    };
    const giveUp = (reason: string) => {
      settle({ kind: controller ? "lost" : "notSent", reason });
      controller?.abort(new Error(reason));
    };
    const onAbort = () => giveUp("aborted");
    // Covers what the dispatcher's own timeouts do not: waiting for a proxy's answer, and a body that only drips.
    let timer = setTimeout(() => giveUp("connect timeout"), timeouts.connectMs);

    if (signal?.aborted) {
      onAbort();
      return;
    }
    signal?.addEventListener("abort", onAbort, { once: true });

    dispatcher.dispatch(
      { origin, path: "/", method: "POST", headers, body, headersTimeout: timeouts.headersMs + uploadMs },
      {
        onRequestStart(started) {
          // Called immediately before the first byte is written. What was given up is not written any more, and a
          // request that the dispatcher takes up a second time was written once already.
          if (settled || controller) {
            started.abort(new Error("given up"));
            giveUp("ECONNRESET");
            return;
          }
          controller = started;
          clearTimeout(timer);
          timer = setTimeout(() => giveUp("answer timeout"), timeouts.totalMs + uploadMs);
        },
        onResponseStart(_, statusCode, receivedHeaders) {
          status = statusCode;
          answerHeaders = receivedHeaders;
        },
        onResponseData(_, piece) {
          size += piece.length;
          if (size > maxAnswerBytes) {
            giveUp("answer too large");
            return;
          }
          pieces.push(piece);
        },
        onResponseEnd() {
          settle({ kind: "answered", status, headers: answerHeaders, body: Buffer.concat(pieces) });
        },
        onResponseError(_, error) {
          settle({ kind: controller ? "lost" : "notSent", reason: reasonOf(error) });
        },
      },
    );
  });
}

/** A connector whose connections read over 100 Continue. */
function overContinue(connector: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connector(options, (...result) => {
      const [error, socket] = result;
      if (error) callback(error, null);
      else callback(null, readOverContinue(socket));
    });
}

/**
 * Takes undici's own code off the errors of opening a tunnel. It takes some of these for passing and, when a proxy closes
 * the connection in place of an answer, opens the next at once, without end. A refusal is named by the proxy's status.
 */
function withPlainErrors(pool: Pool): Pool {
  const connect = pool.connect.bind(pool) as (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
  const connectOnce = async (options: Dispatcher.ConnectOptions) => {
    const data = await connect(options).catch((error: unknown) => {
      throw Object.assign(new Error("no tunnel"), { code: "ECONNRESET", cause: error });
    });
    if (data.statusCode === 200) return data;
    data.socket.on("error", () => {}).destroy();
    throw Object.assign(new Error("no tunnel"), { code: `PROXY_HTTP_${data.statusCode}` });
  };
  return Object.assign(pool, { connect: connectOnce });
}

/** A short code for what went wrong. Messages are left out: they may repeat what was sent or received. */
function reasonOf(error: unknown): string {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: { code?: unknown } };
  const found = [cause?.code, code, name].find((text) => typeof text === "string" && /^\w{1,60}$/.test(text));
  const reason = String(found ?? "unknown cause");
  return reasonNames[reason] ?? reason.replace(/^PROXY_HTTP_(\d+)$/, "HTTP $1 from the proxy");
}

const reasonNames: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: "connect timeout",
  UND_ERR_HEADERS_TIMEOUT: "headers timeout",
  UND_ERR_BODY_TIMEOUT: "body timeout",
  UND_ERR_SOCKET: "connection closed",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "answer cut short",
  HTTPParserError: "not HTTP",
};
