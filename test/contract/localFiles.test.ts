import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveSignature, assetSignature, signatureKey } from "../../engine/values";
import { digestBase64 } from "../../provider/schema/request";
import { UNKNOWN } from "../../provider/schema/unknown";
import { expectLedger, requests, sharedWorld, tasks } from "../support/emulator";
import { type Properties, registered, testDynamic } from "../support/host";
import { Lifecycle, picture } from "../support/lifecycle";
import { fileAsset, filesFolder, pngOf, writtenFile } from "../support/localFiles";
import { firstVersion } from "../upgrade/firstVersion";

/** Local files as reference images: `fileInfos[].asset`. */

const world = sharedWorld();
const submit = "CreateAigcImageTask";
let resources = 0;

const fresh = () => new Lifecycle(world, `local-${++resources}`);

/** Content that no other test has. */
const content = () => pngOf(`content ${++resources}`);

const madeFrom = (path: string, changes: Properties = {}) =>
  picture({ fileInfos: [{ asset: fileAsset(path), ...changes }] });

const told = (failures: readonly { property: string; reason: string }[]) =>
  failures.map(({ property, reason }) => `${property} ${reason}`);

test("is sent as Base64, and in state by its digest", async () => {
  const bytes = content();
  const base64 = bytes.toString("base64");
  const hero = fresh();
  const args = madeFrom(writtenFile(bytes), { text: "a style" });
  await hero.up(args);
  expect(hero.outputs["status"]).toBe("FINISH");
  expect(tasks(world)[0]?.base64).toEqual([digestBase64(base64)]);
  expect(hero.outputs["fileInfos"]).toEqual([{ base64: digestBase64(base64), text: "a style" }]);
  expect((await hero.preview(args)).operation).toBe("same");
  expectLedger(world, { billed: 1, intended: 1 });
});

test("its bytes are neither in state, nor in the journal, nor in anything that is told", async () => {
  const bytes = content();
  const hero = fresh();
  world.emulator.fault({ kind: "acceptThenErrorCode", code: "FailedOperation", message: bytes.toString("base64") });
  await hero.up(madeFrom(writtenFile(bytes)));
  const { output, engine } = await world.host();
  const journal = readdirSync(world.journalDir(), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => readFileSync(join(world.journalDir(), name), "utf8"));
  const all = [JSON.stringify(hero.state), output(), JSON.stringify(engine.lines), ...journal].join("\n");
  expect(journal.join("")).not.toBe("");
  expect(all).not.toContain(bytes.toString("base64"));
  expect(all).not.toContain(bytes.toString("base64").slice(16, 40));
  expectLedger(world, { billed: 1, intended: 1 });
});

describe("the same content bills nothing more", () => {
  test("at another path, after a forced replace, and after a destroy", async () => {
    const bytes = content();
    const [here, there] = [writtenFile(bytes), writtenFile(bytes)];
    const hero = fresh();
    await hero.up(madeFrom(here));
    rmSync(here);
    expect((await hero.preview(madeFrom(there))).operation).toBe("same");
    await hero.up(madeFrom(there));
    await hero.up(madeFrom(there), { replace: true });
    await hero.destroy();
    await hero.up(madeFrom(there));
    expect(requests(world, submit)).toBe(1);
    expectLedger(world, { billed: 1, intended: 1 });
  });

  test("in state and without it, on another machine", async () => {
    const bytes = content();
    const [here, there] = [writtenFile(bytes), writtenFile(bytes)];
    const [kept, lost] = [fresh(), fresh()];
    await kept.up(madeFrom(here));
    await lost.up(madeFrom(here));
    rmSync(here);
    await world.restart({ newMachine: true });
    lost.state = undefined;
    expect((await kept.up(madeFrom(there))).operation).toBe("same");
    await lost.up(madeFrom(there));
    expect(lost.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("as Base64 text in place of the file, and back", async () => {
    const bytes = content();
    const asFile = madeFrom(writtenFile(bytes));
    const asText = picture({ fileInfos: [{ base64: bytes.toString("base64") }] });
    const [file, text] = [fresh(), fresh()];
    await file.up(asFile);
    expect((await file.up(asText)).operation).toBe("same");
    expect((await file.up(asFile)).operation).toBe("same");
    await text.up(asText);
    expect((await text.up(asFile)).operation).toBe("same");
    await text.up(asFile, { replace: true });
    expectLedger(world, { billed: 2, intended: 2 });
  });

  testDynamic("as a file in place of the Base64 text that 0.1.0 has sent", async () => {
    const bytes = content();
    const asText = picture({ fileInfos: [{ base64: bytes.toString("base64") }] });
    const asFile = madeFrom(writtenFile(bytes));
    await world.restart({ packageDirectory: firstVersion() });
    const [kept, lost] = [fresh(), fresh()];
    await kept.up(asText);
    await lost.up(asText);
    const digest = digestBase64(bytes.toString("base64"));
    expect(kept.outputs["fileInfos"]).toEqual([{ base64: digest }]);
    await world.restart({ packageDirectory: undefined });
    lost.state = undefined;
    expect((await kept.preview(asText)).operation).toBe("same");
    expect((await kept.up(asFile)).operation).toBe("same");
    await lost.up(asFile);
    expect(lost.outputs["status"]).toBe("FINISH");
    expectLedger(world, { billed: 2, intended: 2 });
  });

  test("with a file that is gone: what state has needs none, to be refreshed, kept by ignoreChanges, or destroyed", async () => {
    const path = writtenFile(content());
    const hero = fresh();
    await hero.up(madeFrom(path));
    rmSync(path);
    await world.restart({ newMachine: true });
    expect(await hero.refresh()).toBe(true);
    // What `ignoreChanges` makes of the new inputs.
    const { fileInfos } = hero.state?.inputs ?? {};
    expect(await hero.up(picture({ fileInfos }))).toMatchObject({ operation: "same", failures: [] });
    const other = await hero.preview(picture({ fileInfos, prompt: "a harbour" }));
    expect(told(other.failures)).toEqual([
      expect.stringMatching(/^fileInfos\[0\]\.asset names a file that is not there/),
    ]);
    await hero.destroy();
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("another content is another picture, which preview announces", async () => {
  const path = writtenFile(content());
  const hero = fresh();
  await hero.up(madeFrom(path));
  writeFileSync(path, content());
  expect((await hero.preview(madeFrom(path))).operation).toBe("replace");
  const { engine } = await world.host();
  expect(engine.lines.filter(({ urn }) => urn === hero.urn).map(({ text }) => text)).toContain(
    "bills up to 1 image, GG 2.5",
  );
  await hero.up(madeFrom(path));
  expect(tasks(world).flatMap(({ base64 }) => base64)).toHaveLength(2);
  expect(new Set(tasks(world).flatMap(({ base64 }) => base64)).size).toBe(2);
  expectLedger(world, { billed: 2, intended: 2 });
});

test("a file that is not known yet may be the same: preview refuses nothing and tells of the replace", async () => {
  const hero = fresh();
  await hero.up(madeFrom(writtenFile(content())));
  const preview = await hero.preview(picture({ fileInfos: [{ asset: UNKNOWN }] }));
  expect(preview).toMatchObject({ failures: [], operation: "replace" });
  const { engine } = await world.host();
  expect(engine.lines.filter(({ urn }) => urn === hero.urn).map(({ text }) => text)).toContain(
    "bills up to 1 image, GG 2.5, if `fileInfos` changes",
  );
  expectLedger(world, { billed: 1, intended: 1 });
});

describe("is refused in preview at its path", () => {
  const asset = (value: Properties) => ({ [signatureKey]: assetSignature, hash: "5f4d", ...value });
  const folder = () => {
    const path = join(filesFolder(), `folder-${++resources}`);
    mkdirSync(path);
    return path;
  };
  const megabytes = (count: number) => writtenFile(pngOf(`${++resources}`, count * 1024 * 1024));
  const at = (value: Properties) => () => [{ asset: value }];
  const cases: readonly (readonly [string, () => readonly Properties[], RegExp])[] = [
    ["a file that is not there", at(asset({ path: "nowhere.png" })), /\[0\]\.asset names a file that is not there/],
    ["a folder", () => [{ asset: asset({ path: folder() }) }], /\[0\]\.asset names a directory/],
    ["an empty file", () => [{ asset: fileAsset(writtenFile("")) }], /\[0\]\.asset names an empty file/],
    ["a text", () => [{ asset: fileAsset(writtenFile("GIF89a")) }], /\[0\]\.asset .* jpeg, png or webp/],
    [
      "a file that has changed since it was hashed",
      () => [{ asset: asset({ path: writtenFile(content()) }) }],
      /meanwhile/,
    ],
    ["a StringAsset", at(asset({ text: "a picture" })), /\[0\]\.asset is a StringAsset/],
    ["a RemoteAsset", at(asset({ uri: "https://example.com/a.png" })), /\[0\]\.asset is a RemoteAsset: .* as url/],
    ["an asset of nothing", at(asset({})), /\[0\]\.asset is empty/],
    ["an archive", at({ [signatureKey]: archiveSignature, hash: "5f4d", path: "a" }), /\[0\]\.asset is an archive/],
    ["a path alone", () => [{ asset: writtenFile(content()) }], /\[0\]\.asset must be a FileAsset/],
    [
      "a file and a URL",
      () => [{ asset: fileAsset(writtenFile(content())), url: "https://a.com/a.png" }],
      /exactly one/,
    ],
    ["a file and Base64", () => [{ asset: fileAsset(writtenFile(content())), base64: "aGVsbG8=" }], /exactly one/],
    ["a file as Url", () => [{ asset: fileAsset(writtenFile(content())), type: "Url" }], /\[0\]\.type is Url/],
    ["a file of 8 MB", () => [{ asset: fileAsset(megabytes(8)) }], /\[0\]\.asset names a file of 8388608 bytes/],
    [
      "a file and Base64 of 4 MB each",
      () => [{ asset: fileAsset(megabytes(4)) }, { base64: readFileSync(megabytes(4)).toString("base64") }],
      /has local pictures of 8388608 bytes in all/,
    ],
  ];

  test.each(cases)("%s", async (_, fileInfos, reason) => {
    const { failures } = await fresh().preview(picture({ modelVersion: "3.0", fileInfos: fileInfos() }));
    expect(failures).toHaveLength(1);
    expect(told(failures).join()).toMatch(reason);
    expectLedger(world, { billed: 0, intended: 0 });
  });

  test("what makes a request of more than 10 MB, at the request", async () => {
    const args = madeFrom(megabytes(7));
    const { failures } = await fresh().preview({ ...args, prompt: "x".repeat(1024 * 1024) });
    expect(told(failures).join()).toMatch(/^ The request would have \d+ bytes; the service takes at most 10485760/);
    expectLedger(world, { billed: 0, intended: 0 });
  });

  test("and the largest that is taken is sent", async () => {
    await fresh().up(madeFrom(megabytes(7)));
    expectLedger(world, { billed: 1, intended: 1 });
  });
});

test("only what was checked is sent: a file that changes before that is refused, unbilled", async () => {
  const bytes = content();
  const path = writtenFile(bytes);
  const { urn } = fresh();
  const host = await world.host();
  const { inputs } = await host.check({}, registered(urn, madeFrom(path)));
  writeFileSync(path, content());
  await expect(host.create(inputs)).rejects.toThrow(
    /fileInfos\[0\]\.asset names a file whose content has changed .* nothing more is billed\. Put the file back/,
  );
  rmSync(path);
  await expect(host.create(inputs)).rejects.toThrow(/fileInfos\[0\]\.asset names a file that is not there/);
  expect(requests(world, submit)).toBe(0);
  writeFileSync(path, bytes);
  expect((await host.create(inputs)).properties["status"]).toBe("FINISH");
  expect(tasks(world)[0]?.base64).toEqual([digestBase64(bytes.toString("base64"))]);
  expectLedger(world, { billed: 1, intended: 1 });
});

test("inputs that are checked once more are the same, also where they say another digest", async () => {
  const { urn } = fresh();
  const host = await world.host();
  const path = writtenFile(content());
  const { inputs } = await host.check({}, registered(urn, madeFrom(path)));
  expect(await host.check({}, inputs)).toEqual({ inputs, failures: [] });
  const forged = madeFrom(path, { base64: digestBase64("aGVsbG8=") });
  expect(await host.check({}, registered(urn, forged))).toEqual({ inputs, failures: [] });
  expectLedger(world, { billed: 0, intended: 0 });
});

test("an endpoint that does not take Base64 refuses it unbilled, and the error names the ways out", async () => {
  world.emulator.behaviour({ base64Files: "refused" });
  const hero = fresh();
  const { error } = await hero.up(madeFrom(writtenFile(content())));
  expect(error).toMatch(/UnknownParameter.*billed nothing.*local file.*`url` or a `fileId`/);
  expect(hero.state).toBeUndefined();
  expectLedger(world, { billed: 0, intended: 1 });
});
