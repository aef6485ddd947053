/** Answers that go wrong on the wire. The connection is done with, or left open by the fault, when each returns. */
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ArmedFault, FaultKindOf } from "./faultKinds";

const json = "application/json";

/** What becomes of a request that is not looked at. */
export function breakRequest(
  outgoing: ServerResponse,
  fault: ArmedFault<Exclude<FaultKindOf<"gateway">, "slow">>,
): void {
  switch (fault.kind) {
    case "refuseConnection":
      reset(outgoing);
      break;
    case "gatewayError":
      gatewayPage(outgoing, fault.status);
      break;
    case "redirect":
      outgoing.writeHead(fault.status, { location: fault.location }).end();
      break;
    case "stall":
      // Never answered.
      break;
  }
}

/** Sends `body`, the JSON of the answer, as a fault has it. */
export async function sendAnswer(
  outgoing: ServerResponse,
  body: string,
  fault: ArmedFault<FaultKindOf<"answer">> | undefined,
): Promise<void> {
  switch (fault?.kind) {
    case "acceptThenReset":
      return reset(outgoing);
    case "acceptThenGatewayError":
      return gatewayPage(outgoing, fault.status);
    case "acceptThenStall":
      return writeHalf(outgoing, body);
    case "acceptThenCutBody":
      writeHalf(outgoing, body);
      return void outgoing.socket?.end();
    case "oversized":
      return send(outgoing, `${body.slice(0, -1)}${" ".repeat(11 * 1024 * 1024)}}`);
    case "wrongContentType":
      return send(outgoing, body, "text/html");
    case "bom":
      return send(outgoing, `\uFEFF${body}`);
    case "splitChunks":
      return writeBytes(outgoing, body);
    default:
      return send(outgoing, body);
  }
}

function send(outgoing: ServerResponse, body: string, contentType = json): void {
  outgoing.writeHead(200, { "content-type": contentType }).end(body);
}

async function writeBytes(outgoing: ServerResponse, body: string): Promise<void> {
  outgoing.writeHead(200, { "content-type": json });
  for (const byte of Buffer.from(body)) {
    outgoing.write(Buffer.from([byte]));
    await nextTurn();
  }
  outgoing.end();
}

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
