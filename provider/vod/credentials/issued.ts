import type { Clock } from "../clock";
import type { Endpoint } from "../endpoint";
import type { ServiceClock } from "../serviceClock";
import type { Credentials } from "./credentials";

/** What asking for temporary keys takes. */
export interface IssuingOptions {
  /** Where VOD is: an emulator of it has the metadata of the machine as well. */
  readonly endpoint: Endpoint;
  readonly stsEndpoint: Endpoint;
  /** Where the proxy variables and the region are looked up. */
  readonly env: NodeJS.ProcessEnv;
  /** Time for waits between tries. */
  readonly clock: Clock;
  /** This machine's time in milliseconds since the epoch. */
  readonly realNow: () => number;
  /** Learns the service's time from every answer. */
  readonly serviceClock: ServiceClock;
}

/** Temporary keys, as the service that issues them answers. */
export interface Issued {
  readonly credentials: Credentials;
  /** When they end (service's time, ms). */
  readonly endsAt: number;
  /** When they were had (the same). */
  readonly issuedAt: number;
}

/**
 * Reads what STS calls `Credentials`, and the metadata service has at its top level.
 *
 * @returns undefined where a part is missing, or could not be sent
 */
export function readIssued(values: object, expiredTime: unknown, issuedAt: number): Issued | undefined {
  const { TmpSecretId, TmpSecretKey, Token } = Object.fromEntries(Object.entries(values));
  if (!isPart(TmpSecretId) || !isPart(TmpSecretKey) || !isPart(Token)) return undefined;
  if (typeof expiredTime !== "number" || !(expiredTime > 0)) return undefined;
  const credentials = { secretId: TmpSecretId, secretKey: TmpSecretKey, token: Token };
  return { credentials, endsAt: expiredTime * 1000, issuedAt };
}

function isPart(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}
