import { type CredentialSources, given, type Lookup } from "./credentials";
import { wholeKey } from "./key";

const where = "the environment";

/** All names in use for the session token: Node SDK, command line tool, Terraform provider. */
const tokenVariables = ["TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"] as const;

/** The key in the environment. */
export function environmentKey({ env }: CredentialSources): Lookup {
  const tokenName = tokenVariables.find((name) => given(env[name])) ?? tokenVariables[0];
  const names = { secretId: "TENCENTCLOUD_SECRET_ID", secretKey: "TENCENTCLOUD_SECRET_KEY", token: tokenName };
  const parts = { secretId: env[names.secretId], secretKey: env[names.secretKey], token: env[tokenName] };
  const credentials = wholeKey({ where, names, parts });
  return credentials ? { base: { kind: "key", credentials }, source: "environment", where } : {};
}
