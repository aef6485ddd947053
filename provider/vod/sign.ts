import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "./credentials/credentials";

/** The content type that is signed, and must be sent to the letter. */
export const contentType = "application/json";

const algorithm = "TC3-HMAC-SHA256";
const signedHeaders = "content-type;host";
const scopeEnd = "tc3_request";

export interface Signable {
  /** Host name without port: that is what official clients sign, whatever the Host header says. */
  hostname: string;
  /** The bytes of the body, exactly as they are sent. */
  body: Buffer | string;
  /** Seconds since the epoch; the service allows 5 minutes of difference. */
  timestamp: number;
  /** @default "vod" */
  service?: string;
  /** @default "application/json" */
  contentType?: string;
}

/** The key of one day and service, and the two steps towards it. */
export type SigningKey = ReturnType<typeof deriveKey>;

let latest: { readonly of: string; readonly key: SigningKey } | undefined;

/** The same for all requests of a day, so that the latest is kept. */
export function signingKey(secretKey: string, date: string, service: string): SigningKey {
  const of = JSON.stringify([secretKey, date, service]);
  if (latest?.of !== of) latest = { of, key: deriveKey(secretKey, date, service) };
  return latest.key;
}

function deriveKey(secretKey: string, date: string, service: string) {
  const kDate = hmac(`TC3${secretKey}`, date);
  const kService = hmac(kDate, service);
  return { kDate, kService, kSigning: hmac(kService, scopeEnd) };
}

/** The canonical form of a POST to `/`, signing exactly `content-type` and `host`. */
export function canonicalRequest(request: Signable): string {
  const type = request.contentType ?? contentType;
  const headers = [`content-type:${type}`, `host:${request.hostname}`, ""];
  return ["POST", "/", "", ...headers, signedHeaders, sha256(request.body)].join("\n");
}

/**
 * The `Authorization` header of a POST, signed with TC3-HMAC-SHA256. Action, version, token and language are not part
 * of the signature.
 */
export function authorization(credentials: Credentials, request: Signable): string {
  const service = request.service ?? "vod";
  const date = new Date(request.timestamp * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/${scopeEnd}`;
  const stringToSign = [algorithm, request.timestamp, scope, sha256(canonicalRequest(request))].join("\n");
  const { kSigning } = signingKey(credentials.secretKey, date, service);
  const signature = hmac(kSigning, stringToSign).toString("hex");
  return `${algorithm} Credential=${credentials.secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

function sha256(data: Buffer | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
