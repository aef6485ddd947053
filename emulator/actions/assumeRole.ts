import { ApiError } from "../apiError";
import { isoTime } from "../clock";
import { type Parameters, refuseUnplayed, requiredText, text, whole } from "../parameters";
import { claimsOf, type Role } from "../roles";
import type { Service } from "../service";
import type { Action } from "./action";

const longestSeconds = 43_200;

/** Temporary keys of a role, for any key of the account. */
export const assumeRole: Action = {
  version: "2018-08-13",
  parameters: [
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "Policy",
    "ExternalId",
    "Tags",
    "SourceIdentity",
    "SerialNumber",
    "TokenCode",
  ],
  pace: "read",
  answer(parameters, service) {
    refuseUnplayed(parameters, ["Policy", "Tags", "SourceIdentity", "SerialNumber", "TokenCode"]);
    const role = roleAsked(parameters, service);
    if (role.externalId !== text(parameters, "ExternalId")) throw untrusted();
    return issue(parameters, service);
  },
};

/** The same for a token of an identity provider. It is not signed: the token is what proves. */
export const assumeRoleWithWebIdentity: Action = {
  version: "2018-08-13",
  parameters: ["ProviderId", "WebIdentityToken", "RoleArn", "RoleSessionName", "DurationSeconds"],
  pace: "read",
  unsigned: true,
  answer(parameters, service) {
    const provider = requiredText(parameters, "ProviderId");
    const claims = claimsOf(requiredText(parameters, "WebIdentityToken"));
    const role = roleAsked(parameters, service);
    if (role.providerId !== provider) throw untrusted();
    const isGood = typeof claims?.exp === "number" && claims.exp * 1000 > service.clock.now();
    if (!isGood) {
      throw new ApiError("InvalidParameter.WebIdentityTokenError", "The token is no OIDC token, or it has expired.");
    }
    if (role.subject !== undefined && claims?.sub !== role.subject) throw untrusted();
    return issue(parameters, service);
  },
};

function roleAsked(parameters: Parameters, service: Service): Role {
  const arn = requiredText(parameters, "RoleArn");
  const role = service.options.roles.find((one) => one.arn === arn);
  if (!role) throw new ApiError("ResourceNotFound.RoleNotFound", "The role of the account does not exist.");
  return role;
}

function issue(parameters: Parameters, service: Service) {
  const session = requiredText(parameters, "RoleSessionName");
  if (!/^[\w+=,.@-]{2,128}$/.test(session)) {
    throw new ApiError("InvalidParameter.ParamError", "RoleSessionName must have 2 to 128 of a-zA-Z0-9_+=,.@-.");
  }
  const limits = { least: 1, most: longestSeconds, code: "InvalidParameter.OverTimeError" };
  const seconds = whole(parameters, "DurationSeconds", limits) ?? 7200;
  const { secretId, secretKey, token, endsAt } = service.temporaryKeys.issue(service.clock.now(), seconds);
  return {
    Credentials: { Token: token, TmpSecretId: secretId, TmpSecretKey: secretKey },
    ExpiredTime: endsAt / 1000,
    Expiration: isoTime(endsAt),
  };
}

function untrusted(): ApiError {
  return new ApiError("UnauthorizedOperation", "The role does not trust who asks for it.");
}
