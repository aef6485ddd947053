import { join } from "node:path";
import { expect, test } from "vitest";
import { expectLedger } from "../support/emulator";
import { account, directory, identityToken, startProcess, submit, write } from "../unit/vod/credentials/support";
import { blocksOf, read } from "./markdown";

test("the job in docs/credentials.md gets keys with its identity alone, and the emulator bills its picture", async () => {
  const job = blocksOf(read("docs/credentials.md")).find(({ language }) => language === "yaml")?.text ?? "";
  const written = [...job.matchAll(/^ +(TENCENTCLOUD_\w+): "?([^"\n]+)"?$/gm)].map(([, name = "", value = ""]) => [
    name,
    value,
  ]);
  const temporary = await directory();
  const env: NodeJS.ProcessEnv = Object.fromEntries(
    written.map(([name, value = ""]) => [name, value.replace(/\$\{\{ runner\.temp \}\}/, temporary)]),
  );
  expect(Object.keys(env)).toHaveLength(4);
  await write(join(temporary, "identity"), `${identityToken()}\n`);
  const arn = env["TENCENTCLOUD_ASSUME_ROLE_ARN"] ?? "";
  const emulator = await account({ roles: [{ arn, providerId: "github" }] });
  await submit(startProcess(emulator, { env }).client, 1);
  emulator.advance(1);
  expectLedger(emulator, { billed: 1, intended: 1 });
});
