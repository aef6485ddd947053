import { join } from "node:path";
import { type CredentialSources, type FoundBase, given, isFound, type Lookup, type Nothing } from "./credentials";
import { type IniSections, parseIni, sectionOf } from "./iniFile";
import { wholeKey } from "./key";
import { problem } from "./problems";
import { roleOf } from "./role";
import { decodeText, readIfThere } from "./textFile";

const defaultProfile = "default";
const profileVariable = "TENCENTCLOUD_PROFILE";
const directoryVariable = "TENCENTCLOUD_SHARED_CREDENTIALS_DIR";

interface Asked {
  readonly name: string;
  /** The setting that asks for it; without one, it may be missing. */
  readonly setting?: string;
}

/** The profile that the stack's config names. */
export async function configProfile(sources: CredentialSources): Promise<Lookup> {
  const name = given(sources.configured.profile);
  return name ? findProfile({ name, setting: "tencent-aigc:profile" }, sources) : {};
}

/** The profile that the environment names, or the default one. */
export function environmentProfile(sources: CredentialSources): Promise<Lookup> {
  const name = given(sources.env[profileVariable]);
  return findProfile(name ? { name, setting: profileVariable } : { name: defaultProfile }, sources);
}

async function findProfile(asked: Asked, sources: CredentialSources): Promise<Lookup> {
  const { env, home, systemDirectory = "/etc/tencentcloud" } = sources;
  const { name } = asked;
  if (/[/\\\0]/.test(name)) {
    throw problem(asked.setting ?? profileVariable, "must be the name of a profile, not a path");
  }
  const directory = given(env[directoryVariable])?.replace(/^~(?=$|[/\\])/, () => home);
  const lookups = directory
    ? [() => tccliProfile(join(directory, `${name}.credential`), home)]
    : [
        () =>
          sharedProfile(name, [join(home, ".tencentcloud", "credentials"), join(systemDirectory, "credentials")], home),
        () => tccliProfile(join(home, ".tccli", `${name}.credential`), home),
      ];
  const reasons: string[] = [];
  for (const lookup of lookups) {
    const result = await lookup();
    if (isFound(result)) {
      return result;
    }
    reasons.push(...(result.nothing ? [result.nothing] : []));
  }
  const setting = asked.setting ?? (directory ? directoryVariable : undefined);
  if (setting) {
    const why = reasons.length > 0 ? reasons.join("; ") : "there is no file for it";
    throw problem(
      setting,
      `asks for the profile ${name}, which gives no credentials: ${why}`,
      `Correct or unset ${setting}, or add the profile; docs/credentials.md names the files.`,
    );
  }
  return reasons.length > 0 ? { nothing: reasons.join("; ") } : {};
}

/** A section of the INI file that official SDKs share. The second file counts only where the first is missing. */
async function sharedProfile(name: string, paths: readonly string[], home: string): Promise<Lookup> {
  for (const path of paths) {
    const shown = shownPath(path, home);
    const bytes = await readIfThere(path, shown);
    if (bytes) {
      return readShared(name, bytes, shown);
    }
  }
  return {};
}

function readShared(name: string, bytes: Buffer, shown: string): Lookup {
  const text = decodeText(bytes);
  if (text === undefined) {
    return { nothing: `${shown} is not text in UTF-8, nor in UTF-16 with a byte order mark` };
  }
  const sections = parseIni(text);
  const section = sectionOf(sections, name);
  if (!section) {
    return noSection(name, sections, shown);
  }
  const where = name === defaultProfile ? shown : `profile ${name} in ${shown}`;
  const names = { secretId: "secret_id", secretKey: "secret_key", token: "token" };
  const parts = {
    secretId: section.get(names.secretId),
    secretKey: section.get(names.secretKey),
    token: section.get(names.token),
  };
  const credentials = wholeKey({ where, names, parts });
  return credentials
    ? { base: { kind: "key", credentials }, source: "profile", where }
    : { nothing: `section [${name}] of ${shown} gives neither secret_id nor secret_key` };
}

function noSection(name: string, sections: IniSections, shown: string): Nothing {
  const outside = sections.get("");
  if (outside?.has("secret_id") || outside?.has("secret_key")) {
    return { nothing: `${shown} gives secret_id or secret_key before any section: put [${name}] on a line above them` };
  }
  return (outside?.size ?? 0) > 0 || sections.size > 1 ? { nothing: `${shown} has no section [${name}]` } : {};
}

/** A file of `tccli configure` or `tccli auth login`: JSON, as the Terraform provider reads it too. */
async function tccliProfile(path: string, home: string): Promise<Lookup> {
  const shown = shownPath(path, home);
  const bytes = await readIfThere(path, shown);
  if (!bytes) {
    return {};
  }
  const values = jsonObject(decodeText(bytes));
  if (!values) {
    return { nothing: `${shown} is not a JSON object` };
  }
  const text = (key: string) => (typeof values[key] === "string" ? given(values[key]) : undefined);
  if (text("type") === "cvm-role") {
    return { base: { kind: "machineRole", roleName: undefined }, source: "profile", where: shown };
  }
  const names = { secretId: "secretId", secretKey: "secretKey", token: "token" };
  const parts = { secretId: text("secretId"), secretKey: text("secretKey"), token: text("token") };
  const credentials = wholeKey({ where: shown, names, parts });
  if (!credentials) {
    return { nothing: `${shown} gives neither secretId nor secretKey` };
  }
  const role = roleOf({
    where: shown,
    names: { arn: "role-arn", sessionName: "role-session-name" },
    parts: { arn: text("role-arn"), sessionName: text("role-session-name") },
  });
  const found: FoundBase = { base: { kind: "key", credentials, role }, source: "profile", where: shown };
  return found;
}

function jsonObject(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

function shownPath(path: string, home: string): string {
  return path.startsWith(join(home, "/")) ? `~/${path.slice(join(home, "/").length).replaceAll("\\", "/")}` : path;
}
