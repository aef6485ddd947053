/** A client that shares no code with the package: it signs and sends by the service's rules, and can be told to break them. */
import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import type { Emulator } from "../../../emulator";

export interface Signing {
  secretId?: string;
  secretKey?: string;
  token?: string;
  service?: string;
  /** Seconds since 1970. */
  timestamp?: number;
  signedHeaders?: string[];
  headers?: Record<string, string>;
  version?: string;
  contentType?: string;
  /** The host as it is signed. */
  host?: string;
}

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  response: any;
}

export const subAppId = 251007502;

/** The least request there is, with what is given changed in it. */
export function car(changes: object = {}): object {
  return { SubAppId: subAppId, ModelName: "GG", ModelVersion: "2.5", Prompt: "generate a car", ...changes };
}

export function signedHeaders(
  emulator: Emulator,
  action: string,
  body: string | Buffer,
  signing: Signing = {},
): Record<string, string> {
  const { secretId = emulator.secretId, secretKey = emulator.secretKey, token, service = "vod" } = signing;
  const { timestamp = Math.floor(Date.now() / 1000), signedHeaders = ["content-type", "host"] } = signing;
  const { contentType = "application/json", version = "2018-07-17" } = signing;
  const headers: Record<string, string> = {
    "content-type": contentType,
    host: new URL(emulator.url).host,
    "x-tc-action": action,
    "x-tc-version": version,
    "x-tc-timestamp": String(timestamp),
    ...(token === undefined ? {} : { "x-tc-token": token }),
    ...signing.headers,
  };
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const canonicalHeaders = signedHeaders.map((name) => {
    const value = name === "host" ? (signing.host ?? headers["host"]) : headers[name];
    return `${name}:${value}\n`;
  });
  const unsigned = headers["x-tc-content-sha256"];
  const canonical = ["POST", "/", "", canonicalHeaders.join(""), signedHeaders.join(";"), sha256(unsigned ?? body)];
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical.join("\n"))}`;
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), service), "tc3_request");
  const signature = hmac(key, text).toString("hex");
  const names = signedHeaders.join(";");
  headers["authorization"] =
    `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return headers;
}

/** Sends a signed request, on a connection of its own. Rejects when the connection breaks. */
export function call(emulator: Emulator, action: string, parameters: unknown, signing?: Signing): Promise<Answered> {
  const body = typeof parameters === "string" ? parameters : JSON.stringify(parameters);
  return send(`${emulator.url}/`, "POST", signedHeaders(emulator, action, body, signing), body);
}

export function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: string | Buffer = "",
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = incoming.headers["content-type"]?.startsWith("application/json");
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          response: isJson && text.startsWith("{") ? (JSON.parse(text).Response ?? JSON.parse(text)) : undefined,
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** What came over a raw socket, and how it ended. */
export interface Wire {
  text: string;
  end: "closed" | "reset" | "open";
}

/**
 * Sends a signed request over a raw socket and gives what comes back, once the connection ends or `until` holds for the
 * text so far.
 */
export function overSocket(
  emulator: Emulator,
  action: string,
  parameters: unknown,
  until: (text: string) => boolean = () => false,
): Promise<Wire> {
  const body = JSON.stringify(parameters);
  const headers = { ...signedHeaders(emulator, action, body), "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve) => {
    let text = "";
    const { hostname, port } = new URL(emulator.url);
    const socket = connect(Number(port), hostname);
    const done = (end: Wire["end"]): void => {
      resolve({ text, end });
      socket.destroy();
    };
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      text += chunk;
      if (until(text)) done("open");
    });
    socket.on("error", () => done("reset"));
    socket.on("end", () => done("closed"));
    socket.write(`POST / HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
  });
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
