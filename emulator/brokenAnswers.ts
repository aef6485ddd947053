/** Answers that go wrong on the wire, one function each. Each is done with the connection when it returns. */
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Fault, FaultKind } from "./faults";

/** Breaks `body`, the JSON of the proper answer; it is empty for a request that was not looked at. */
export type Break = (outgoing: ServerResponse, body: string, fault: Fault) => void | Promise<void>;

const json = "application/json";

export const breaks: { readonly [K in FaultKind]?: Break } = {
  refuseConnection: reset,
  acceptThenReset: reset,
  gatewayError: (outgoing, _, fault) => gatewayPage(outgoing, Number(fault.status ?? 502)),
  acceptThenGatewayError: (outgoing, _, fault) => gatewayPage(outgoing, Number(fault.status ?? 504)),
  redirect(outgoing, _, fault) {
    outgoing.writeHead(Number(fault.status ?? 307), { location: fault.location ?? "http://127.0.0.1:9/" }).end();
  },
  acceptThenStall: writeHalf,
  acceptThenCutBody(outgoing, body) {
    writeHalf(outgoing, body);
    outgoing.socket?.end();
  },
  oversized(outgoing, body) {
    outgoing.writeHead(200, { "content-type": json });
    outgoing.end(`${body.slice(0, -1)}${" ".repeat(11 * 1024 * 1024)}}`);
  },
  wrongContentType: (outgoing, body) => void outgoing.writeHead(200, { "content-type": "text/html" }).end(body),
  bom: (outgoing, body) => void outgoing.writeHead(200, { "content-type": json }).end(`\uFEFF${body}`),
  async splitChunks(outgoing, body) {
    outgoing.writeHead(200, { "content-type": json });
    for (const byte of Buffer.from(body)) {
      outgoing.write(Buffer.from([byte]));
      await nextTurn();
    }
    outgoing.end();
  },
};

function reset(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}

/** Promises the whole body and sends half of it. */
function writeHalf(outgoing: ServerResponse, body: string): void {
  const bytes = Buffer.from(body);
  outgoing.writeHead(200, { "content-type": json, "content-length": bytes.length });
  outgoing.write(bytes.subarray(0, bytes.length >> 1));
}

function gatewayPage(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { "content-type": "text/html" });
  outgoing.end(`<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>`);
}
