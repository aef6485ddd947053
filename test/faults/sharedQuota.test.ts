import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { expectLedger, openWorld, requests, type World } from "../support/emulator";
import { type Host, registered, startHost, urnOf } from "../support/host";
import { picture } from "../support/lifecycle";

const create = "CreateAigcImageTask";
const [processes, picturesEach] = [4, 30];

/** Provider processes of stacks that are deployed side by side, each set to the account's whole quota. */
function startAll({ settings }: World, folderOf: (index: number) => string): Promise<Host[]> {
  const { config, env } = settings();
  const start = (index: number) => startHost({ config, env: { ...env, TMPDIR: folderOf(index) } });
  return Promise.all(Array.from({ length: processes }, (_, index) => start(index)));
}

async function createAll(hosts: readonly Host[]): Promise<void> {
  const creates = hosts.flatMap((host, index) =>
    Array.from({ length: picturesEach }, async (_, number) => {
      const urn = urnOf(`picture-${number}`, `stack-${index}`);
      const { inputs } = await host.check({}, registered(urn, picture()));
      await host.create(inputs);
    }),
  );
  await Promise.all(creates);
  await Promise.all(hosts.map((host) => host.end()));
}

function folderFor(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `aigc-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const config = { "tencent-aigc:maxConcurrentTasks": "100", "tencent-aigc:requestsPerSecond": "20" };

test("stacks on one machine share the rate of submits: hardly one is refused, and all have their pictures", async () => {
  const world = await openWorld({ config, emulator: { submitsPerSecond: 20 }, speed: 1 });
  const folder = folderFor("machine");
  await createAll(await startAll(world, () => folder));
  expect(requests(world, create)).toBeLessThanOrEqual(144);
  expectLedger(world, { billed: 120, intended: 120 });
});

test("stacks on several machines learn the rate from refusals, and all have their pictures", async () => {
  const world = await openWorld({ config, emulator: { submitsPerSecond: 20 }, speed: 1 });
  await createAll(await startAll(world, (index) => folderFor(`machine-${index}`)));
  expect(requests(world, create)).toBeLessThanOrEqual(180);
  expectLedger(world, { billed: 120, intended: 120 });
});

test("stacks that share the number of tasks at once wait for it, and all have their pictures", async () => {
  const emulator = { concurrency: 10, taskSeconds: 0.2 };
  const world = await openWorld({ config, emulator, speed: 1 });
  world.emulator.behaviour({ overConcurrency: "refused" });
  await createAll(await startAll(world, (index) => folderFor(`machine-${index}`)));
  expect(requests(world, create)).toBeLessThanOrEqual(240);
  expectLedger(world, { billed: 120, intended: 120 });
});
