import { type CredentialSources, given, type Lookup } from "./credentials";
import { problem } from "./problems";
import { readArn, readDuration, readSessionName, roleVariables } from "./role";

const providerVariable = "TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID";
const tokenVariable = "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN";
const tokenFileVariable = "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE";

const where = "the web identity in the environment";

/** The name that the Terraform provider gives an identity provider by default. */
const defaultProviderId = "OIDC";

/** Whether the environment speaks of a web identity: its role is then that of the identity, and no key assumes it. */
export function namesWebIdentity({ env }: CredentialSources): boolean {
  return [providerVariable, tokenVariable, tokenFileVariable].some((name) => given(env[name]));
}

/** The identity that a CI gives its jobs. */
export function webIdentity(sources: CredentialSources): Lookup {
  if (!namesWebIdentity(sources)) {
    return {};
  }
  const { env } = sources;
  const [arn, text, file] = [roleVariables.arn, tokenVariable, tokenFileVariable].map((name) => given(env[name]));
  if (!arn || (!text && !file)) {
    const names = [roleVariables.arn, providerVariable, tokenVariable, tokenFileVariable];
    const present = names.filter((name) => given(env[name]));
    const missing = [arn ? [] : roleVariables.arn, text || file ? [] : `${tokenVariable} or ${tokenFileVariable}`];
    const rule = `gives ${present.join(" and ")} but not ${missing.flat().join(" and ")}`;
    throw problem("the environment", rule, "docs/credentials.md shows how a CI gets a web identity.");
  }
  const region = given(env["TENCENTCLOUD_REGION"]);
  const identity = {
    roleArn: readArn(arn, roleVariables.arn),
    sessionName: readSessionName(env[roleVariables.sessionName], roleVariables.sessionName),
    durationSeconds: readDuration(env[roleVariables.durationSeconds], roleVariables.durationSeconds),
    providerId: given(env[providerVariable]) ?? defaultProviderId,
    ...(region === undefined ? {} : { region }),
    token: text ? { text } : { file: file ?? "", named: tokenFileVariable },
  };
  return { base: { kind: "webIdentity", identity }, source: "webIdentity", where };
}
