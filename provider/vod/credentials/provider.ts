import { type Clock, systemClock } from "../clock";
import type { Endpoint } from "../endpoint";
import { ServiceClock } from "../serviceClock";
import { areSame, type Base, type CredentialOrigin, type CredentialSources, type Credentials } from "./credentials";
import { findCredentials } from "./find";
import { identityToken } from "./identityToken";
import type { Issued, IssuingOptions } from "./issued";
import { machineKeys } from "./metadata";
import { problem } from "./problems";
import { assumeRole, assumeRoleWithWebIdentity } from "./sts";

export interface CredentialProviderOptions {
  readonly sources: CredentialSources;
  readonly endpoint: Endpoint;
  readonly stsEndpoint: Endpoint;
  /** Time for waits. @default systemClock */
  readonly clock?: Clock;
  /** @default Date.now */
  readonly realNow?: () => number;
  /** Milliseconds that only ever rise. @default performance.now */
  readonly monotonicNow?: () => number;
  /** The service's time (ms), where VOD has told it. */
  readonly serviceNow?: () => number | undefined;
}

/** Temporary keys are renewed so long before they end, and short-lived ones in the last quarter of their time. */
const longestMarginMs = 5 * 60_000;

/** How long the present keys are used on after a renewal that failed, or gave no later end. */
const renewalPauseMs = 15_000;

interface Held {
  readonly credentials: Credentials;
  /** When they end (service's time, ms); keys that were found as they are tell no end. */
  readonly endsAt: number;
  /** When to renew them (the same): keys that were found as they are, at each request. */
  readonly renewAt: number;
}

/**
 * Gives the credentials that requests are signed with. Files are read anew for each request, and temporary keys renewed
 * before they end; all who wait share one renewal. Keys stay with the source that gave the first: a file that is just
 * being replaced must not lead to another account in the middle of an update.
 */
export class CredentialProvider {
  private readonly serviceClock: ServiceClock;
  private readonly realNow: () => number;
  private readonly monotonicNow: () => number;
  private origin: CredentialOrigin | undefined;
  private held: Held | undefined;
  private renewing: Promise<Held> | undefined;
  /** Until when no renewal is tried while the present keys are good (monotonic, ms). */
  private pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: CredentialProviderOptions) {
    this.realNow = options.realNow ?? Date.now;
    this.monotonicNow = options.monotonicNow ?? (() => performance.now());
    this.serviceClock = new ServiceClock(this.realNow, this.monotonicNow);
  }

  /**
   * Credentials that are good now.
   *
   * @param refused what the service has just refused: it is given again only where there is nothing newer
   * @throws ConfigurationError when there are none, and a TencentAigcError when they cannot be had at present
   */
  async get(refused?: Credentials): Promise<Credentials> {
    const held = this.goodKeys(refused);
    const now = this.now();
    if (held && (now < held.renewAt || this.monotonicNow() < this.pausedUntil)) return held.credentials;
    const renewal = this.renewal();
    if (held && Number.isFinite(held.endsAt) && now < (held.renewAt + held.endsAt) / 2) {
      // A request that needs the new keys waits for them, and gets their error; none has to before that.
      renewal.catch(() => {});
      return held.credentials;
    }
    try {
      return (await renewal).credentials;
    } catch (error) {
      const stillGood = this.goodKeys(refused);
      if (stillGood) return stillGood.credentials;
      throw error;
    }
  }

  /** What is at hand, unless it has ended or was refused. */
  private goodKeys(refused: Credentials | undefined): Held | undefined {
    const { held } = this;
    const isRefused = refused !== undefined && held !== undefined && areSame(held.credentials, refused);
    return held && !isRefused && this.now() < held.endsAt ? held : undefined;
  }

  /** One for all who ask meanwhile. */
  private renewal(): Promise<Held> {
    this.renewing ??= this.renew().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renew(): Promise<Held> {
    try {
      const before = this.held;
      const held = await this.obtain();
      this.held = held;
      const isLater = !Number.isFinite(held.endsAt) || held.endsAt > (before?.endsAt ?? 0);
      this.pausedUntil = isLater ? Number.NEGATIVE_INFINITY : this.monotonicNow() + renewalPauseMs;
      return held;
    } catch (error) {
      this.pausedUntil = this.monotonicNow() + renewalPauseMs;
      throw error;
    }
  }

  private async obtain(): Promise<Held> {
    const found = await findCredentials(this.options.sources);
    const { base, role, origin } = found;
    if (this.origin && this.origin.where !== origin.where) {
      const rule = `were taken from ${this.origin.where}, and are now found in ${origin.where} instead`;
      throw problem("Credentials for Tencent Cloud", rule, "Run the command again to use the others.");
    }
    const own = base.kind === "key" ? foundAsIs(base.credentials) : heldFrom(await this.issuedTo(base));
    const held = role ? heldFrom(await assumeRole(role, own.credentials, this.issuing())) : own;
    this.origin = origin;
    return held;
  }

  private async issuedTo(base: Exclude<Base, { kind: "key" }>): Promise<Issued> {
    if (base.kind === "machineRole") return machineKeys(base.roleName, this.issuing());
    const token = await identityToken(base.identity);
    return assumeRoleWithWebIdentity(base.identity, token, this.issuing());
  }

  private issuing(): IssuingOptions {
    const { sources, endpoint, stsEndpoint, clock = systemClock } = this.options;
    const { realNow, serviceClock } = this;
    return { env: sources.env, endpoint, stsEndpoint, clock, realNow, serviceClock };
  }

  /** The service's time where anything has told it, else this machine's (ms). */
  private now(): number {
    return this.options.serviceNow?.() ?? this.serviceClock.now() ?? this.realNow();
  }
}

function foundAsIs(credentials: Credentials): Held {
  return { credentials, endsAt: Number.POSITIVE_INFINITY, renewAt: Number.NEGATIVE_INFINITY };
}

function heldFrom({ credentials, endsAt, issuedAt }: Issued): Held {
  return { credentials, endsAt, renewAt: endsAt - Math.min(longestMarginMs, (endsAt - issuedAt) / 4) };
}
