import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createVodClient, type VodClient, type VodClientOptions } from "../../../provider/vod/client";
import { type Endpoint, parseEndpoint } from "../../../provider/vod/endpoint";

export const keys = { secretId: "AKIDEXAMPLE", secretKey: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE" };

export interface Received {
  action: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** How one request is answered. */
export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

export interface VodServer extends AsyncDisposable {
  endpoint: Endpoint;
  received: Received[];
  /** A client of this server; it ends with the server. */
  client(options?: Partial<VodClientOptions>): VodClient;
}

/** A server on loopback that answers one request after the other as told, the last way for all that follow. */
export async function vodServer(...replies: Reply[]): Promise<VodServer> {
  const received: Received[] = [];
  const clients: VodClient[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString("utf8");
    received.push({ action: String(request.headers["x-tc-action"]), headers: request.headers, body });
    const reply = replies[Math.min(received.length, replies.length) - 1];
    reply?.(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = loopbackEndpoint((server.address() as AddressInfo).port);
  return {
    endpoint,
    received,
    client(options = {}) {
      const { clock } = options;
      const client = createVodClient({
        endpoint,
        credentials: async () => keys,
        requestsPerSecond: 1000,
        env: {},
        ...(clock ? { realNow: () => clock.now(), monotonicNow: () => clock.now() } : {}),
        ...options,
      });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      server.closeAllConnections();
      server.close();
    },
  };
}

export function loopbackEndpoint(port: number): Endpoint {
  return endpointOf(`http://127.0.0.1:${port}`);
}

export function endpointOf(url: string): Endpoint {
  const endpoint = parseEndpoint(url, {});
  if (typeof endpoint === "string") {
    throw new Error(endpoint);
  }
  return endpoint;
}

/** Answers as the API does. */
export function answers(content: object, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ Response: { RequestId: "request-1", ...content } }));
  };
}

export function refuses(code: string, message = "refused", headers: Record<string, string> = {}): Reply {
  return answers({ Error: { Code: code, Message: message } }, headers);
}

export const accepts = answers({ TaskId: "task-1" });

/** Closes the connection with a reset, before a byte of an answer. */
export const resets: Reply = (_, request) => {
  request.socket.resetAndDestroy();
};

/** Never answers. */
export const stalls: Reply = () => {};

/** Answers with any bytes. */
export function replies(status: number, body: string | Buffer, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

export const submit = {
  SubAppId: 251007502,
  ModelName: "GG",
  ModelVersion: "2.5",
  Prompt: "a lighthouse in fog",
  SessionId: "pta-0123456789abcdef",
};

/** What a call rejects with; fails when it does not. */
export async function rejection(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("the call succeeded");
}
