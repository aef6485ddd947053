/**
 * Verifies TC3-HMAC-SHA256 as any client may have signed it: any list of signed headers that has `content-type` and
 * `host`, any bytes of JSON. Written from the signing rules alone, apart from this package's own signer, so that the two
 * cannot share a mistake.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { serviceOf } from "./actionNames";
import { ApiError } from "./apiError";

/** A key of the one account that the emulator knows. */
export interface Key {
  readonly secretId: string;
  readonly secretKey: string;
  /** With a session token every request of this key must carry it; without one, none may. */
  readonly token?: string;
  /** Whether it was good for a while only, and that is over. */
  readonly ended?: boolean;
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

/**
 * Throws an `AuthFailure` unless the request was signed with one of `keys` within 5 minutes of one of `times`, in
 * milliseconds. There are two: a client may sign by the time that answers tell, and by the machine's clock, which does
 * not move with the emulator's.
 */
export function authenticate(request: SignedRequest, keys: readonly Key[], times: readonly number[]): void {
  const { headers } = request;
  const [, secretId, date, service, headerList, signature] = form.exec(headers.authorization ?? "") ?? [];
  if (!secretId || !date || !service || !headerList || !signature) {
    throw new ApiError(
      "AuthFailure.InvalidAuthorization",
      "The Authorization header is missing or is not TC3-HMAC-SHA256 with Credential, SignedHeaders and Signature. A GET or " +
        "a form may be signed by its parameters instead, with SignatureMethod HmacSHA256 or HmacSHA1.",
    );
  }
  const names = headerList.split(";");
  if (!names.includes("content-type") || !names.includes("host")) {
    throw new ApiError("AuthFailure.InvalidAuthorization", "SignedHeaders must include content-type and host.");
  }
  const key = findKey(keys, secretId);
  checkTime(headers["x-tc-timestamp"], date, times);

  const hosts = hostSpellings(headers.host ?? "");
  // The official SDKs sign the first label of the endpoint as the service, which on loopback is part of the address.
  if (service !== serviceOf(headers["x-tc-action"]) && !hosts.some((host) => host.split(".")[0] === service))
    throw signatureFailure();
  const signingKey = deriveKey(key.secretKey, date, service);
  const matches = hosts.some((host) => {
    const canonical = canonicalRequest(request, names, host);
    const text = `TC3-HMAC-SHA256\n${headers["x-tc-timestamp"]}\n${date}/${service}/tc3_request\n${sha256(canonical)}`;
    return timingSafeEqual(createHmac("sha256", signingKey).update(text).digest(), Buffer.from(signature, "hex"));
  });
  if (!matches) throw signatureFailure();

  checkToken(key, headers["x-tc-token"]);
}

export function findKey(keys: readonly Key[], secretId: string): Key {
  const key = keys.find((one) => one.secretId === secretId);
  if (!key) throw new ApiError("AuthFailure.SecretIdNotFound", "The SecretId is not found.");
  return key;
}

export function checkToken(key: Key, token: unknown): void {
  if (key.ended) throw new ApiError("AuthFailure.TokenFailure", "The temporary key has ended.");
  if ((token || undefined) !== key.token) {
    throw new ApiError("AuthFailure.TokenFailure", "The session token is missing, or is not the one of this key.");
  }
}

/** Keys of the days and services seen last: deriving one costs more than all else here. */
const signingKeys = new Map<string, Buffer>();
const mostSigningKeys = 64;

function deriveKey(secretKey: string, date: string, service: string): Buffer {
  const name = [secretKey, date, service].join("\n");
  const known = signingKeys.get(name);
  if (known) return known;
  const parts = [date, service, "tc3_request"];
  const key = parts.reduce<Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    Buffer.from(`TC3${secretKey}`),
  );
  if (signingKeys.size >= mostSigningKeys) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

function checkTime(timestamp: unknown, date: string, times: readonly number[]): void {
  if (!isTimely(timestamp, times)) throw signatureExpired("X-TC-Timestamp");
  if (new Date(Number(timestamp) * 1000).toISOString().slice(0, 10) !== date) throw signatureFailure();
}

/** Whether a timestamp in seconds is within 5 minutes of one of `times`. */
export function isTimely(timestamp: unknown, times: readonly number[]): boolean {
  const seconds = typeof timestamp === "string" && /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  return times.some((time) => Math.abs(time / 1000 - seconds) <= allowedSkewSeconds);
}

export function signatureExpired(name: string): ApiError {
  return new ApiError(
    "AuthFailure.SignatureExpire",
    `${name} is missing or differs from the server's time by more than 5 minutes.`,
  );
}

/** Clients sign the host with its port or, as the official SDKs do, without. */
export function hostSpellings(host: string): string[] {
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

export function signatureFailure(): ApiError {
  return new ApiError(
    "AuthFailure.SignatureFailure",
    "The provided credentials could not be validated: the signature is not that of this request under the SecretKey.",
  );
}
