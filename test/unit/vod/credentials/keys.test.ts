import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CredentialProvider, type CredentialSources, describeCredentials } from "../../../../provider/vod/credentials";
import { ConfigurationError } from "../../../../provider/vod/errors";
import { loopbackEndpoint, rejection } from "../vodServer";

let root: string;
let emptyHome: string;
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "credentials-"));
  emptyHome = join(root, "empty");
});

afterAll(() => rm(root, { recursive: true }));

async function homeWith(profile: string): Promise<string> {
  const home = join(root, `home-${count++}`);
  await mkdir(join(home, ".tencentcloud"), { recursive: true });
  await writeFile(join(home, ".tencentcloud", "credentials"), profile);
  return home;
}

function resolve(sources: Partial<CredentialSources>) {
  const endpoint = loopbackEndpoint(1);
  const found = { configured: {}, env: {}, home: emptyHome, systemDirectory: emptyHome, ...sources };
  return new CredentialProvider({ sources: found, endpoint, stsEndpoint: endpoint }).get();
}

const environment = { TENCENTCLOUD_SECRET_ID: "env-id", TENCENTCLOUD_SECRET_KEY: "env-key" };
const profile = "[default]\nsecret_id = file-id\nsecret_key = file-key\n";

describe("credentials", () => {
  test("come from the stack's config before all else", async () => {
    const configured = { secretId: "config-id", secretKey: "config-key", token: "config-token" };
    expect(await resolve({ configured, env: environment, home: await homeWith(profile) })).toEqual(configured);
  });

  test("come from the environment before the shared file", async () => {
    const found = await resolve({ env: environment, home: await homeWith(profile) });
    expect(found).toEqual({ secretId: "env-id", secretKey: "env-key" });
  });

  test("come from the shared file last", async () => {
    expect(await resolve({ home: await homeWith(profile) })).toEqual({ secretId: "file-id", secretKey: "file-key" });
  });

  test("tell where they come from, without a value", async () => {
    const home = await homeWith(profile);
    const env = { ...environment, TENCENTCLOUD_TOKEN: "env-token" };
    const configured = { secretId: "config-id", secretKey: "config-key" };
    expect(await describeCredentials({ configured, env, home })).toEqual({
      source: "config",
      where: "the stack's config",
      temporary: false,
    });
    expect(await describeCredentials({ configured: {}, env, home })).toEqual({
      source: "environment",
      where: "the environment",
      temporary: true,
    });
    expect(await describeCredentials({ configured: {}, env: {}, home })).toEqual({
      source: "profile",
      where: "~/.tencentcloud/credentials",
      temporary: false,
    });
  });

  test.each(["TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"])(
    "take the session token by the name %s",
    async (name) => {
      const found = await resolve({ env: { ...environment, [name]: "env-token" } });
      expect(found).toEqual({ secretId: "env-id", secretKey: "env-key", token: "env-token" });
    },
  );

  test("never mix a token of one source with the keys of another", async () => {
    const configured = { secretId: "config-id", secretKey: "config-key" };
    expect(await resolve({ configured, env: { ...environment, TENCENTCLOUD_TOKEN: "t" } })).toEqual(configured);
  });

  test.each([
    ["an id without a key", { configured: { secretId: "config-id" } }, "tencent-aigc:secretKey"],
    ["a key without an id", { configured: { secretKey: "config-key" } }, "tencent-aigc:secretId"],
    ["an id without a key", { env: { TENCENTCLOUD_SECRET_ID: "env-id" } }, "TENCENTCLOUD_SECRET_KEY"],
    [
      "a token alone",
      { env: { TENCENTCLOUD_TOKEN: "env-token" } },
      "TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY",
    ],
  ])("fail for %s, although a later source is whole: %j", async (_, sources, missing) => {
    const error = await rejection(resolve({ ...sources, home: await homeWith(profile) }));
    expect(ConfigurationError.isInstance(error)).toBe(true);
    expect(error.message).toContain(`but not ${missing};`);
    expect(inspect(error)).not.toMatch(/config-(id|key)|env-(id|token)/);
  });

  test("fail for a half-given shared file", async () => {
    const error = await rejection(resolve({ home: await homeWith("[default]\nsecret_id = file-id\n") }));
    expect(error.message).toMatch(/~\/\.tencentcloud\/credentials gives secret_id but not secret_key/);
  });

  test("name all three ways when there are none", async () => {
    const error = await rejection(resolve({}));
    expect(ConfigurationError.isInstance(error)).toBe(true);
    expect(error["billed"]).toBe("no");
    for (const way of [
      "pulumi config set --secret tencent-aigc:secretKey",
      "TENCENTCLOUD_SECRET_ID",
      "~/.tencentcloud/credentials",
    ]) {
      expect(error.message).toContain(way);
    }
  });

  test("count an empty value as none", async () => {
    const env = { TENCENTCLOUD_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: " ", TENCENTCLOUD_TOKEN: "" };
    expect(await resolve({ env, home: await homeWith(profile) })).toMatchObject({ secretId: "file-id" });
  });

  test("come without the white space that copying adds", async () => {
    const configured = { secretId: " config-id\n", secretKey: "config-key \r\n" };
    expect(await resolve({ configured })).toEqual({ secretId: "config-id", secretKey: "config-key" });
  });

  test("refuse what no header can carry, without repeating it", async () => {
    const error = await rejection(resolve({ configured: { secretId: "config-id", secretKey: "kéy\nkey" } }));
    expect(error.message).toContain("tencent-aigc:secretKey");
    expect(inspect(error)).not.toContain("kéy");
  });

  test.each([
    [
      "comments, sections and spaces",
      "# c\n; c\n[other]\nsecret_id=no\nsecret_key=no\n\n [ default ] \n secret_id = a \nsecret_key=b\ntoken = c\n[more]\nsecret_key=no",
    ],
    ["Windows line ends and a byte order mark", "\uFEFF[default]\r\nsecret_id=a\r\nsecret_key=b\r\ntoken=c\r\n"],
    ["quotes", "[default]\nsecret_id=\"a\"\nsecret_key='b'\ntoken=c"],
  ])("are read from a shared file with %s", async (_, text) => {
    expect(await resolve({ home: await homeWith(text) })).toEqual({ secretId: "a", secretKey: "b", token: "c" });
  });

  test("keep an equals sign within a value", async () => {
    const home = await homeWith("[default]\nsecret_id=a\nsecret_key=b==\n");
    expect(await resolve({ home })).toEqual({ secretId: "a", secretKey: "b==" });
  });

  test("fail when the shared file cannot be read", async () => {
    const home = join(root, "directory");
    await mkdir(join(home, ".tencentcloud", "credentials"), { recursive: true });
    expect((await rejection(resolve({ home }))).message).toContain("could not be read (EISDIR)");
  });
});
