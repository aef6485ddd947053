/**
 * Verifies signature method v1, HmacSHA256 or HmacSHA1, of a GET or a form. Written from the signing rules alone: method,
 * host, path and all parameters but the signature, sorted by name and as they are before encoding.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { ApiError } from "./apiError";
import {
  checkToken,
  findKey,
  hostSpellings,
  isTimely,
  type Key,
  signatureExpired,
  signatureFailure,
} from "./authentication";
import type { Fields } from "./form";
import type { RequestHead } from "./requestHead";

/** What belongs to every request and not to its action. */
export const commonParameters: ReadonlySet<string> = new Set([
  "Action",
  "Language",
  "Nonce",
  "Region",
  "RequestClient",
  "SecretId",
  "Signature",
  "SignatureMethod",
  "Timestamp",
  "Token",
  "Version",
]);

const digests: Readonly<Record<string, string>> = { HmacSHA1: "sha1", HmacSHA256: "sha256" };

/** Throws the service's error unless the request was signed with one of `keys` within 5 minutes of one of `times`. */
export function authenticateV1(
  head: RequestHead,
  fields: Fields,
  keys: readonly Key[],
  times: readonly number[],
): void {
  const { SecretId, Signature, Timestamp } = required(fields, ["SecretId", "Signature", "Timestamp", "Nonce"] as const);
  const method = fields.get("SignatureMethod") || "HmacSHA1";
  const digest = Object.hasOwn(digests, method) ? digests[method] : undefined;
  if (digest === undefined) {
    throw new ApiError("InvalidParameterValue", "The parameter SignatureMethod must be HmacSHA256 or HmacSHA1.");
  }
  const key = findKey(keys, SecretId);
  if (!isTimely(Timestamp, times)) throw signatureExpired("Timestamp");
  const given = Buffer.from(Signature, "base64");
  const matches = hostSpellings(head.headers.host ?? "").some((host) => {
    const text = `${head.method}${host}/?${signedText(fields)}`;
    const expected = createHmac(digest, key.secretKey).update(text).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!matches) throw signatureFailure();
  checkToken(key, fields.get("Token"));
}

function signedText(fields: Fields): string {
  return [...fields.keys()]
    .filter((name) => name !== "Signature")
    .sort()
    .map((name) => `${name}=${fields.get(name)}`)
    .join("&");
}

function required<N extends string>(fields: Fields, names: readonly N[]): Record<N, string> {
  const missing = names.find((name) => !fields.get(name));
  if (missing !== undefined) {
    throw new ApiError(
      missing === "Signature" || missing === "SecretId" ? "AuthFailure.InvalidAuthorization" : "MissingParameter",
      `The parameter ${missing} is missing. A request has an Authorization header of TC3-HMAC-SHA256, or the parameters ` +
        "SecretId, Timestamp, Nonce, SignatureMethod (HmacSHA256 or HmacSHA1) and Signature.",
    );
  }
  return Object.fromEntries(names.map((name) => [name, fields.get(name) ?? ""])) as Record<N, string>;
}
