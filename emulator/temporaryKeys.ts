import { randomBytes } from "node:crypto";
import type { Key } from "./authentication";

/** A key that ends. */
export interface TemporaryKey extends Required<Pick<Key, "secretId" | "secretKey" | "token">> {
  /** By the emulator's clock (ms), in whole seconds. */
  readonly endsAt: number;
}

/** What was issued, ended keys too: these are known, and refused. */
export class TemporaryKeys {
  private readonly issued: TemporaryKey[] = [];

  issue(now: number, seconds: number): TemporaryKey {
    const key = {
      secretId: `AKID${randomBytes(24).toString("hex")}`,
      secretKey: randomBytes(24).toString("base64url"),
      token: randomBytes(96).toString("base64url"),
      endsAt: Math.floor(now / 1000 + seconds) * 1000,
    };
    this.issued.push(key);
    return key;
  }

  all(): readonly TemporaryKey[] {
    return this.issued;
  }

  /** As keys of the account at a time. */
  at(now: number): Key[] {
    return this.issued.map(({ endsAt, ...key }) => ({ ...key, ended: endsAt <= now }));
  }
}

/** The newest key of the role that the machine has: the same one is told until it soon ends. */
export class MachineKeys {
  private latest: TemporaryKey | undefined;

  constructor(private readonly keys: TemporaryKeys) {}

  current(now: number): TemporaryKey {
    if (!this.latest || this.latest.endsAt - now < renewBeforeMs) this.latest = this.keys.issue(now, lifetimeSeconds);
    return this.latest;
  }
}

const lifetimeSeconds = 21_600;
const renewBeforeMs = 600_000;
