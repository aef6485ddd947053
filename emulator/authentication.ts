/**
 * Verifies TC3-HMAC-SHA256 as any client may have signed it: any list of signed headers that has `content-type` and
 * `host`, any bytes of JSON. Written from the signing rules alone, apart from this package's own signer, so that the two
 * cannot share a mistake.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "./apiError";

/** The one account that the emulator knows. */
export interface Account {
  secretId: string;
  secretKey: string;
  /** With a session token every request must carry it; without one, none may. */
  token?: string;
}

export interface SignedRequest {
  method: string;
  /** What follows `?`, or nothing. */
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const allowedSkewSeconds = 300;
const form =
  /^TC3-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{4}-\d{2}-\d{2})\/([^/,\s]+)\/tc3_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;

/** Throws an `AuthFailure` unless the request was signed by `account` within 5 minutes of `now`, in real milliseconds. */
export function authenticate(request: SignedRequest, account: Account, now = Date.now()): void {
  const { headers } = request;
  const [, secretId, date, service, headerList, signature] = form.exec(headers.authorization ?? "") ?? [];
  if (!secretId || !date || !service || !headerList || !signature) {
    throw new ApiError(
      "AuthFailure.InvalidAuthorization",
      "The Authorization header is missing or is not TC3-HMAC-SHA256 with Credential, SignedHeaders and Signature.",
    );
  }
  const names = headerList.split(";");
  if (!names.includes("content-type") || !names.includes("host")) {
    throw new ApiError("AuthFailure.InvalidAuthorization", "SignedHeaders must include content-type and host.");
  }
  if (secretId !== account.secretId) throw new ApiError("AuthFailure.SecretIdNotFound", "The SecretId is not found.");
  checkTime(headers["x-tc-timestamp"], date, now);

  const hosts = hostSpellings(headers.host ?? "");
  // The official SDKs sign the first label of the endpoint as the service, which on loopback is part of the address.
  if (service !== "vod" && !hosts.some((host) => host.split(".")[0] === service)) throw signatureFailure();
  const key = signingKey(account.secretKey, date, service);
  const matches = hosts.some((host) => {
    const canonical = canonicalRequest(request, names, host);
    const text = `TC3-HMAC-SHA256\n${headers["x-tc-timestamp"]}\n${date}/${service}/tc3_request\n${sha256(canonical)}`;
    return timingSafeEqual(createHmac("sha256", key).update(text).digest(), Buffer.from(signature, "hex"));
  });
  if (!matches) throw signatureFailure();

  if ((headers["x-tc-token"] || undefined) !== account.token) {
    throw new ApiError("AuthFailure.TokenFailure", "The session token is missing, or is not the one of this key.");
  }
}

/** Keys of the days and services seen, of which there are few: deriving one costs more than all else here. */
const signingKeys = new Map<string, Buffer>();

function signingKey(secretKey: string, date: string, service: string): Buffer {
  const name = [secretKey, date, service].join("\n");
  const known = signingKeys.get(name);
  if (known) return known;
  const parts = [date, service, "tc3_request"];
  const key = parts.reduce<Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    Buffer.from(`TC3${secretKey}`),
  );
  signingKeys.set(name, key);
  return key;
}

function checkTime(timestamp: unknown, date: string, now: number): void {
  const seconds = typeof timestamp === "string" && /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (!(Math.abs(now / 1000 - seconds) <= allowedSkewSeconds)) {
    throw new ApiError(
      "AuthFailure.SignatureExpire",
      "X-TC-Timestamp is missing or differs from the server's time by more than 5 minutes.",
    );
  }
  if (new Date(seconds * 1000).toISOString().slice(0, 10) !== date) throw signatureFailure();
}

/** Clients sign the host with its port or, as the official SDKs do, without. */
function hostSpellings(host: string): string[] {
  return [...new Set([host.replace(/:\d+$/, ""), host])].map((spelling) => spelling.toLowerCase());
}

function canonicalRequest(request: SignedRequest, names: string[], host: string): string {
  const lines = names.map((name) => {
    const value = name === "host" ? host : request.headers[name];
    return `${name}:${String(value ?? "").trim()}\n`;
  });
  const unsigned = request.headers["x-tc-content-sha256"] === "UNSIGNED-PAYLOAD";
  const payload = sha256(unsigned ? "UNSIGNED-PAYLOAD" : request.body);
  return [request.method, "/", request.query, lines.join(""), names.join(";"), payload].join("\n");
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function signatureFailure(): ApiError {
  return new ApiError(
    "AuthFailure.SignatureFailure",
    "The provided credentials could not be validated: the signature is not that of this request under the SecretKey.",
  );
}
