import { rm } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { Emulator } from "../../../../emulator";
import { TencentAigcError } from "../../../../provider/vod/errors";
import { expectLedger } from "../../../support/emulator";
import { rejection } from "../vodServer";
import {
  account,
  credentialsOf,
  directory,
  type Given,
  identityToken,
  roleArn,
  startProcess,
  subAppId,
  submit,
  write,
} from "./support";

/** A key that assumes a role for two hours. */
const roleOf = ({ secretId, secretKey }: Emulator): Given => ({
  configured: { secretId, secretKey, assumeRoleArn: roleArn },
});

const assumed = (emulator: Emulator) => emulator.ledger().requests["AssumeRole"] ?? 0;

/** Asks something unbilled, by which the client learns what time it is at the service. */
const look = ({ client }: ReturnType<typeof startProcess>) => client.call("DescribeTasks", { SubAppId: subAppId });

/** Moves the time so that the keys of `roleOf` have so many seconds left. */
function leave(emulator: Emulator, seconds: number): void {
  emulator.advance(7200 - seconds);
}

describe("temporary keys", () => {
  test("are used until shortly before their end, and renewed then", async () => {
    const emulator = await account();
    const process = startProcess(emulator, roleOf(emulator));
    await look(process);
    leave(emulator, 330);
    await look(process);
    await look(process);
    expect(assumed(emulator)).toBe(1);
    emulator.advance(300);
    await look(process);
    await look(process);
    expect(assumed(emulator)).toBe(2);
    expectLedger(emulator, { billed: 0, intended: 0 });
  });

  test("are renewed once for all who wait", async () => {
    const emulator = await account();
    const process = startProcess(emulator, roleOf(emulator));
    await look(process);
    emulator.advance(7 * 3600);
    await Promise.all(Array.from({ length: 20 }, (_, number) => submit(process.client, number)));
    expect(assumed(emulator)).toBe(2);
    emulator.advance(1);
    expectLedger(emulator, { billed: 20, intended: 20 });
  });

  test("are used on while their renewal is refused, as long as they are good", async () => {
    const emulator = await account();
    const process = startProcess(emulator, roleOf(emulator));
    await look(process);
    emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", action: "AssumeRole", times: "always" });
    leave(emulator, 60);
    await look(process);
    for (let number = 1; number <= 5; number++) await submit(process.client, number);
    expect(assumed(emulator), "it is not asked for again at each request").toBe(2);
    emulator.advance(120);
    const error = await rejection(submit(process.client, 6));
    expect(error.message).toContain("could not be assumed");
    expect(error["billed"]).toBe("no");
    expectLedger(emulator, { billed: 5, intended: 6 });
  });

  test("are used on while their renewal stalls, and nobody waits for it", async () => {
    const emulator = await account();
    const process = startProcess(emulator, roleOf(emulator));
    await look(process);
    emulator.fault({ kind: "stall", action: "AssumeRole" });
    leave(emulator, 280);
    await look(process);
    for (let number = 1; number <= 3; number++) await submit(process.client, number);
    await emulator.waitUntil(() => assumed(emulator) === 2);
    emulator.advance(1);
    expectLedger(emulator, { billed: 3, intended: 3 });
  });

  test("that the service refuses before their time are renewed once, and the request is sent again", async () => {
    const emulator = await account();
    const process = startProcess(emulator, roleOf(emulator));
    emulator.fault({ kind: "errorCode", code: "AuthFailure.TokenFailure", action: "CreateAigcImageTask" });
    await submit(process.client, 1);
    expect(assumed(emulator)).toBe(2);
    const always = { kind: "errorCode", code: "AuthFailure.TokenFailure", action: "CreateAigcImageTask" } as const;
    emulator.fault({ ...always, times: 2 });
    expect((await rejection(submit(process.client, 2)))["code"]).toBe("AuthFailure.TokenFailure");
    emulator.advance(1);
    expectLedger(emulator, { billed: 1, intended: 2 });
  });

  test("are asked for again after an error that passes, and a broken connection", async () => {
    const emulator = await account();
    emulator.fault([
      { kind: "internalError", action: "AssumeRole" },
      { kind: "refuseConnection", action: "AssumeRole", after: 1 },
      { kind: "errorCode", code: "InvalidParameter.OverLimit", action: "AssumeRole", after: 1 },
    ]);
    const process = startProcess(emulator, roleOf(emulator));
    await submit(process.client, 1);
    expect(assumed(emulator)).toBe(4);
    emulator.advance(1);
    expectLedger(emulator, { billed: 1, intended: 1 });
  });

  test("are renewed with one request where this machine's clock is known to be an hour off", async () => {
    const emulator = await account();
    const realNow = () => Date.now() - 3_600_000;
    const process = startProcess(emulator, roleOf(emulator), { realNow });
    await look(process);
    expect(assumed(emulator), "the first is refused, and tells the time").toBe(2);
    emulator.advance(7200);
    await look(process);
    expect(assumed(emulator)).toBe(3);
    expectLedger(emulator, { billed: 0, intended: 0 });
  });

  test("that cannot be had at present are no lasting error", async () => {
    const emulator = await account();
    emulator.fault({ kind: "gatewayError", action: "AssumeRole", times: "always" });
    const error = await rejection(submit(startProcess(emulator, roleOf(emulator)).client, 1));
    expect(TencentAigcError.isInstance(error)).toBe(true);
    expect(error.name).toBe("TencentAigcError");
    expect(error.message).toContain("HTTP 502");
    expect(error["billed"]).toBe("no");
    expectLedger(emulator, { billed: 0, intended: 1 });
  });

  test("are not waited for after a Cancel", async () => {
    const emulator = await account();
    emulator.fault({ kind: "stall", action: "AssumeRole" });
    const cancel = new AbortController();
    const process = startProcess(emulator, roleOf(emulator), { cancelled: cancel.signal });
    const ending = rejection(submit(process.client, 1));
    await emulator.waitUntil(() => assumed(emulator) === 1);
    cancel.abort(new Error("cancelled"));
    expect((await ending).message).toBe("cancelled");
    expectLedger(emulator, { billed: 0, intended: 1 });
  });

  test("of the environment, which cannot be renewed, end a queue with an error that costs nothing", async () => {
    const emulator = await account();
    const issued = await credentialsOf(emulator, roleOf(emulator)).get();
    const env = {
      TENCENTCLOUD_SECRET_ID: issued.secretId,
      TENCENTCLOUD_SECRET_KEY: issued.secretKey,
      TENCENTCLOUD_TOKEN: issued.token,
    };
    const { client } = startProcess(emulator, { env });
    const endings: unknown[] = [];
    for (let number = 1; number <= 20; number++) {
      if (number === 11) emulator.advance(7200);
      endings.push(await submit(client, number).catch((error: TencentAigcError) => error));
    }
    const errors = endings.filter((ending) => TencentAigcError.isInstance(ending));
    expect(errors.map(({ code, billed }) => `${code}, billed: ${billed}`)).toEqual(
      Array.from({ length: 10 }, () => "AuthFailure.TokenFailure, billed: no"),
    );
    expectLedger(emulator, { billed: 10, intended: 20 });
  });
});

describe("keys stay with the source that gave the first", () => {
  const file = (home: string) => join(home, ".tencentcloud", "credentials");
  const ini = ({ secretId, secretKey }: Emulator) => `[default]\nsecret_id=${secretId}\nsecret_key=${secretKey}\n`;

  test.each([
    ["is half written", (home: string) => write(file(home), "[default]\nsecret_id = AKID\n")],
    ["is empty", (home: string) => write(file(home), "")],
    ["is gone", (home: string) => rm(file(home))],
  ])("while their file %s", async (_, spoil) => {
    const emulator = await account();
    const home = await directory();
    await write(file(home), ini(emulator));
    await write(
      join(home, ".tccli", "default.credential"),
      JSON.stringify({ secretId: "of another", secretKey: "account" }),
    );
    const { client, credentials } = startProcess(emulator, { home });
    await submit(client, 1);
    await spoil(home);
    await submit(client, 2);
    expect(await credentials.get()).toMatchObject({ secretId: emulator.secretId });
    emulator.advance(1);
    expectLedger(emulator, { billed: 2, intended: 2 });
  });
});

describe("a role", () => {
  test("is assumed as the stack's config says, rather than as the environment or the profile does", async () => {
    const other = "qcs::cam::uin/100000000001:roleName/other";
    const emulator = await account({ roles: [{ arn: roleArn, externalId: "ours" }, { arn: other }] });
    const home = await directory();
    const { secretId, secretKey } = emulator;
    const profile = { secretId, secretKey, "role-arn": `${other}-of-profile`, "role-session-name": "me" };
    await write(join(home, ".tccli", "default.credential"), JSON.stringify(profile));
    const configured = { assumeRoleArn: roleArn, assumeRoleExternalId: "ours", assumeRoleSessionDuration: "900" };
    const env = { TENCENTCLOUD_ASSUME_ROLE_ARN: other };
    expect((await rejection(credentialsOf(emulator, { home }).get())).message).toContain("other-of-profile");
    const fromEnvironment = await credentialsOf(emulator, { home, env }).get();
    expect(fromEnvironment.token).toBeDefined();
    const process = startProcess(emulator, { home, env, configured });
    await look(process);
    emulator.advance(600);
    await look(process);
    expect(assumed(emulator)).toBe(3);
    emulator.advance(299);
    await look(process);
    await look(process);
    expect(assumed(emulator), "900 seconds, as configured").toBe(4);
    expectLedger(emulator, { billed: 0, intended: 0 });
  });

  test("may be assumed with the keys of a web identity", async () => {
    const second = "qcs::cam::uin/100000000001:roleName/second";
    const emulator = await account({ roles: [{ arn: roleArn, providerId: "OIDC" }, { arn: second }] });
    const env = {
      TENCENTCLOUD_ASSUME_ROLE_ARN: roleArn,
      TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN: identityToken(),
    };
    await submit(startProcess(emulator, { env, configured: { assumeRoleArn: second } }).client, 1);
    emulator.advance(1);
    expect(emulator.ledger().requests).toMatchObject({ AssumeRole: 1, AssumeRoleWithWebIdentity: 1 });
    expectLedger(emulator, { billed: 1, intended: 1 });
  });

  test.each([
    ["a duration that is none", { assumeRoleSessionDuration: "2h" }, "tencent-aigc:assumeRoleSessionDuration"],
    ["a longer duration than there is", { assumeRoleSessionDuration: "43201" }, "from 1 to 43200"],
    ["a session name with blanks", { assumeRoleSessionName: "me and you" }, "tencent-aigc:assumeRoleSessionName"],
    ["another name for a role", { assumeRoleArn: "arn:aws:iam::1:role/x" }, "tencent-aigc:assumeRoleArn must be"],
  ])("with %s is refused before anything is sent", async (_, given, told) => {
    const emulator = await account();
    const { configured } = roleOf(emulator);
    const error = await rejection(credentialsOf(emulator, { configured: { ...configured, ...given } }).get());
    expect(error.message).toContain(told);
    expect(emulator.ledger().requests).toEqual({});
    expectLedger(emulator, { billed: 0, intended: 0 });
  });
});

describe("a web identity token", () => {
  const env = { TENCENTCLOUD_ASSUME_ROLE_ARN: roleArn, TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID: "github" };

  test("may be in the environment, or within JSON as the Terraform provider reads it", async () => {
    const emulator = await account();
    const text = { ...env, TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN: identityToken() };
    await submit(startProcess(emulator, { env: text }).client, 1);
    const file = await write(
      join(await directory(), "token.json"),
      JSON.stringify({ web_identity_token: identityToken() }),
    );
    const within = { ...env, TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE: file };
    await submit(startProcess(emulator, { env: within }).client, 2);
    emulator.advance(1);
    expectLedger(emulator, { billed: 2, intended: 2 });
  });

  test.each([
    ["is not there", undefined, "is not there"],
    ["is empty", " \n", "has no token"],
    ["is other JSON", '{"value":"x"}', 'is JSON without "web_identity_token"'],
    ["has two lines", "one\ntwo", "must consist of visible ASCII characters"],
  ])("whose file %s is an error that says so", async (_, content, told) => {
    const emulator = await account();
    const file = join(await directory(), "token");
    if (content !== undefined) await write(file, content);
    const given = { env: { ...env, TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE: file } };
    expect((await rejection(credentialsOf(emulator, given).get())).message).toContain(told);
    expect(emulator.ledger().requests).toEqual({});
    expectLedger(emulator, { billed: 0, intended: 0 });
  });
});

test("no error about a role holds a key, a token or a signature, though STS repeats them", async () => {
  const emulator = await account();
  const token = identityToken();
  const env = {
    TENCENTCLOUD_ASSUME_ROLE_ARN: roleArn,
    TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID: "github",
    TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN: token,
  };
  const echoed = `not with ${emulator.secretId}, ${emulator.secretKey} or ${token}`;
  emulator.fault({ kind: "errorCode", code: "UnauthorizedOperation", message: echoed, times: "always" });
  for (const given of [{ env }, roleOf(emulator)]) {
    const error = await rejection(credentialsOf(emulator, given).get());
    expect(error.message).toContain("UnauthorizedOperation: not with");
    const shown = inspect(error, { depth: 10, showHidden: true, getters: true });
    const own = "env" in given ? token.split(".") : [emulator.secretId, emulator.secretKey];
    for (const secret of own) expect(shown).not.toContain(secret);
  }
  expectLedger(emulator, { billed: 0, intended: 0 });
});
