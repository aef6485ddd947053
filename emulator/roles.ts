/** A role of the account, and who may have its temporary keys. */
export interface Role {
  /** As `qcs::cam::uin/100000000001:roleName/pictures`. */
  readonly arn: string;
  /** What AssumeRole must give as ExternalId. @default nothing */
  readonly externalId?: string;
  /** The identity provider whose tokens AssumeRoleWithWebIdentity takes for it. @default none are taken */
  readonly providerId?: string;
  /** The `sub` that such a token must have. @default any */
  readonly subject?: string;
}

/** The one role that the emulator has when none are given. */
export const defaultRole: Role = { arn: "qcs::cam::uin/100000000001:roleName/emulator", providerId: "OIDC" };

/** What an OIDC token claims, where it is one. Who signed it is not looked at: the emulator knows no provider's keys. */
export function claimsOf(token: string): { sub?: unknown; exp?: unknown } | undefined {
  const [, payload, signature] = token.split(".");
  if (!payload || !signature) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
