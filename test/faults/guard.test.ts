import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectLedger, openWorld, requests, type World } from "../support/emulator";
import { type LogLine, startEngine } from "../support/engine";
import { type Host, type Properties, registered, startHost, urnOf } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";

const submit = "CreateAigcImageTask";
const most = "tencent-aigc:maxImagesPerUpdate";

/** A directory for temporary files of the running test's own. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "aigc-guard-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Provider processes of one operation: an explicit provider, or another `version`, starts a further one. */
async function hostsOf(world: World, count: number, env: Record<string, string> = {}): Promise<Host[]> {
  const engine = await startEngine();
  const settings = world.settings();
  const hosts = await Promise.all(
    Array.from({ length: count }, () => startHost({ ...settings, engine, env: { ...settings.env, ...env } })),
  );
  onTestFinished(async () => {
    await Promise.all(hosts.map((host) => host.kill()));
    engine.stop();
  });
  return hosts;
}

const named = (name: string, changes: Properties = {}) => registered(urnOf(name), picture(changes));
const reasonsOf = ({ failures }: { failures: readonly { reason: string }[] }) =>
  failures.map(({ reason }) => reason).join();

describe("two provider processes of one operation", () => {
  test("are one spend guard: the preview fails at the second picture", async () => {
    const world = await openWorld({ config: { [most]: "1" } });
    const [one, two] = (await hostsOf(world, 2, { TMPDIR: temporaryDirectory() })) as [Host, Host];
    expect(reasonsOf(await one.check({}, named("one")))).toBe("");
    expect(reasonsOf(await two.check({}, named("two")))).toMatch(/image 2 of this update.*allows 1/);
    expect(requests(world)).toBe(0);
    expectLedger(world, { billed: 0, intended: 2 });
  });

  test("spend together: what no preview could foresee is stopped at the submit, unbilled", async () => {
    const world = await openWorld({ config: { [most]: "1" } });
    const [one, two] = (await hostsOf(world, 2, { TMPDIR: temporaryDirectory() })) as [Host, Host];
    const checked = await one.check({}, named("one"));
    const unforeseen = await two.check({}, named("two"));
    await one.create(checked.inputs);
    await expect(two.create(unforeseen.inputs)).rejects.toThrow(/image 2 of this update.*Nothing was sent/);
    expect(requests(world, submit)).toBe(1);
    expectLedger(world, { billed: 1, intended: 2 });
  });

  test("are one limit of cost: at the second preview, and at the submit that no preview could foresee", async () => {
    const money = { "tencent-aigc:prices": '{"GG 2.5":"0.10","SI 4.0":"0.01"}', "tencent-aigc:currency": "USD" };
    const world = await openWorld({ config: { ...money, "tencent-aigc:maxCostPerUpdate": "0.19" } });
    const [one, two] = (await hostsOf(world, 2, { TMPDIR: temporaryDirectory() })) as [Host, Host];
    const checked = await one.check({}, named("one"));
    expect(reasonsOf(checked)).toBe("");
    const second = await two.check({}, named("two"));
    expect(reasonsOf(second)).toMatch(/to 0\.20 USD.*allows 0\.19 USD/);
    await one.create(checked.inputs);
    await expect(two.create(second.inputs)).rejects.toThrow(/to 0\.20 USD.*Nothing was sent/);
    // It may be 15 images, as many as its prompt says.
    const several = {
      modelName: "SI",
      modelVersion: "4.0",
      additionalParameters: { sequential_image_generation: "auto" },
    };
    const sequential = await two.check({}, named("several", several));
    await expect(two.create(sequential.inputs)).rejects.toThrow(/to 0\.25 USD.*Nothing was sent/);
    expect(requests(world, submit)).toBe(1);
    expectLedger(world, { billed: 1, intended: 3 });
  });

  test("write one bill, with the lines of both and their sum", async () => {
    const directory = temporaryDirectory();
    const bill = join(directory, "bill.json");
    const world = await openWorld({ config: { [most]: "10" } });
    const hosts = await hostsOf(world, 2, { TMPDIR: directory, TENCENT_AIGC_BILL_FILE: bill });
    const names = ["a", "b", "c", "d", "e", "f"];
    await Promise.all(names.map((name, index) => hosts[index % 2]?.check({}, named(name))));
    const { images, resources } = JSON.parse(readFileSync(bill, "utf8"));
    expect(images).toBe(6);
    expect(resources.map(({ urn }: { urn: string }) => urn).sort()).toEqual(names.map((name) => urnOf(name)));
    expectLedger(world, { billed: 0, intended: 6 });
  });

  test("count alone where they cannot write together, and each says so once", async () => {
    const world = await openWorld({ config: { [most]: "1" } });
    const noDirectory = join(temporaryDirectory(), "file");
    writeFileSync(noDirectory, "");
    const hosts = await hostsOf(world, 2, { TMPDIR: noDirectory });
    const [one, two] = hosts as [Host, Host];
    expect(reasonsOf(await one.check({}, named("one")))).toBe("");
    expect(reasonsOf(await two.check({}, named("two")))).toBe("");
    expect(reasonsOf(await two.check({}, named("three")))).toContain("image 2 of this update");
    const isWarning = ({ text }: LogLine) => text.includes("cannot count their images together");
    const first = await one.engine.seen(isWarning);
    await one.engine.seen((line) => isWarning(line) && line !== first);
    expect(one.engine.lines.filter(isWarning).map(({ severity }) => severity)).toEqual(["warning", "warning"]);
    expectLedger(world, { billed: 0, intended: 3 });
  });
});

test("a preview and its update are two operations, each with a count of its own", async () => {
  const world = await openWorld({ config: { [most]: "1" } });
  const env = { TMPDIR: temporaryDirectory() };
  const [preview] = (await hostsOf(world, 1, env)) as [Host];
  expect(reasonsOf(await preview.check({}, named("one")))).toBe("");
  const [update] = (await hostsOf(world, 1, env)) as [Host];
  const { inputs, failures } = await update.check({}, named("one"));
  expect(failures).toEqual([]);
  await update.create(inputs);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("repeats of requests whose outcome is unknown are counted with new pictures: the preview fails, nothing is billed", async () => {
  const world = await openWorld({ config: { [most]: "10" } });
  const unknown = ["a", "b", "c"].map((name) => new Lifecycle(world, name));
  world.emulator.fault({ kind: "refuseConnection", action: submit, times: "always" });
  for (const hero of unknown) await hero.up(picture({ timeoutSeconds: 30 }));
  expect(unknown.map(({ outputs }) => outputs["status"])).toEqual(["UNKNOWN", "UNKNOWN", "UNKNOWN"]);
  world.emulator.clearFaults();
  const bill = join(temporaryDirectory(), "bill.json");
  await world.restart({ config: { [most]: "2" }, env: { TENCENT_AIGC_BILL_FILE: bill } });
  const told: unknown[] = [];
  for (const hero of [...unknown, new Lifecycle(world, "d"), new Lifecycle(world, "e")]) {
    const result = await hero.preview(picture()).catch((error: Error) => error.message);
    told.push(typeof result === "string" ? result : reasonsOf(result));
  }
  expect(told).toEqual([
    "",
    "",
    expect.stringContaining("image 3 of this update"),
    expect.stringContaining("image 4 of this update"),
    expect.stringContaining("image 5 of this update"),
  ]);
  expect(JSON.parse(readFileSync(bill, "utf8"))).toMatchObject({ images: 5, resources: { length: 5 } });
  expectLedger(world, { billed: 0, intended: 5 });
});
