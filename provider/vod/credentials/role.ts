import { type CredentialSources, given, type Role } from "./credentials";
import { problem } from "./problems";

export const defaultSessionName = "pulumi-tencent-aigc";
export const defaultDurationSeconds = 7200;
const longestDurationSeconds = 43_200;

interface RoleValues<T> {
  readonly arn: T;
  readonly sessionName: T;
  readonly durationSeconds?: T;
  readonly externalId?: T;
}

interface RoleParts {
  readonly where: string;
  readonly names: RoleValues<string>;
  readonly parts: RoleValues<string | undefined>;
}

const fix = "docs/credentials.md shows how a role is assumed.";

/**
 * The role that a source names; `undefined` when it names none.
 *
 * @throws ConfigurationError when it says how to assume one, but not which
 */
export function roleOf({ where, names, parts }: RoleParts): Role | undefined {
  const arn = given(parts.arn);
  const externalId = given(parts.externalId);
  const rest = [
    given(parts.sessionName) ? names.sessionName : [],
    given(parts.durationSeconds) ? (names.durationSeconds ?? []) : [],
    externalId ? (names.externalId ?? []) : [],
  ].flat();
  if (!arn) {
    if (rest.length > 0) {
      throw problem(where, `gives ${rest.join(" and ")} but not ${names.arn}`, fix);
    }
    return undefined;
  }
  return {
    arn: readArn(arn, names.arn),
    sessionName: readSessionName(parts.sessionName, names.sessionName),
    durationSeconds: readDuration(parts.durationSeconds, names.durationSeconds ?? ""),
    ...(externalId === undefined ? {} : { externalId }),
  };
}

/** The role that the stack's config names. */
export function configRole({ configured }: CredentialSources): Role | undefined {
  return roleOf({
    where: "the stack's config",
    names: {
      arn: "tencent-aigc:assumeRoleArn",
      sessionName: "tencent-aigc:assumeRoleSessionName",
      durationSeconds: "tencent-aigc:assumeRoleSessionDuration",
      externalId: "tencent-aigc:assumeRoleExternalId",
    },
    parts: {
      arn: configured.assumeRoleArn,
      sessionName: configured.assumeRoleSessionName,
      durationSeconds: configured.assumeRoleSessionDuration,
      externalId: configured.assumeRoleExternalId,
    },
  });
}

export const roleVariables = {
  arn: "TENCENTCLOUD_ASSUME_ROLE_ARN",
  sessionName: "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME",
  durationSeconds: "TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION",
  externalId: "TENCENTCLOUD_ASSUME_ROLE_EXTERNAL_ID",
} as const;

/** The role that the environment names. */
export function environmentRole({ env }: CredentialSources): Role | undefined {
  return roleOf({
    where: "the environment",
    names: roleVariables,
    parts: {
      arn: env[roleVariables.arn],
      sessionName: env[roleVariables.sessionName],
      durationSeconds: env[roleVariables.durationSeconds],
      externalId: env[roleVariables.externalId],
    },
  });
}

export function readArn(arn: string, name: string): string {
  if (!/^qcs::[\x21-\x7e]+$/.test(arn)) {
    throw problem(name, "must be the name of a role, such as qcs::cam::uin/100000000001:roleName/pictures", fix);
  }
  return arn;
}

export function readSessionName(text: string | undefined, name: string): string {
  const sessionName = given(text) ?? defaultSessionName;
  if (!/^[\w+=,.@-]{2,128}$/.test(sessionName)) {
    throw problem(name, "must have 2 to 128 of the characters a-z, A-Z, 0-9 and _+=,.@-", fix);
  }
  return sessionName;
}

export function readDuration(text: string | undefined, name: string): number {
  const duration = given(text) ?? String(defaultDurationSeconds);
  const seconds = /^\d+$/.test(duration) ? Number(duration) : Number.NaN;
  if (!(seconds >= 1 && seconds <= longestDurationSeconds)) {
    throw problem(name, `must be a whole number of seconds from 1 to ${longestDurationSeconds}`, fix);
  }
  return seconds;
}
