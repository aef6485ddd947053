import { expect, test } from "vitest";
import { Library } from "../../../provider/service/library";
import { systemClock } from "../../../provider/vod/clock";
import { scrub } from "../../../provider/vod/scrub";
import { authorization } from "../../../provider/vod/sign";
import { expectLedger } from "../../support/emulator";
import { account, startProcess, submit } from "./credentials/support";
import { rejection } from "./vodServer";

const key = { secretId: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3", secretKey: "Gu5t9xGARNpq86cd98joQYCN3Zqr7" };
const header = authorization(key, { hostname: "vod.example.com", body: "{}", timestamp: 1_800_000_000 });
const signature = header.slice(header.indexOf("Signature=") + "Signature=".length);
const words = (message: string) => scrub(message, {}, Object.values(key), header);

test("an error about a wrong key keeps the service's words", async () => {
  const emulator = await account();
  const { client } = startProcess(emulator, { configured: { secretId: emulator.secretId, secretKey: "another" } });
  const error = await rejection(submit(client, 1));
  expect(error.message).toContain(
    "(AuthFailure.SignatureFailure: The provided credentials could not be validated: the signature is not that of this " +
      "request under the SecretKey)",
  );
  expectLedger(emulator, { billed: 0, intended: 1 });
});

test.each([
  "The Authorization header is not TC3-HMAC-SHA256 with Credential, SignedHeaders and Signature.",
  "The SecretId is not found, please ensure that your SecretId is correct.",
  "SignedHeaders must include content-type and host.",
  "The credential scope must end in tc3_request.",
])("words that a signature's header has too are kept: %s", (message) => {
  expect(words(message)).toBe(message);
});

test.each([
  ["whole", `Got ${header}.`],
  ["in another case", `Got ${header.toUpperCase()}.`],
  ["on several lines", `Got ${header.replaceAll(" ", "\n  ")}.`],
  ["encoded for a URL", `Got ${encodeURIComponent(header)}.`],
  ["within JSON", `Got ${JSON.stringify(JSON.stringify({ header }))}.`],
])("the header of a request is taken out: %s", (_, message) => {
  const told = words(message);
  expect(told).toMatch(/^Got /);
  for (const part of ["TC3-HMAC", "Credential=", "SignedHeaders=", "Signature=", key.secretId, signature.slice(0, 8)]) {
    expect(told.toLowerCase()).not.toContain(part.toLowerCase());
  }
});

test.each([
  ["the signature", signature],
  ["its first 8 characters", signature.slice(0, 8)],
  ["8 from its middle", signature.slice(20, 28)],
  ["the SecretId within its scope", `${key.secretId}/2027-01-15/vod`],
  ["a piece of the SecretKey", key.secretKey.slice(3, 12)],
])("%s is taken out, alone too", (_, secret) => {
  const told = words(`The value ${secret} is wrong.`);
  expect(told).toMatch(/^The value ….* is wrong\.$/);
  expect(told).not.toContain(secret.slice(0, 8));
});

test.each([
  ["a wrong secretKey", "SignatureFailure", "The secretKey is not the one of this secretId: the service refused "],
  ["an unknown secretId", "SecretIdNotFound", "The service knows no such secretId: the service refused "],
  ["a temporary key that has ended", "TokenFailure", "The temporary key has ended, or its token is another one's: "],
  ["a wrong clock", "SignatureExpire", "This machine's clock is wrong: the service refused "],
  ["a missing permission", "UnauthorizedOperation", "The key may not call this action: the service refused "],
  ["a code that nobody has seen", "SomethingNew", "The service does not accept the key: the service refused "],
])("%s is what its error begins with, also where something was only looked for", async (_, code, begins) => {
  const emulator = await account();
  const { secretId, secretKey } = emulator;
  const { client } = startProcess(emulator, { configured: { secretId, secretKey } });
  emulator.fault({ kind: "errorCode", code: `AuthFailure.${code}`, times: "always" });
  expect((await rejection(submit(client, 1))).message).toMatch(new RegExp(`^${begins}`));
  const look = await new Library(client, systemClock, 1).files(["387"]);
  expect(look).toEqual([
    {
      kind: "unknown",
      lasting: true,
      why: expect.stringMatching(new RegExp(`^${begins}.* The media library could not be read\\.$`)),
    },
  ]);
  expectLedger(emulator, { billed: 0, intended: 1 });
});
