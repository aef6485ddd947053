/** Every source of credentials in every situation, with the vendor's own provider beside ours where it has one. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  CvmRoleCredential,
  EnvironmentVariableCredential,
  OIDCRoleArnCredential,
  ProfileCredential,
  STSCredential,
} from "tencentcloud-sdk-nodejs-common/tencentcloud/common/credential";
import { describe, expect, test, vi } from "vitest";
import type { Emulator } from "../../../../emulator";
import { describeCredentials } from "../../../../provider/vod/credentials";
import type { CredentialOrigin, Credentials } from "../../../../provider/vod/credentials/credentials";
import { expectLedger } from "../../../support/emulator";
import { rejection } from "../vodServer";
import {
  account,
  areGood,
  credentialsOf,
  directory,
  everyHostIs,
  type Given,
  identityToken,
  roleArn,
  roleName,
  startProcess,
  submit,
  write,
} from "./support";

interface Row {
  readonly name: string;
  readonly origin: Partial<CredentialOrigin>;
  /** Files and variables that give it whole, in a directory of its own. */
  found(emulator: Emulator, home: string): Promise<Given>;
  /** With a part left out. */
  half(emulator: Emulator, home: string): Promise<Given>;
  /** What is told of the half. */
  readonly missing: string;
  /** With something in it that is refused. */
  wrong(emulator: Emulator, home: string): Promise<Given>;
  readonly refused: string;
  /** Requests to STS, or the machine's metadata, for one key. */
  readonly issued: number;
  /** What a queue of 20 comes to when the keys end in the middle; `replaced` is called before that. */
  replaced?(emulator: Emulator, home: string): Promise<void>;
  /** The vendor's own provider, given the same. */
  official?(emulator: Emulator, given: Given): Promise<Credentials>;
}

const http = { profile: { httpProfile: { protocol: "http://" } } };
const host = (emulator: Emulator) => new URL(emulator.url).host;
const keyOf = ({ secretId, secretKey }: Emulator) => ({ secretId, secretKey });
const shared = (home: string) => join(home, ".tencentcloud", "credentials");
const tccli = (home: string) => join(home, ".tccli", "default.credential");
const tokenFile = (home: string) => join(home, "identity", "token");
const ini = ({ secretId, secretKey }: Credentials) => `[default]\nsecret_id = ${secretId}\nsecret_key = ${secretKey}\n`;

async function stubbed<T>(env: NodeJS.ProcessEnv, run: () => Promise<T>): Promise<T> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    return await run();
  } finally {
    vi.unstubAllEnvs();
  }
}

function keysFrom(value: { secretId?: string; secretKey?: string; token?: string }): Credentials {
  const { secretId = "", secretKey = "", token } = value;
  return { secretId, secretKey, ...(token ? { token } : {}) };
}

const webIdentityEnv = {
  TENCENTCLOUD_ASSUME_ROLE_ARN: roleArn,
  TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID: "github",
  TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME: "ci",
};
const podEnv = { TKE_REGION: "ap-singapore", TKE_PROVIDER_ID: "github", TKE_ROLE_ARN: roleArn };

const rows: readonly Row[] = [
  {
    name: "the stack's config",
    origin: { source: "config", temporary: false },
    found: async (emulator) => ({ configured: keyOf(emulator) }),
    half: async (emulator) => ({ configured: { secretId: emulator.secretId } }),
    missing: "tencent-aigc:secretKey",
    wrong: async (emulator) => ({ configured: { secretId: emulator.secretId, secretKey: "another" } }),
    refused: "AuthFailure.SignatureFailure",
    issued: 0,
  },
  {
    name: "the environment",
    origin: { source: "environment", temporary: false },
    found: async ({ secretId, secretKey }) => ({
      env: { TENCENTCLOUD_SECRET_ID: secretId, TENCENTCLOUD_SECRET_KEY: secretKey },
    }),
    half: async ({ secretKey }) => ({ env: { TENCENTCLOUD_SECRET_KEY: secretKey } }),
    missing: "TENCENTCLOUD_SECRET_ID",
    wrong: async ({ secretKey }) => ({
      env: { TENCENTCLOUD_SECRET_ID: "AKIDnobody", TENCENTCLOUD_SECRET_KEY: secretKey },
    }),
    refused: "AuthFailure.SecretIdNotFound",
    issued: 0,
    official: (_, { env = {} }) =>
      stubbed(env, async () => keysFrom(await new EnvironmentVariableCredential().getCredential())),
  },
  {
    name: "the shared file",
    origin: { source: "profile", where: "~/.tencentcloud/credentials", temporary: false },
    async found(emulator, home) {
      await write(shared(home), ini(keyOf(emulator)));
      return { home };
    },
    async half({ secretId }, home) {
      await write(shared(home), `[default]\nsecret_id = ${secretId}\n`);
      return { home };
    },
    missing: "secret_key",
    async wrong({ secretId }, home) {
      await write(shared(home), ini({ secretId, secretKey: "another" }));
      return { home };
    },
    refused: "AuthFailure.SignatureFailure",
    issued: 0,
    async replaced(emulator, home) {
      emulator.rotateKey({ secretId: "AKIDnext", secretKey: "the-next-key" });
      await write(shared(home), ini(keyOf(emulator)));
    },
    official: (_, { home = "" }) =>
      stubbed({ HOME: home }, async () => keysFrom(await new ProfileCredential().getCredential())),
  },
  {
    name: "a profile of tccli",
    origin: { source: "profile", where: "~/.tccli/default.credential", temporary: false },
    async found(emulator, home) {
      await write(tccli(home), JSON.stringify(keyOf(emulator)));
      return { home };
    },
    async half({ secretKey }, home) {
      await write(tccli(home), JSON.stringify({ secretKey }));
      return { home };
    },
    missing: "secretId",
    async wrong({ secretId }, home) {
      await write(tccli(home), JSON.stringify({ secretId, secretKey: "another" }));
      return { home };
    },
    refused: "AuthFailure.SignatureFailure",
    issued: 0,
    async replaced(emulator, home) {
      emulator.rotateKey({ secretId: "AKIDnext", secretKey: "the-next-key" });
      await write(tccli(home), JSON.stringify(keyOf(emulator)));
    },
  },
  {
    name: "a web identity",
    origin: { source: "webIdentity", temporary: true, roleArn },
    async found(_, home) {
      await write(tokenFile(home), identityToken());
      return { env: { ...webIdentityEnv, TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE: tokenFile(home) } };
    },
    half: async () => ({ env: webIdentityEnv }),
    missing: "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN or TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE",
    async wrong(_, home) {
      await write(tokenFile(home), identityToken(-1));
      return { env: { ...webIdentityEnv, TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE: tokenFile(home) } };
    },
    refused: "InvalidParameter.WebIdentityTokenError",
    issued: 1,
    async replaced(emulator, home) {
      const now = Date.parse(emulator.ledger().tasks.at(-1)?.createTime ?? "");
      await write(tokenFile(home), identityToken(40_000, now));
    },
    official: async (emulator) => {
      const credential = new OIDCRoleArnCredential(
        { ...http, region: "ap-singapore", credential: { secretId: "", secretKey: "" } },
        { RoleArn: roleArn, RoleSessionName: "ci", ProviderId: "github", WebIdentityToken: identityToken() },
      );
      Object.assign(credential, { endpoint: host(emulator) });
      return keysFrom(await credential.getCredential());
    },
  },
  {
    name: "a key that assumes a role",
    origin: { source: "environment", temporary: true, roleArn },
    found: async ({ secretId, secretKey }) => ({
      env: {
        TENCENTCLOUD_SECRET_ID: secretId,
        TENCENTCLOUD_SECRET_KEY: secretKey,
        TENCENTCLOUD_ASSUME_ROLE_ARN: roleArn,
      },
    }),
    half: async ({ secretId, secretKey }) => ({
      env: {
        TENCENTCLOUD_SECRET_ID: secretId,
        TENCENTCLOUD_SECRET_KEY: secretKey,
        TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME: "ci",
      },
    }),
    missing: "TENCENTCLOUD_ASSUME_ROLE_ARN",
    wrong: async ({ secretId, secretKey }) => ({
      env: {
        TENCENTCLOUD_SECRET_ID: secretId,
        TENCENTCLOUD_SECRET_KEY: secretKey,
        TENCENTCLOUD_ASSUME_ROLE_ARN: `${roleArn}-of-nobody`,
      },
    }),
    refused: "ResourceNotFound.RoleNotFound",
    issued: 1,
    official: async (emulator) => {
      const credential = new STSCredential(
        { ...http, credential: keyOf(emulator) },
        { RoleArn: roleArn, RoleSessionName: "ci" },
      );
      Object.assign(credential, { endpoint: host(emulator) });
      return keysFrom(await credential.getCredential());
    },
  },
  {
    name: "the identity of a pod",
    origin: { source: "pod", temporary: true, roleArn },
    async found(_, home) {
      await write(tokenFile(home), identityToken());
      return {
        configured: { enablePodOidc: true },
        env: { ...podEnv, TKE_WEB_IDENTITY_TOKEN_FILE: tokenFile(home) },
      };
    },
    half: async () => ({ configured: { enablePodOidc: true }, env: podEnv }),
    missing: "TKE_WEB_IDENTITY_TOKEN_FILE",
    async wrong(_, home) {
      await write(tokenFile(home), identityToken(600, Date.now(), "system:serviceaccount:default:another"));
      return {
        configured: { enablePodOidc: true },
        env: { ...podEnv, TKE_WEB_IDENTITY_TOKEN_FILE: tokenFile(home) },
      };
    },
    refused: "UnauthorizedOperation",
    issued: 1,
    async replaced(emulator, home) {
      const now = Date.parse(emulator.ledger().tasks.at(-1)?.createTime ?? "");
      await write(tokenFile(home), identityToken(40_000, now));
    },
    official: (emulator, { env = {} }) =>
      stubbed(env, async () => {
        const credential = new OIDCRoleArnCredential();
        Object.assign(credential, { endpoint: host(emulator), clientConfig: { ...http, credential: {} } });
        return keysFrom(await credential.getCredential());
      }),
  },
  {
    name: "the role of the machine",
    origin: { source: "machineRole", temporary: true },
    found: async () => ({ configured: { useCvmRole: true } }),
    half: async () => ({}),
    missing: "were not found",
    wrong: async () => ({ env: { TENCENTCLOUD_CAM_ROLE_NAME: "another" } }),
    refused: "The role another of this machine is not there",
    issued: 2,
    official: async (emulator) =>
      stubbed({ http_proxy: await everyHostIs(emulator) }, async () =>
        keysFrom(await new CvmRoleCredential().getCredential()),
      ),
  },
];

/** Requests for keys so far. */
function issuedBy(emulator: Emulator): number {
  const { AssumeRole = 0, AssumeRoleWithWebIdentity = 0, "(machine role)": machine = 0 } = emulator.ledger().requests;
  return AssumeRole + AssumeRoleWithWebIdentity + machine;
}

describe.each(rows)("$name", (row) => {
  test("gives keys that are good, asks for them once, and tells where they come from", async () => {
    const emulator = await account();
    const given = await row.found(emulator, await directory());
    const credentials = credentialsOf(emulator, given);
    const [keys, ...others] = await Promise.all([credentials.get(), credentials.get(), credentials.get()]);
    expect(others).toEqual([keys, keys]);
    expect(await credentials.get()).toEqual(keys);
    expect(issuedBy(emulator)).toBe(row.issued);
    expect(await areGood(emulator, keys)).toBe(true);
    const origin = await describeCredentials({ configured: {}, env: {}, home: "/nonexistent", ...given });
    expect(origin).toMatchObject(row.origin);
    expect(JSON.stringify(origin)).not.toContain(emulator.secretKey);
    expect(issuedBy(emulator), "describing them sends nothing").toBe(row.issued);
    expectLedger(emulator, { billed: 0, intended: 0 });
  });

  test.runIf(row.official)("is read by the vendor's own provider with the same result", async () => {
    const emulator = await account();
    const given = await row.found(emulator, await directory());
    const ours = await credentialsOf(emulator, given).get();
    const theirs = await row.official?.(emulator, given);
    if (!theirs) throw new Error("the vendor's provider gave nothing");
    const areOfARole = row.origin.roleArn !== undefined;
    if (!areOfARole) expect(theirs).toEqual(ours);
    expect(theirs.token === undefined).toBe(ours.token === undefined);
    expect(await areGood(emulator, theirs)).toBe(true);
    expectLedger(emulator, { billed: 0, intended: 0 });
  });

  test("by half is an error that names what is missing, sends nothing and shows nothing of it", async () => {
    const emulator = await account();
    const { credentials } = startProcess(emulator, await row.half(emulator, await directory()));
    const error = await rejection(credentials.get());
    expect(error.message).toContain(row.missing);
    expect(error["billed"]).toBe("no");
    expect(error.message).not.toContain(emulator.secretKey);
    expect(emulator.ledger().requests).toEqual({});
    expectLedger(emulator, { billed: 0, intended: 0 });
  });

  test("that is wrong is refused, unbilled, with the service's code", async () => {
    const emulator = await account();
    const { client } = startProcess(emulator, await row.wrong(emulator, await directory()));
    const error = await rejection(submit(client, 1));
    expect(error.message).toContain(row.refused);
    expect(error["billed"]).toBe("no");
    expect(error.message).not.toContain(emulator.secretKey);
    expectLedger(emulator, { billed: 0, intended: 0 });
  });

  test("lasts for a queue of 20, though its keys end in the middle or are replaced", async () => {
    const emulator = await account();
    const home = await directory();
    const { client } = startProcess(emulator, await row.found(emulator, home));
    for (let number = 1; number <= 20; number++) {
      if (number === 11) {
        await row.replaced?.(emulator, home);
        // Longer than any key that was issued is good for.
        emulator.advance(7 * 3600);
      }
      await submit(client, number);
    }
    emulator.advance(1);
    expect(issuedBy(emulator)).toBe(2 * row.issued);
    expectLedger(emulator, { billed: 20, intended: 20 });
  });

  test("serves two processes at once, which write nothing", async () => {
    const emulator = await account();
    const home = await directory();
    const given = await row.found(emulator, home);
    const before = await readdir(home, { recursive: true });
    const processes = [startProcess(emulator, given), startProcess(emulator, given)];
    await Promise.all(
      processes.flatMap(({ client }, index) => [submit(client, 2 * index), submit(client, 2 * index + 1)]),
    );
    emulator.advance(1);
    expect(issuedBy(emulator)).toBe(2 * row.issued);
    expect(await readdir(home, { recursive: true })).toEqual(before);
    expectLedger(emulator, { billed: 4, intended: 4 });
  });

  test.each([-3600, 3600])("goes on while this machine's clock is %i s off", async (offset) => {
    const emulator = await account();
    const home = await directory();
    const realNow = () => Date.now() + offset * 1000;
    const { client } = startProcess(emulator, await row.found(emulator, home), { realNow });
    for (let number = 1; number <= 5; number++) await submit(client, number);
    expect(issuedBy(emulator), "keys that are good for hours are had once").toBeLessThanOrEqual(
      row.issued + (row.name === "a key that assumes a role" ? 1 : 0),
    );
    emulator.advance(1);
    expectLedger(emulator, { billed: 5, intended: 5 });
  });
});

test("the role of the machine and the identity of a pod are used only where they are asked for", async () => {
  const emulator = await account();
  const home = await directory();
  await write(tokenFile(home), identityToken());
  const env = { ...podEnv, TKE_WEB_IDENTITY_TOKEN_FILE: tokenFile(home) };
  const error = await rejection(credentialsOf(emulator, { env }).get());
  expect(error.message).toContain("only with `pulumi config set tencent-aigc:enablePodOidc true`");
  expect(emulator.ledger().requests).toEqual({});
  const named = credentialsOf(emulator, { env: { TENCENTCLOUD_CAM_ROLE_NAME: roleName } });
  expect(await areGood(emulator, await named.get())).toBe(true);
  expect(issuedBy(emulator)).toBe(1);
  await write(tccli(home), JSON.stringify({ type: "cvm-role" }));
  expect(await areGood(emulator, await credentialsOf(emulator, { home }).get())).toBe(true);
  expect(issuedBy(emulator)).toBe(3);
  expectLedger(emulator, { billed: 0, intended: 0 });
});
