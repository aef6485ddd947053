import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { createVodClient } from "../../../provider/vod/client";
import { keys, loopbackEndpoint, rejection, replies, submit, vodServer } from "./vodServer";

const accepted = JSON.stringify({ Response: { TaskId: "task-1", RequestId: "request-1" } });

describe("an answer that is compressed, though none is asked for", () => {
  test("nothing but the plain text is asked for", async () => {
    await using server = await vodServer(replies(200, accepted));
    await server.client().call("CreateAigcImageTask", submit);
    expect(server.received.map(({ headers }) => headers["accept-encoding"])).toEqual(["identity"]);
  });

  test.each([
    ["gzip", gzipSync(accepted)],
    ["GZip", gzipSync(accepted)],
    ["x-gzip", gzipSync(accepted)],
    ["deflate", deflateSync(accepted)],
    ["deflate", deflateRawSync(accepted)],
    ["br", brotliCompressSync(accepted)],
    ["identity", Buffer.from(accepted)],
    ["", Buffer.from(accepted)],
    ["deflate, gzip", gzipSync(deflateSync(accepted))],
    // Something in between decoded it and left the header.
    ["gzip", Buffer.from(accepted)],
  ])("is read: %s", async (encoding, body) => {
    await using server = await vodServer(replies(200, body, { "content-encoding": encoding }));
    const answer = await server.client().call("CreateAigcImageTask", submit);
    expect(answer.TaskId).toBe("task-1");
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ["zstd-next", Buffer.from("(compressed)"), "content-encoding zstd-next"],
    ["gzip", gzipSync(accepted).subarray(0, 30), "content-encoding gzip"],
    ["gzip, rot13", gzipSync(accepted).reverse(), "content-encoding gzip, rot13"],
    ["<script>", Buffer.from("?"), "content-encoding"],
    ["gzip", gzipSync(Buffer.alloc(11 * 1024 * 1024, " ")), "answer too large"],
  ])("that cannot be read is lost, named and sent once: %s", async (encoding, body, reason) => {
    await using server = await vodServer(replies(200, body, { "content-encoding": encoding }));
    const error = await rejection(server.client().call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "AnswerLostError", billed: "unknown", reason });
    expect(server.received).toHaveLength(1);
  });
});

/** A server that answers the nth request on a connection with the nth text, each in pieces. */
async function rawServer(...answers: (readonly string[])[]) {
  const sockets: Socket[] = [];
  let requests = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", async (data) => {
      if (!data.includes("POST / HTTP/1.1")) return;
      for (const piece of answers[requests++] ?? []) {
        await new Promise((resolve) => socket.write(piece, resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = createVodClient({
    endpoint: loopbackEndpoint((server.address() as AddressInfo).port),
    credentials: async () => keys,
    requestsPerSecond: 1000,
    env: {},
  });
  onTestFinished(async () => {
    await client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { client, requests: () => requests, connections: () => sockets.length };
}

const final = (head = "") =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}content-length: ${accepted.length}\r\n\r\n${accepted}`;
const chunked = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n${accepted.length.toString(16)}\r\n${accepted}\r\n0\r\nx-sum: 1\r\n\r\n`;
const goOn = "HTTP/1.1 100 Continue\r\n\r\n";

describe("answers before the answer", () => {
  test.each<[string, readonly string[]]>([
    ["100 Continue", [goOn, final()]],
    ["100 Continue in one piece with the answer", [goOn + final()]],
    ["100 Continue, byte by byte", [...goOn, final()]],
    ["100 without a reason, with headers", ["HTTP/1.1 100\r\nserver: gateway\r\nx: y\r\n\r\n", final()]],
    ["100 Continue twice", [goOn + goOn, final()]],
    [
      "102, 103 and 100",
      ["HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", goOn, final()],
    ],
    ["none, and a body in chunks with a trailer", [chunked]],
  ])("are read over: %s", async (_, pieces) => {
    const { client, requests } = await rawServer(pieces);
    const answer = await client.call("CreateAigcImageTask", submit);
    expect(answer.TaskId).toBe("task-1");
    expect(requests()).toBe(1);
  });

  test("may come before each of several answers on one connection", async () => {
    const { client, requests, connections } = await rawServer(
      [goOn, final()],
      [goOn + final()],
      [final()],
      [goOn, final()],
    );
    for (let count = 0; count < 4; count++) await client.call("CreateAigcImageTask", submit);
    expect(requests()).toBe(4);
    expect(connections()).toBeLessThan(4);
  });

  test("leave the answer's own text as it is", async () => {
    const text = "HTTP/1.1 100 Continue";
    const body = JSON.stringify({ Response: { TaskId: text, RequestId: "request-1" } });
    const { client } = await rawServer([
      `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`,
      body.slice(0, body.indexOf(text)),
      body.slice(body.indexOf(text)),
    ]);
    expect((await client.call("CreateAigcImageTask", submit)).TaskId).toBe(text);
  });

  test("that are all there is leave the answer lost, once", async () => {
    const { client, requests } = await rawServer([goOn, "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"]);
    const error = await rejection(client.call("CreateAigcImageTask", submit));
    expect(error).toMatchObject({ name: "AnswerLostError", billed: "unknown" });
    expect(requests()).toBe(1);
  });
});
