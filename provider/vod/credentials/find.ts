import { configKey } from "./configKey";
import {
  type Base,
  type CredentialOrigin,
  type CredentialSources,
  type FoundBase,
  isFound,
  type Lookup,
  type Role,
} from "./credentials";
import { environmentKey } from "./environmentKey";
import { machineRole } from "./machineRole";
import { podIdentity } from "./pod";
import { problem } from "./problems";
import { configProfile, environmentProfile } from "./profile";
import { configRole, environmentRole, roleVariables } from "./role";
import { namesWebIdentity, webIdentity } from "./webIdentity";

/** What credentials are made from. */
export interface Found {
  readonly base: Base;
  /** The role that is assumed with what `base` gives. */
  readonly role: Role | undefined;
  readonly origin: CredentialOrigin;
}

/** In the order in which they are asked. */
const lookups: readonly ((sources: CredentialSources) => Lookup | Promise<Lookup>)[] = [
  configKey,
  configProfile,
  environmentKey,
  environmentProfile,
  webIdentity,
  podIdentity,
  machineRole,
];

/**
 * The first source that gives anything. One source gives all parts; a part is never taken from another. Nothing is sent.
 *
 * @throws ConfigurationError when there is none, or one gives only some of what it must. It never holds their values.
 */
export async function findCredentials(sources: CredentialSources): Promise<Found> {
  const reasons: string[] = [];
  for (const lookup of lookups) {
    const result = await lookup(sources);
    if (isFound(result)) {
      return withRole(result, sources);
    }
    reasons.push(...(result.nothing ? [result.nothing] : []));
  }
  if (environmentRole(sources) && !namesWebIdentity(sources)) {
    reasons.push(`${roleVariables.arn} is there, but neither a key nor a web identity token to assume the role with`);
  }
  const why = reasons.map((reason) => `. ${reason.charAt(0).toUpperCase()}${reason.slice(1)}`).join("");
  throw problem(
    "Credentials for Tencent Cloud",
    `were not found in the stack's config, the environment, ~/.tencentcloud/credentials or another profile${why}`,
  );
}

/**
 * Where credentials come from, without any of their values. Nothing is sent.
 *
 * @throws ConfigurationError like `findCredentials`
 */
export async function describeCredentials(sources: CredentialSources): Promise<CredentialOrigin> {
  return (await findCredentials(sources)).origin;
}

function withRole({ base, source, where }: FoundBase, sources: CredentialSources): Found {
  const ownRole = base.kind === "key" ? base.role : undefined;
  const role = configRole(sources) ?? (namesWebIdentity(sources) ? undefined : environmentRole(sources)) ?? ownRole;
  const roleArn = role?.arn ?? (base.kind === "webIdentity" ? base.identity.roleArn : undefined);
  const temporary = role !== undefined || base.kind !== "key" || base.credentials.token !== undefined;
  return { base, role, origin: { source, where, temporary, ...(roleArn === undefined ? {} : { roleArn }) } };
}
