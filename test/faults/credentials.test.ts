import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectLedger, openWorld, requests, type World } from "../support/emulator";
import { Lifecycle, picture } from "../support/lifecycle";
import { directory, identityToken, roleArn, roleName, subject, write } from "../unit/vod/credentials/support";

const roles = [{ arn: roleArn, providerId: "github", subject }];
const noKeys = { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SECRET_KEY: undefined };

/** A world whose processes have an identity and no key, and where that identity lies. */
async function ciWorld(): Promise<{ world: World; file: string }> {
  const file = await write(join(await directory(), "identity"), identityToken());
  const env = {
    ...noKeys,
    TENCENTCLOUD_ASSUME_ROLE_ARN: roleArn,
    TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID: "github",
    TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE: file,
    PULUMI_DEBUG: "true",
    NODE_DEBUG: "undici,http",
  };
  return { world: await openWorld({ emulator: { roles }, env }), file };
}

/** Everything that was told and kept: log and rows, output of the process, journal. */
async function allTold(world: World): Promise<string> {
  const { engine, output } = await world.host();
  const names = await readdir(world.journalDir());
  const journal = await Promise.all(names.map((name) => readFile(join(world.journalDir(), name), "utf8")));
  return JSON.stringify([engine.lines, output(), journal]);
}

test("a queue of 20 outlasts its keys, which are renewed with the identity that is there then", async () => {
  const { world, file } = await ciWorld();
  const { emulator } = world;
  const first = await readFile(file, "utf8");
  const second = identityToken(40_000);
  const heroes = Array.from({ length: 20 }, (_, number) => new Lifecycle(world, `hero-${number}`));
  const updates = heroes.map((hero) => hero.up(picture({ prompt: hero.name })));
  await emulator.waitUntil(({ tasks }) => tasks.length >= 10);
  await write(file, second);
  emulator.advance(7200);
  const results = await Promise.all(updates);
  expect(results).toMatchObject(heroes.map(() => ({ operation: "create", reasons: [] })));
  expect(requests(world, "AssumeRoleWithWebIdentity")).toBe(2);
  const text = (await allTold(world)) + JSON.stringify(heroes.map(({ state }) => state));
  const secrets = [...emulator.issuedKeys().flatMap((key) => Object.values(key)), first, second, "Signature="];
  expect(secrets).toHaveLength(9);
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expectLedger(world, { billed: 20, intended: 20 });
});

test("two processes with one identity each have keys of their own, and bill one intention once", async () => {
  const { world } = await ciWorld();
  const other = await openWorld({ env: { ...world.settings().env, ...noKeys } });
  const args = picture({ sessionScope: "both" });
  const results = await Promise.all([new Lifecycle(world).up(args), new Lifecycle(other).up(args)]);
  expect(results).toMatchObject([
    { operation: "create", reasons: [] },
    { operation: "create", reasons: [] },
  ]);
  expect(requests(world, "AssumeRoleWithWebIdentity")).toBe(2);
  expectLedger(world, { billed: 1, intended: 1 });
  expectLedger(other, { billed: 0, intended: 0 });
});

describe("the stack's config", () => {
  test("names a role that the key in the environment assumes", async () => {
    const world = await openWorld({ emulator: { roles }, config: { "tencent-aigc:assumeRoleArn": roleArn } });
    expect(await new Lifecycle(world).up(picture())).toMatchObject({ operation: "create", reasons: [] });
    expect(requests(world, "AssumeRole")).toBe(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("asks for the role of the machine", async () => {
    const world = await openWorld({
      emulator: { machineRole: roleName },
      env: { ...noKeys, HOME: await directory() },
      config: { "tencent-aigc:useCvmRole": "true" },
    });
    expect(await new Lifecycle(world).up(picture())).toMatchObject({ operation: "create", reasons: [] });
    expect(requests(world, "(machine role)")).toBe(2);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("an error about a role says which, why it was refused, and that nothing was billed", async () => {
  const { world } = await ciWorld();
  world.emulator.fault({ kind: "errorCode", code: "ResourceNotFound.RoleNotFound", times: "always" });
  const { error } = await new Lifecycle(world).up(picture());
  expect(error).toContain(`The role ${roleArn} could not be assumed`);
  expect(error).toContain("ResourceNotFound.RoleNotFound");
  expect(error).toContain("nothing was sent, and nothing is billed");
  expectLedger(world, { billed: 0, intended: 1 });
});
