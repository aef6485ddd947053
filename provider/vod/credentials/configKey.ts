import type { CredentialSources, Lookup } from "./credentials";
import { wholeKey } from "./key";

const where = "the stack's config";

/** The key in the stack's config. */
export function configKey({ configured }: CredentialSources): Lookup {
  const names = { secretId: "tencent-aigc:secretId", secretKey: "tencent-aigc:secretKey", token: "tencent-aigc:token" };
  const credentials = wholeKey({ where, names, parts: configured });
  return credentials ? { base: { kind: "key", credentials }, source: "config", where } : {};
}
