import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "../errors";
import type { CredentialOrigin, CredentialSource, Credentials, PartialCredentials } from "./credentials";

export interface CredentialSources {
  /** What the stack's config gives. */
  configured: PartialCredentials;
  env: NodeJS.ProcessEnv;
  /** Home directory, beneath which `.tencentcloud/credentials` lies. */
  home: string;
}

interface Found {
  readonly credentials: Credentials;
  readonly origin: CredentialOrigin;
}

interface Source {
  source: CredentialSource;
  /** Where the parts come from, as the subject of a sentence. */
  where: string;
  names: Record<keyof Credentials, string>;
  parts: PartialCredentials;
}

/** All names in use for the session token: Node SDK, command line tool, Terraform provider. */
const tokenVariables = ["TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"] as const;

const fix =
  "Give secretId and secretKey in one place: `pulumi config set --secret tencent-aigc:secretId …` and " +
  "`pulumi config set --secret tencent-aigc:secretKey …`; or TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY in the " +
  "environment; or secret_id and secret_key under [default] in ~/.tencentcloud/credentials.";

/**
 * Credentials from the first source that gives any: stack config, environment, `~/.tencentcloud/credentials`.
 * One source gives all parts; a part is never taken from another.
 *
 * @throws ConfigurationError when there are none, or a source gives only some of them. It never holds their values.
 */
export async function resolveCredentials(sources: CredentialSources): Promise<Credentials> {
  return (await find(sources)).credentials;
}

/**
 * Where credentials come from, without any of their values. Nothing is sent.
 *
 * @throws ConfigurationError like `resolveCredentials`
 */
export async function describeCredentials(sources: CredentialSources): Promise<CredentialOrigin> {
  return (await find(sources)).origin;
}

async function find({ configured, env, home }: CredentialSources): Promise<Found> {
  const sources: (() => Source | Promise<Source>)[] = [
    () => ({
      source: "config",
      where: "the stack's config",
      names: { secretId: "tencent-aigc:secretId", secretKey: "tencent-aigc:secretKey", token: "tencent-aigc:token" },
      parts: configured,
    }),
    () => {
      const tokenName = tokenVariables.find((name) => given(env[name])) ?? tokenVariables[0];
      const names = { secretId: "TENCENTCLOUD_SECRET_ID", secretKey: "TENCENTCLOUD_SECRET_KEY", token: tokenName };
      const parts = { secretId: env[names.secretId], secretKey: env[names.secretKey], token: env[tokenName] };
      return { source: "environment", where: "the environment", names, parts };
    },
    async () => {
      const parts = parseProfile(await readProfile(join(home, ".tencentcloud", "credentials")));
      const names = { secretId: "secret_id", secretKey: "secret_key", token: "token" };
      return { source: "profile", where: "~/.tencentcloud/credentials", names, parts };
    },
  ];
  for (const source of sources) {
    const asked = await source();
    const credentials = complete(asked);
    if (credentials) {
      const { source: name, where } = asked;
      return { credentials, origin: { source: name, where, temporary: credentials.token !== undefined } };
    }
  }
  throw new ConfigurationError([
    {
      key: "Credentials for Tencent Cloud",
      rule: "were not found in the stack's config, the environment or ~/.tencentcloud/credentials",
      fix,
    },
  ]);
}

/** All parts of a source; `undefined` when it gives none. */
function complete({ where, names, parts }: Source): Credentials | undefined {
  const [secretId, secretKey, token] = [given(parts.secretId), given(parts.secretKey), given(parts.token)];
  if (!secretId && !secretKey && !token) {
    return undefined;
  }
  if (!secretId || !secretKey) {
    const missing = [secretId ? [] : names.secretId, secretKey ? [] : names.secretKey].flat().join(" and ");
    const present = [secretId ? names.secretId : [], secretKey ? names.secretKey : [], token ? names.token : []];
    const rule = `gives ${present.flat().join(" and ")} but not ${missing}; parts of two places are never mixed`;
    throw new ConfigurationError([{ key: capitalised(where), rule, fix }]);
  }
  for (const [part, value] of Object.entries({ secretId, secretKey, token: token ?? "" })) {
    // Anything else cannot travel in a header, and is most likely a slip of the clipboard.
    if (!/^[\x21-\x7e]*$/.test(value)) {
      const rule = "must consist of visible ASCII characters without spaces";
      throw new ConfigurationError([{ key: `${names[part as keyof Credentials]} in ${where}`, rule, fix }]);
    }
  }
  return token ? { secretId, secretKey, token } : { secretId, secretKey };
}

/** An empty value counts as none: that is what an unset secret becomes in CI. */
function given(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

async function readProfile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return "";
    }
    const rule = `could not be read (${code ?? "unknown cause"})`;
    throw new ConfigurationError([{ key: "~/.tencentcloud/credentials", rule, fix }]);
  }
}

/** Section `[default]` of the INI file that official clients share. */
function parseProfile(text: string): PartialCredentials {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const header = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line);
    if (header) {
      section = header[1] ?? "";
      continue;
    }
    const entry = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (entry && section === "default") {
      values.set(entry[1] ?? "", (entry[2] ?? "").replace(/^(["'])(.*)\1$/, "$2"));
    }
  }
  return { secretId: values.get("secret_id"), secretKey: values.get("secret_key"), token: values.get("token") };
}
