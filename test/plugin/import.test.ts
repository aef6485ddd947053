import { describe, expect, test } from "vitest";
import type { ReadResponse } from "../../engine/providerPort";
import { type ModelRow, models } from "../../provider/schema/models";
import { expectLedger, openWorld, requests, sharedWorld, tasks, type World } from "../support/emulator";
import { type Properties, startHost, urnOf, wire } from "../support/host";
import { Lifecycle, picture, subAppId } from "../support/lifecycle";

const world = sharedWorld();
const create = "CreateAigcImageTask";
let resources = 0;

const newHero = () => new Lifecycle(world, `imported-${++resources}`);

/** As the engine reads for an import: it knows nothing but the id. */
async function read(of: World, urn: string, id: string, properties: Properties = {}): Promise<ReadResponse> {
  const { provider } = await of.host();
  return provider.read({ urn, id, properties: wire(properties), inputs: {} });
}

/** What the engine asks of a resource that was imported, for the program that it has printed. */
async function changesAfter(of: World, urn: string, { id, properties, inputs = {} }: ReadResponse) {
  const { provider } = await of.host();
  const { generationId: _, ...program } = inputs;
  // At the end of the import, and then in the program's next preview.
  const imported = await provider.check({ urn, olds: inputs, news: inputs });
  const checked = await provider.check({ urn, olds: imported.inputs, news: program });
  const news = checked.inputs;
  const diff = await provider.diff({ urn, id, oldInputs: inputs, olds: properties, news, ignoreChanges: [] });
  return { failures: [...imported.failures, ...checked.failures], changes: diff.changes };
}

/** All of a row that the service takes, so that all of it has to come back. */
function argsOf(row: ModelRow): Properties {
  const { resolutions: [resolution] = [], aspectRatios: [aspectRatio] = [], sceneTypes: [sceneType] = [] } = row;
  const size = row.additionalParameters?.size;
  const side = (size?.area[0] ?? 0) > 1024 * 1024 ? 2048 : 1024;
  return picture({
    modelName: row.name,
    modelVersion: row.version,
    outputConfig: { ...(resolution ? { resolution } : {}), ...(aspectRatio ? { aspectRatio } : {}) },
    ...(sceneType ? { sceneType } : {}),
    ...(size ? { additionalParameters: { size: `${side}${size.separators[0]}${side}` } } : {}),
  });
}

const rows: readonly ModelRow[] = models;

describe("a picture of each model is imported as it is, unbilled and unannounced", () => {
  test.each(rows.map((row) => [`${row.name} ${row.version}`, row] as const))("%s", async (_, row) => {
    const hero = newHero();
    expect((await hero.up(argsOf(row))).failures).toEqual([]);
    const [task] = tasks(world);
    const [file] = hero.outputs["files"] as { fileId: string }[];
    hero.state = undefined;
    const { engine } = await world.host();
    const before = engine.lines.length;
    for (const id of [task?.taskId ?? "", `${subAppId}/${file?.fileId}`, `files:${file?.fileId}`]) {
      const given = id.startsWith("files:") ? { subAppId } : {};
      const imported = await read(world, hero.urn, id, given);
      expect(imported.properties, id).toMatchObject({
        status: "FINISH",
        url: expect.stringMatching(/^http/),
        subAppId,
      });
      expect(await changesAfter(world, hero.urn, imported), id).toEqual({ failures: [], changes: "none" });
    }
    expect(engine.lines.slice(before)).toEqual([]);
    expect(requests(world, create)).toBe(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

describe("an import by TaskId", () => {
  test("gives the inputs by which the picture was asked for, for the option `import`", async () => {
    const hero = newHero();
    const args = picture({
      negativePrompt: "rain",
      seed: 7,
      fileInfos: [{ url: "https://example.com/a.png" }],
      outputConfig: { mediaName: "the lighthouse", aspectRatio: "1:1", storageMode: "Permanent" },
    });
    await hero.up(args);
    await hero.up(args);
    const { provider } = await world.host();
    const { urn } = hero;
    const { inputs = {}, properties, id } = await read(world, urn, String(hero.state?.id));
    expect(inputs).toMatchObject(args);
    const { inputs: news, failures } = await provider.check({ urn, olds: inputs, news: wire(args) });
    const { changes } = await provider.diff({ urn, id, oldInputs: inputs, olds: properties, news, ignoreChanges: [] });
    expect({ failures, changes }).toEqual({ failures: [], changes: "none" });
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of another picture than the program asks for plans a replace, which the engine refuses before it bills", async () => {
    const hero = newHero();
    await hero.up(picture());
    const { provider } = await world.host();
    const { urn } = hero;
    const { inputs = {}, properties, id } = await read(world, urn, String(hero.state?.id));
    const { inputs: news } = await provider.check({ urn, olds: inputs, news: wire(picture({ prompt: "another" })) });
    const diff = await provider.diff({ urn, id, oldInputs: inputs, olds: properties, news, ignoreChanges: [] });
    expect(diff).toEqual({ changes: "some", replaces: ["prompt"] });
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of one that is under way is waited for by the next `up`, unbilled", async () => {
    world.emulator.fault({ kind: "stuck", seconds: 600 });
    const hero = newHero();
    await hero.up(picture({ waitForCompletion: false }));
    const imported = await read(world, hero.urn, String(hero.state?.id));
    expect(imported.properties["status"]).toBe("PROCESSING");
    expect((await changesAfter(world, hero.urn, imported)).changes).toBe("some");
    world.emulator.advance(601);
    const { provider } = await world.host();
    const { id, properties: olds, inputs: oldInputs = {} } = imported;
    const update = { urn: hero.urn, id, olds, oldInputs, timeout: 0, ignoreChanges: [], preview: false };
    const { properties } = await provider.update({ ...update, news: oldInputs });
    expect(properties["status"]).toBe("FINISH");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of one that failed is refused, and says why", async () => {
    world.emulator.fault({ kind: "taskFails", errCodeExt: "InvalidParameter.VoilationContent" });
    const hero = newHero();
    await hero.up(picture());
    await expect(read(world, hero.urn, String(hero.state?.id))).rejects.toThrow(/nothing to import/);
    expectLedger(world, { billed: 0, intended: 1 });
  });

  test("that the service does not know, or no longer, finds nothing", async () => {
    const hero = newHero();
    await hero.up(picture());
    const taskId = String(hero.state?.id);
    expect((await read(world, hero.urn, taskId.replace(/.t$/, "0t"))).id).toBe("");
    world.emulator.advance(4 * 86_400);
    expect((await read(world, hero.urn, taskId)).id).toBe("");
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("of a Temporary picture, and of one made from Base64, has no change either", async () => {
    const temporary = newHero();
    await temporary.up(picture({ outputConfig: { storageMode: "Temporary" } }));
    const fromBytes = newHero();
    const { prompt: _, ...withoutPrompt } = picture({ fileInfos: [{ base64: "aGVsbG8=" }] });
    await fromBytes.up(withoutPrompt);
    for (const hero of [temporary, fromBytes]) {
      const imported = await read(world, hero.urn, String(hero.state?.id));
      expect(await changesAfter(world, hero.urn, imported)).toEqual({ failures: [], changes: "none" });
    }
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("under an alias of its model names the one that was asked for", async () => {
    const hero = newHero();
    await hero.up(picture());
    world.emulator.behaviour({ aliasedEcho: true });
    const imported = await read(world, hero.urn, String(hero.state?.id));
    expect(imported.inputs).toMatchObject({ modelName: "GG" });
    expect(await changesAfter(world, hero.urn, imported)).toEqual({ failures: [], changes: "none" });
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("a FileId without an application is refused, and says how to write it", async () => {
  const apart = await openWorld();
  await expect(read(apart, urnOf("hero"), "5285890784273533167")).rejects.toThrow(
    "Import it as <subAppId>/5285890784273533167.",
  );
  expect(requests(apart)).toBe(0);
});

test("a service that cannot be asked imports nothing, and is not taken for one that has no such picture", async () => {
  const hero = newHero();
  await hero.up(picture());
  world.emulator.fault({
    kind: "errorCode",
    action: "DescribeTaskDetail",
    code: "UnauthorizedOperation",
    times: "always",
  });
  await expect(read(world, hero.urn, String(hero.state?.id))).rejects.toThrow(/was not imported/);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("a preview reads a picture by its id as an update does, and bills nothing", async () => {
  const hero = newHero();
  await hero.up(picture());
  const host = await startHost(world.settings());
  const id = String(hero.state?.id);
  const { properties } = await host.provider.read({ urn: hero.urn, id, properties: {}, inputs: {} });
  expect(properties["url"]).toBe(hero.outputs["url"]);
  await host.end();
  expectLedger(world, { billed: 1, intended: 1 });
});
