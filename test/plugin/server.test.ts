import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ServiceError } from "@grpc/grpc-js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb";
import { describe, expect, onTestFinished, test } from "vitest";
import { empty, fromStruct, grpc, providerProto, providerRpc, toStruct } from "../../engine/pulumiSdk";
import { isSecret, type PropertyMap, unknownValue } from "../../engine/values";
import schema from "../../plugin/schema.json";
import { version } from "../../provider/version";
import { expectLedger, openWorld, sharedWorld, tasks } from "../support/emulator";
import { registered, urnOf } from "../support/host";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

const world = sharedWorld();
const { DIFF_NONE, DIFF_SOME } = providerProto.DiffResponse.DiffChanges;
const providerUrn = "urn:pulumi:dev::shop::pulumi:providers:tencent-aigc::mine";

type Client = InstanceType<typeof providerRpc.ResourceProviderClient>;

async function clientOf(of: Pick<typeof world, "host"> = world): Promise<Client> {
  const { address } = await of.host();
  const client = new providerRpc.ResourceProviderClient(address, grpc.credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

function answered<T>(call: (done: (error: ServiceError | null, answer: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));
}

async function checkConfig(news: PropertyMap) {
  const client = await clientOf();
  const request = new providerProto.CheckRequest().setUrn(providerUrn).setNews(toStruct(news));
  const response = await answered<messages.CheckResponse>((done) => client.checkConfig(request, done));
  const failures = response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]);
  return { inputs: fromStruct(response.getInputs()), failures };
}

test("says at Handshake that it takes no secrets, and which version it is", async () => {
  const client = await clientOf();
  const hello = await answered<messages.ProviderHandshakeResponse>((done) =>
    client.handshake(new providerProto.ProviderHandshakeRequest(), done),
  );
  expect(hello.getAcceptSecrets()).toBe(false);
  const info = await answered<{ getVersion(): string }>((done) => client.getPluginInfo(empty(), done));
  expect(info.getVersion()).toBe(version);
});

test("serves its schema before it is configured", async () => {
  const client = await clientOf();
  const request = new providerProto.GetSchemaRequest();
  const response = await answered<messages.GetSchemaResponse>((done) => client.getSchema(request, done));
  expect(JSON.parse(response.getSchema())).toEqual(schema);
});

test("answers what it does not serve as not implemented", async () => {
  const client = await clientOf();
  const calls = [
    answered((done) => client.construct(new providerProto.ConstructRequest(), done)),
    answered((done) => client.call(new providerProto.CallRequest(), done)),
    answered((done) => client.getMapping(new providerProto.GetMappingRequest(), done)),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: grpc.status.UNIMPLEMENTED });
});

describe("settings", () => {
  test("that are secret come back as secrets, whatever they came as", async () => {
    const { inputs, failures } = await checkConfig({
      secretId: "AKID",
      secretKey: "abc",
      subAppId: 7,
      version: "1.0.0",
    });
    expect(failures).toEqual([]);
    expect(Object.keys(inputs).filter((key) => isSecret(inputs[key]))).toEqual(["secretId", "secretKey"]);
    expect(inputs).toMatchObject({ subAppId: 7, version: "1.0.0" });
  });

  test("that are wrong are refused at their own name", async () => {
    const { failures } = await checkConfig({ maxConcurrentTasks: "none" });
    expect(failures).toEqual([
      ["maxConcurrentTasks", expect.stringContaining("must be a whole number from 1 to 1000")],
    ]);
  });

  test("that are not known yet: a preview goes on without keys, and refuses the rest", async () => {
    const { inputs, failures } = await checkConfig({
      secretKey: unknownValue,
      subAppId: unknownValue,
      maxImagesPerUpdate: unknownValue,
      currency: "USD",
    });
    expect(failures).toEqual([["maxImagesPerUpdate", expect.stringContaining("is not known before the update")]]);
    expect(inputs).toEqual({ currency: "USD" });
    await world.restart();
  });

  test("that are missing are told in the bill file as the explicit provider has them, not as the stack", async () => {
    const apart = await openWorld();
    const path = join(mkdtempSync(join(tmpdir(), "aigc-bill-")), "bill.json");
    onTestFinished(() => rmSync(dirname(path), { recursive: true }));
    await apart.restart({ env: { TENCENT_AIGC_BILL_FILE: path } });
    const host = await apart.host();
    await host.provider.configure({ urn: providerUrn, id: "mine", args: { endpoint: apart.emulator.url } });
    const { subAppId: _, ...args } = picture();
    const { failures } = await host.check({}, registered(urnOf("hero"), { ...args, isPreview: true }));
    const reasons = failures.map(({ reason }) => reason);
    expect(reasons).toEqual([expect.stringContaining("`subAppId: <id>` on the provider `mine`")]);
    const { refused } = JSON.parse(readFileSync(path, "utf8")) as { refused: { reason: string }[] };
    expect(refused.map(({ reason }) => reason)).toEqual(reasons);
    expectLedger(apart, { billed: 0, intended: 1 });
  });

  test("an application that is not known yet still has its pictures checked and told of", async () => {
    const apart = await openWorld();
    const client = await clientOf(apart);
    const request = new providerProto.CheckRequest().setNews(toStruct({ subAppId: unknownValue }));
    await answered((done) => client.checkConfig(request, done));
    const { subAppId: _, ...args } = picture({ modelVersion: "9.9" });
    const { failures } = await new Lifecycle(apart).preview(args);
    expect(failures.map(({ property }) => property)).toEqual(["modelVersion"]);
    const { subAppId: __, ...right } = picture();
    const hero = new Lifecycle(apart);
    expect((await hero.preview(right)).failures).toEqual([]);
    await hero.row("bills up to 1 image, GG 2.5");
    expectLedger(apart, { billed: 0, intended: 1 });
  });

  test.each<[string, PropertyMap, PropertyMap, boolean]>([
    ["another application", { subAppId: 1 }, { subAppId: 2 }, true],
    ["one more", {}, { maxImagesPerUpdate: 5 }, true],
    ["one less", { maxImagesPerUpdate: 5 }, {}, true],
    ["a dynamic provider's", { "tencent-aigc:subAppId": "1" }, { subAppId: 1 }, true],
    ["a number for its text", { subAppId: "1" }, { subAppId: 1 }, false],
    ["the same", { subAppId: 1 }, { subAppId: 1 }, false],
  ])("%s: a change is always said, and replaces nothing", async (_, olds, news, changes) => {
    const client = await clientOf();
    const request = new providerProto.DiffRequest().setUrn(providerUrn).setOlds(toStruct(olds)).setNews(toStruct(news));
    const response = await answered<messages.DiffResponse>((done) => client.diffConfig(request, done));
    expect(response.getChanges()).toBe(changes ? DIFF_SOME : DIFF_NONE);
    expect(response.getReplacesList()).toEqual([]);
  });
});

describe("a preview", () => {
  test("knows of a new picture its inputs, and of a whole one that is updated all", async () => {
    const hero = new Lifecycle(world, "previewed");
    const { provider } = await world.host();
    const { inputs } = await provider.check({ urn: hero.urn, olds: {}, news: picture() as PropertyMap });
    const planned = await provider.create({ urn: hero.urn, properties: inputs, timeout: 0, preview: true });
    expect(planned.properties).toMatchObject({
      prompt: "a lighthouse at dawn",
      url: unknownValue,
      files: unknownValue,
    });
    await hero.up(picture());
    const { outputs, state } = hero;
    const olds = outputs as PropertyMap;
    const update = { urn: hero.urn, id: String(state?.id), olds, oldInputs: inputs, timeout: 0, ignoreChanges: [] };
    const updated = await provider.update({ ...update, news: inputs, preview: true });
    expect(updated.properties).toMatchObject({ url: outputs["url"] as string, taskId: outputs["taskId"] as string });
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("shows which inputs differ, and not the id that this package adds", async () => {
    const hero = new Lifecycle(world, "differs");
    await hero.up(picture({ outputConfig: { aspectRatio: "1:1" } }));
    const { provider } = await world.host();
    const oldInputs = (hero.state?.inputs ?? {}) as PropertyMap;
    const args = picture({ prompt: "another", outputConfig: { aspectRatio: "16:9" } }) as PropertyMap;
    const { inputs } = await provider.check({ urn: hero.urn, olds: oldInputs, news: args });
    const client = await clientOf();
    const request = new providerProto.DiffRequest()
      .setUrn(hero.urn)
      .setOlds(toStruct(hero.outputs as PropertyMap))
      .setOldInputs(toStruct(oldInputs))
      .setNews(toStruct(inputs));
    const response = await answered<messages.DiffResponse>((done) => client.diff(request, done));
    expect(response.getHasdetaileddiff()).toBe(true);
    const shown = [...response.getDetaileddiffMap().entries()].map(([path, diff]) => [path, diff.getKind()]);
    const { UPDATE_REPLACE } = providerProto.PropertyDiff.Kind;
    expect(shown.sort()).toEqual([
      ["outputConfig.aspectRatio", UPDATE_REPLACE],
      ["prompt", UPDATE_REPLACE],
    ]);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("the time limit of a request ends the waiting, and the task stays in state", async () => {
  const apart = await openWorld({ speed: 1 });
  apart.emulator.fault({ kind: "stuck", seconds: 600 });
  const { provider } = await apart.host();
  const urn = urnOf("hero");
  const { inputs } = await provider.check({ urn, olds: {}, news: picture() as PropertyMap });
  const create = provider.create({ urn, properties: inputs, timeout: 1, preview: false });
  await expect(create).rejects.toMatchObject({ reasons: [expect.stringContaining("after 1 s")] });
  apart.emulator.advance(601);
  expectLedger(apart, { billed: 1, intended: 1 });
});

test.each(["resourceUrn", "formerUrns", "__provider", "isPreview"])("an input %s is refused", async (name) => {
  const { provider } = await world.host();
  const news = { ...picture(), [name]: "mine" } as PropertyMap;
  const { failures } = await provider.check({ urn: urnOf("hero"), olds: {}, news });
  expect(failures).toEqual([{ property: name, reason: "is written by this package. Remove it." }]);
});

describe("functions", () => {
  async function invoke(name: string, args: PropertyMap) {
    const client = await clientOf();
    const request = new providerProto.InvokeRequest().setTok(`tencent-aigc:index:${name}`).setArgs(toStruct(args));
    const response = await answered<messages.InvokeResponse>((done) => client.invoke(request, done));
    const failures = response.getFailuresList().map((failure) => failure.getProperty());
    return failures.length > 0 ? { failures } : fromStruct(response.getReturn());
  }

  test("tell of tasks, usage and quota, and bill nothing", async () => {
    const hero = new Lifecycle(world, "asked-for");
    await hero.up(picture());
    const { taskId = "", sessionId = "" } = tasks(world)[0] ?? {};
    expect(await invoke("getImageTask", { taskId })).toMatchObject({
      taskId,
      sessionId,
      status: "FINISH",
      modelName: "GG",
      prompt: "a lighthouse at dawn",
      files: [{ url: hero.outputs["url"] }],
    });
    const { tasks: listed } = (await invoke("listImageTasks", { subAppId, limit: 1 })) as { tasks: object[] };
    expect(listed).toMatchObject([{ taskId, sessionId, status: "FINISH" }]);
    expect(await invoke("listImageTasks", { subAppId, status: "WAITING" })).toEqual({ tasks: [] });
    const startTime = new Date(Date.now() - 86_400_000).toISOString();
    expect(await invoke("getUsage", { subAppId, startTime })).toMatchObject({ images: expect.any(Number) });
    expect(await invoke("getQuota", { subAppId })).toEqual({});
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("refuse wrong arguments at their own names, and say what is missing", async () => {
    expect(await invoke("getUsage", { subAppId, startTime: "yesterday" })).toEqual({ failures: ["startTime"] });
    await expect(invoke("getQuota", {})).rejects.toThrow("Give `subAppId`");
    await expect(invoke("getImageTask", { taskId: `${subAppId}-AigcImageTask-0t` })).rejects.toThrow("knows no task");
    await expect(invoke("getNothing", {})).rejects.toThrow("There is no function");
  });
});
