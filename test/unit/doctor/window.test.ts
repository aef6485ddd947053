import { expect, onTestFinished, test } from "vitest";
import { billOneImage, type TrialOptions } from "../../../command/doctor/trial/billOneImage";
import { TrialRecord } from "../../../command/doctor/trial/record";
import { createVodClient } from "../../../provider/vod/client";
import { acceleratedClock } from "../../../provider/vod/clock";
import { parseEndpoint } from "../../../provider/vod/endpoint";
import { expectLedger } from "../../support/emulator";
import { folder, start, subAppId } from "./called";

const hourMs = 3_600_000;

test("a SessionId whose 3 days end while the amount is being typed is not sent again", async () => {
  const emulator = await start();
  const endpoint = parseEndpoint(emulator.url, {});
  if (typeof endpoint === "string") throw new Error(endpoint);
  let laterMs = 0;
  const pass = (hours: number) => {
    laterMs += hours * hourMs;
    emulator.advance(hours * 3_600);
  };
  const clock = acceleratedClock(200);
  const { secretId, secretKey } = emulator;
  const client = createVodClient({
    endpoint,
    credentials: async () => ({ secretId, secretKey }),
    requestsPerSecond: 1_000,
    clock,
    realNow: () => Date.now() + laterMs,
  });
  onTestFinished(() => client.close());
  const said: string[] = [];
  const options: TrialOptions = {
    client,
    clock,
    subAppId,
    record: new TrialRecord(folder(), emulator.url, subAppId),
    modelName: "Hunyuan",
    modelVersion: "3.0",
    prices: undefined,
    say: (text) => void said.push(text),
    confirm: async () => true,
    save: async () => {},
  };
  emulator.behaviour({ tasksInListing: false });
  emulator.fault({ kind: "acceptThenReset", action: "CreateAigcImageTask" });
  expect(await billOneImage(options)).toBe(1);
  pass(70);
  const typedLate = async () => {
    pass(5);
    return true;
  };
  expect(await billOneImage({ ...options, confirm: typedLate })).toBe(1);
  expect(said.at(-1)).toContain("3 days");
  expect(emulator.ledger().requests["CreateAigcImageTask"]).toBe(1);
  expectLedger(emulator, { billed: 1, intended: 1 });
});
