import { join } from "node:path";
import { ProfileCredential } from "tencentcloud-sdk-nodejs-common/tencentcloud/common/credential";
import { describe, expect, test, vi } from "vitest";
import { CredentialProvider, describeCredentials } from "../../../../provider/vod/credentials";
import { ConfigurationError } from "../../../../provider/vod/errors";
import { loopbackEndpoint, rejection } from "../vodServer";
import { directory, type Given, write } from "./support";

const whole = "[default]\nsecret_id = file-id\nsecret_key = file-key\n";
const key = { secretId: "file-id", secretKey: "file-key" };

function sourcesOf(given: Given) {
  return { configured: {}, env: {}, home: "/nonexistent", systemDirectory: "/nonexistent", ...given };
}

function resolve(given: Given) {
  const endpoint = loopbackEndpoint(1);
  return new CredentialProvider({ sources: sourcesOf(given), endpoint, stsEndpoint: endpoint }).get();
}

async function homeWith(content: string | Buffer, name = join(".tencentcloud", "credentials")): Promise<string> {
  const home = await directory();
  await write(join(home, name), content);
  return home;
}

/** What the vendor's own reader makes of the same home. */
async function official(home: string) {
  vi.stubEnv("HOME", home);
  try {
    const { secretId, secretKey, token } = await new ProfileCredential().getCredential();
    return secretId ? { secretId, secretKey, ...(token === undefined ? {} : { token }) } : undefined;
  } finally {
    vi.unstubAllEnvs();
  }
}

const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");

describe("a shared file is read as the vendor's Node SDK reads it", () => {
  test.each([
    ["as it is written by hand", whole],
    ["with Windows line ends", whole.replaceAll("\n", "\r\n")],
    ["with comments", `# one\n; two\n${whole}; three\n#four`],
    ["with comments behind values", "[default]\nsecret_id = file-id ; mine\nsecret_key = file-key # mine\n"],
    ["with quotes", "[default]\nsecret_id = \"file-id\"\nsecret_key = 'file-key'\n"],
    ["without spaces", "[default]\nsecret_id=file-id\nsecret_key=file-key"],
    ["with a value that ends in =", "[default]\nsecret_id=file-id\nsecret_key=file-key\ntoken=abc==\n"],
    ["with other sections around it", `[other]\nsecret_id=no\nsecret_key=no\n${whole}[more]\nsecret_id=no\n`],
    ["with the section in two parts", "[default]\nsecret_id=file-id\n[x]\na=b\n[default]\nsecret_key=file-key\n"],
    ["with an entry given twice", "[default]\nsecret_id=no\nsecret_id=file-id\nsecret_key=file-key\n"],
  ])("%s", async (_, content) => {
    const home = await homeWith(content);
    const theirs = await official(home);
    expect(theirs).toMatchObject(key);
    expect(await resolve({ home })).toEqual(theirs);
  });
});

describe("a shared file that not every reader of the vendor's takes is read", () => {
  test.each([
    ["in upper case, as the Python SDK reads it", "[default]\nSECRET_ID = file-id\nSecret_Key = file-key\n"],
    ["with colons, as the Python SDK reads it", "[default]\nsecret_id: file-id\nsecret_key : file-key\n"],
    ["with its section in upper case", "[DEFAULT]\nsecret_id = file-id\nsecret_key = file-key\n"],
    ["with a byte order mark", `\uFEFF${whole}`],
    ["in UTF-16, as PowerShell writes it", utf16(whole)],
    ["in UTF-16 of the other byte order", Buffer.from(utf16(whole)).swap16()],
    ["with spaces before its lines", " [ default ]\n  secret_id = file-id\n\tsecret_key = file-key\n"],
  ])("%s", async (_, content) => {
    expect(await resolve({ home: await homeWith(content) })).toEqual(key);
  });
});

describe("a shared file that nobody reads says what is wrong with it", () => {
  test.each([
    ["no section", "secret_id = file-id\nsecret_key = file-key\n", "before any section: put [default] on a line above"],
    ["another section only", "[prod]\nsecret_id = file-id\nsecret_key = file-key\n", "has no section [default]"],
    ["other names", "[default]\nTENCENTCLOUD_SECRET_ID=file-id\n", "gives neither secret_id nor secret_key"],
    ["bytes that are no text", Buffer.from([0x80, 0x81, 0xfe]), "is not text in UTF-8"],
    ["UTF-16 without its mark", utf16(whole).subarray(2), "is not text in UTF-8, nor in UTF-16 with a byte order mark"],
  ])("%s", async (_, content, told) => {
    const home = await homeWith(content);
    expect(await official(home)).toBeUndefined();
    const error = await rejection(resolve({ home }));
    expect(ConfigurationError.isInstance(error)).toBe(true);
    expect(error.message).toContain(told);
    expect(error.message).toContain("~/.tencentcloud/credentials");
    expect(error.message).not.toMatch(/file-(id|key)/);
  });

  test("half of a key", async () => {
    const home = await homeWith("[default]\nsecret_key = file-key\n");
    const error = await rejection(resolve({ home }));
    expect(error.message).toContain("~/.tencentcloud/credentials gives secret_key but not secret_id");
    expect(await official(home)).toBeUndefined();
  });
});

test("the file of all users counts where the user has none, and only there", async () => {
  const systemDirectory = await directory();
  await write(join(systemDirectory, "credentials"), whole);
  expect(await resolve({ systemDirectory })).toEqual(key);
  const home = await homeWith("[default]\nsecret_id = own-id\nsecret_key = own-key\n");
  expect(await resolve({ systemDirectory, home })).toEqual({ secretId: "own-id", secretKey: "own-key" });
  const other = await homeWith("[other]\nsecret_id = own-id\nsecret_key = own-key\n");
  expect((await rejection(resolve({ systemDirectory, home: other }))).message).toContain("has no section [default]");
});

describe("a profile", () => {
  const both = `${whole}[prod]\nsecret_id = prod-id\nsecret_key = prod-key\n`;

  test("is named by the environment", async () => {
    const home = await homeWith(both);
    expect(await resolve({ home, env: { TENCENTCLOUD_PROFILE: "prod" } })).toMatchObject({ secretId: "prod-id" });
  });

  test("that the stack's config names comes before keys in the environment", async () => {
    const home = await homeWith(both);
    const env = { TENCENTCLOUD_SECRET_ID: "env-id", TENCENTCLOUD_SECRET_KEY: "env-key", TENCENTCLOUD_PROFILE: "none" };
    expect(await resolve({ home, env, configured: { profile: "prod" } })).toMatchObject({ secretId: "prod-id" });
    expect(await resolve({ home, env })).toMatchObject({ secretId: "env-id" });
  });

  test.each([
    ["the environment", { env: { TENCENTCLOUD_PROFILE: "stage" } }, "TENCENTCLOUD_PROFILE"],
    ["the stack's config", { configured: { profile: "stage" } }, "tencent-aigc:profile"],
  ])("that %s names and no file has is an error, though the default one is there", async (_, given, setting) => {
    const error = await rejection(resolve({ home: await homeWith(both), ...given }));
    expect(error.message).toContain(`${setting} asks for the profile stage, which gives no credentials`);
    expect(error.message).toContain("has no section [stage]");
  });

  test("cannot lead out of its directory", async () => {
    const error = await rejection(resolve({ configured: { profile: "../../etc/passwd" } }));
    expect(error.message).toContain("must be the name of a profile, not a path");
  });
});

describe("a profile of tccli", () => {
  const file = (values: object) => JSON.stringify(values, null, 4);
  const login = { type: "oauth", secretId: "cli-id", secretKey: "cli-key", token: "cli-token", expiresAt: 1 };

  test("is read from ~/.tccli after the shared files", async () => {
    const home = await homeWith(file(login), join(".tccli", "default.credential"));
    const found = { secretId: "cli-id", secretKey: "cli-key", token: "cli-token" };
    expect(await resolve({ home })).toEqual(found);
    expect(await describeCredentials(sourcesOf({ home }))).toEqual({
      source: "profile",
      where: "~/.tccli/default.credential",
      temporary: true,
    });
    await write(join(home, ".tencentcloud", "credentials"), whole);
    expect(await resolve({ home })).toEqual(key);
  });

  test("is read from the directory that the environment names, and from nowhere else", async () => {
    const home = await homeWith(whole);
    const shared = await directory();
    await write(join(shared, "prod.credential"), file({ secretId: "cli-id", secretKey: "cli-key" }));
    const env = { TENCENTCLOUD_SHARED_CREDENTIALS_DIR: shared, TENCENTCLOUD_PROFILE: "prod" };
    expect(await resolve({ home, env })).toEqual({ secretId: "cli-id", secretKey: "cli-key" });
    const error = await rejection(resolve({ home, env: { TENCENTCLOUD_SHARED_CREDENTIALS_DIR: shared } }));
    expect(error.message).toContain("TENCENTCLOUD_SHARED_CREDENTIALS_DIR asks for the profile default");
  });

  test("may be in a directory under the home", async () => {
    const home = await homeWith(file(login), join("keys", "default.credential"));
    expect(await resolve({ home, env: { TENCENTCLOUD_SHARED_CREDENTIALS_DIR: "~/keys" } })).toMatchObject({
      secretId: "cli-id",
    });
  });

  test.each([
    ["half of a key", file({ secretId: "cli-id" }), "gives secretId but not secretKey"],
    ["text that is not JSON", "secretId=cli-id", "~/.tccli/default.credential is not a JSON object"],
    ["a list", "[]", "~/.tccli/default.credential is not a JSON object"],
    ["no key", "{}", "gives neither secretId nor secretKey"],
    ["a role's session alone", file({ ...login, "role-session-name": "me" }), "but not role-arn"],
  ])("with %s says so", async (_, content, told) => {
    const home = await homeWith(content, join(".tccli", "default.credential"));
    expect((await rejection(resolve({ home }))).message).toContain(told);
  });
});
