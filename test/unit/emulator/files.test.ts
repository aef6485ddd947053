import { describe, expect, test } from "vitest";
import { create, day, emulator, permanent, read, start } from "./frozenEmulator";
import { send } from "./stranger";

describe("files", () => {
  /** The one file of a task that has ended. */
  async function finished(
    changes: object = permanent,
  ): Promise<{ FileId: string; FileUrl: string; [name: string]: unknown }> {
    const taskId = await create(changes);
    emulator.advance(10);
    return (await read("DescribeTaskDetail", { TaskId: taskId })).AigcImageTask.Output.FileInfos[0];
  }
  const fetched = async (url: string): Promise<number> => (await send(url, "GET", {})).status;

  test("a Temporary one has no FileId, moves its ExpireTime at each read, and is gone after seven days", async () => {
    await start();
    const taskId = await create();
    emulator.advance(10);
    const file = async () => (await read("DescribeTaskDetail", { TaskId: taskId })).AigcImageTask.Output.FileInfos[0];
    const first = await file();
    expect(first).toMatchObject({ StorageMode: "Temporary", FileId: "", MediaName: "", MetaData: null });
    emulator.advance(60);
    expect(Date.parse((await file()).ExpireTime) - Date.parse(first.ExpireTime)).toBe(60_000);
    expect((await read("SearchMedia", {})).TotalCount).toBe(0);

    emulator.advance(7 * day - 61);
    expect(await fetched(first.FileUrl)).toBe(200);
    emulator.advance(1);
    expect(await fetched(first.FileUrl)).toBe(404);
  });

  test("a Permanent one is in the library under its name, for ever", async () => {
    await start();
    const file = await finished({ OutputConfig: { StorageMode: "Permanent", MediaName: "hero", ClassId: 3 } });
    expect(file).toMatchObject({ MediaName: "hero", ClassId: 3, ExpireTime: "9999-12-31T23:59:59Z" });
    emulator.advance(400 * day);
    const { MediaInfoSet } = await read("DescribeMediaInfos", { FileIds: [file.FileId] });
    expect(MediaInfoSet).toMatchObject([
      { FileId: file.FileId, BasicInfo: { Name: "hero", ClassId: 3, ExpireTime: "9999-12-31T23:59:59Z" } },
    ]);
    expect(await fetched(file.FileUrl)).toBe(200);
  });

  test("one that has expired, or was deleted, does not exist", async () => {
    await start();
    const soon = new Date(Date.now() + 5 * day * 1000).toISOString();
    const expiring = await finished({ OutputConfig: { StorageMode: "Permanent", ExpireTime: soon } });
    const kept = await finished();
    emulator.advance(6 * day);
    emulator.deleteMedia(kept.FileId);
    const both = [expiring.FileId, kept.FileId];
    expect(await read("DescribeMediaInfos", { FileIds: both })).toMatchObject({
      MediaInfoSet: [],
      NotExistFileIdSet: both,
    });
    expect(await fetched(expiring.FileUrl)).toBe(404);
    expect(await fetched(kept.FileUrl)).toBe(404);
  });

  test("the library answers for at most 20 files at once, and for at least one", async () => {
    await start();
    const ids = (count: number) => ({ FileIds: Array.from({ length: count }, (_, index) => String(index)) });
    expect((await read("DescribeMediaInfos", ids(20))).NotExistFileIdSet).toHaveLength(20);
    expect((await read("DescribeMediaInfos", ids(21))).Error.Code).toBe("InvalidParameterValue.FileIdsOverLimit");
    expect((await read("DescribeMediaInfos", ids(0))).Error.Code).toBe("InvalidParameterValue.FileIdsEmpty");
  });

  test("metadata changes in place, within its limits", async () => {
    await start();
    const { FileId } = await finished();
    const modify = async (changes: object) => (await read("ModifyMediaInfo", { FileId, ...changes })).Error?.Code;
    expect(await modify({ Name: "n".repeat(64), ClassId: 9, ExpireTime: "2099-01-01T00:00:00Z" })).toBeUndefined();
    expect(await modify({ Name: "n".repeat(65) })).toBe("InvalidParameterValue.Name");
    expect(await modify({ ExpireTime: "tomorrow" })).toBe("InvalidParameterValue.ExpireTime");
    expect(await modify({ FileId: "0" })).toBe("ResourceNotFound.FileNotExist");
    const { MediaInfoSet } = await read("DescribeMediaInfos", { FileIds: [FileId], Filters: ["basicInfo"] });
    expect(MediaInfoSet[0]).toMatchObject({
      BasicInfo: { Name: "n".repeat(64), ClassId: 9, ExpireTime: "2099-01-01T00:00:00Z" },
      MetaData: null,
    });
  });

  test("SearchMedia finds by exact beginnings of names, newest first, in pages", async () => {
    await start();
    for (const MediaName of ["hero-1", "hero-2", "Hero-3", "other"]) {
      await finished({ OutputConfig: { StorageMode: "Permanent", MediaName } });
    }
    const search = async (parameters: object) => {
      const { TotalCount, MediaInfoSet } = await read("SearchMedia", parameters);
      return [TotalCount, ...MediaInfoSet.map((media: { BasicInfo: { Name: string } }) => media.BasicInfo.Name)];
    };
    expect(await search({ NamePrefixes: ["hero-"] })).toEqual([2, "hero-2", "hero-1"]);
    expect(await search({ NamePrefixes: ["hero-1", "oth"] })).toEqual([2, "other", "hero-1"]);
    expect(await search({ Offset: 1, Limit: 2 })).toEqual([4, "Hero-3", "hero-2"]);
    expect(await search({ Sort: { Field: "CreateTime", Order: "Asc" }, Limit: 1 })).toEqual([4, "hero-1"]);
    expect(await search({ Categories: ["Video"] })).toEqual([0]);
    const eleven = Array.from({ length: 11 }, (_, index) => `n${index}`);
    expect((await read("SearchMedia", { NamePrefixes: eleven })).Error.Code).toBe("InvalidParameterValue");
    expect((await read("SearchMedia", { Offset: 4999, Limit: 2 })).Error.Code).toBe("InvalidParameterValue.Limit");
  });

  const named = (MediaName: string) => ({ OutputConfig: { StorageMode: "Permanent", MediaName } });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  const search = async (parameters: object): Promise<any[]> =>
    (await read("SearchMedia", { Sort: { Field: "CreateTime", Order: "Asc" }, ...parameters })).MediaInfoSet.map(
      (media: { BasicInfo: { Name: string } }) => media.BasicInfo.Name,
    );

  test("SearchMedia finds by tags, any of several or all where the behaviour says so", async () => {
    await start();
    const ids: Record<string, string> = {};
    for (const name of ["a", "b", "c"]) ids[name] = (await finished(named(name))).FileId;
    await read("ModifyMediaInfo", { FileId: ids["a"], AddTags: ["red", "big"] });
    await read("ModifyMediaInfo", { FileId: ids["b"], AddTags: ["red"] });
    expect(await search({ Tags: ["none"] })).toEqual([]);
    expect(await search({ Tags: ["red"] })).toEqual(["a", "b"]);
    expect(await search({ Tags: ["big", "none"] })).toEqual(["a"]);
    expect(await search({ Tags: [] })).toEqual(["a", "b", "c"]);
    emulator.behaviour({ severalTags: "all" });
    expect(await search({ Tags: ["big", "red"] })).toEqual(["a"]);
    expect(await search({ Tags: ["big", "none"] })).toEqual([]);
    expect((await read("SearchMedia", { Tags: ["t".repeat(33)] })).Error.Code).toBe("InvalidParameterValue");
  });

  test("ModifyMediaInfo adds, deletes and clears tags, within their limits, and keeps a description", async () => {
    await start();
    const { FileId } = await finished();
    const modify = async (changes: object) => (await read("ModifyMediaInfo", { FileId, ...changes })).Error?.Code;
    const basic = async () => (await read("DescribeMediaInfos", { FileIds: [FileId] })).MediaInfoSet[0].BasicInfo;
    const tags = (count: number, prefix = "t") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    expect((await basic()).TagSet).toEqual([]);
    expect(await modify({ AddTags: tags(15), Description: "a harbour" })).toBeUndefined();
    expect(await basic()).toMatchObject({ TagSet: tags(15), Description: "a harbour" });
    expect(await modify({ AddTags: ["u0", "u1"] })).toBe("InvalidParameterValue.Tags");
    expect(await modify({ AddTags: ["x".repeat(33)] })).toBe("InvalidParameterValue.TagTooLong");
    expect(await modify({ Description: "d".repeat(129) })).toBe("InvalidParameterValue.Description");
    expect(await modify({ AddTags: ["u0", "u1"], DeleteTags: ["t0"] })).toBeUndefined();
    expect((await basic()).TagSet).toEqual([...tags(15).slice(1), "u0", "u1"]);
    expect(await modify({ ClearTags: 1, AddTags: ["only"] })).toBeUndefined();
    expect(await basic()).toMatchObject({ TagSet: ["only"], Description: "a harbour" });
    expect((await read("SearchMedia", {})).MediaInfoSet[0].BasicInfo.TagSet).toEqual(["only"]);
    expect(await search({ Descriptions: ["harb"] })).toHaveLength(1);
    expect(await search({ Descriptions: ["dog"] })).toEqual([]);
  });

  test("tags come late into the search, or are refused with nothing changed, where the behaviour says so", async () => {
    await start();
    const { FileId } = await finished(named("a"));
    emulator.behaviour({ tagLagSeconds: 30 });
    await read("ModifyMediaInfo", { FileId, AddTags: ["red"] });
    emulator.advance(29);
    expect(await search({ Tags: ["red"] })).toEqual([]);
    expect((await read("SearchMedia", {})).MediaInfoSet[0].BasicInfo.TagSet).toEqual([]);
    emulator.advance(1);
    expect(await search({ Tags: ["red"] })).toEqual(["a"]);
    emulator.behaviour({ addTags: "refused" });
    const refused = await read("ModifyMediaInfo", { FileId, Name: "b", AddTags: ["blue"] });
    expect(refused.Error.Code).toBe("UnauthorizedOperation");
    expect((await read("ModifyMediaInfo", { FileId, ClassId: 4 })).Error).toBeUndefined();
    expect(await search({})).toEqual(["a"]);
  });

  test("every filter of SearchMedia is heeded, or refused by its name", async () => {
    await start();
    await finished(named("a"));
    expect(await search({ Status: ["Normal"], StorageClasses: ["STANDARD"], MediaTypes: ["png"], Text: "a" })).toEqual([
      "a",
    ]);
    const nothing = { Status: ["Forbidden"], StorageClasses: ["ARCHIVE"], MediaTypes: ["mp4"], Text: "b" };
    for (const [name, value] of Object.entries(nothing)) expect(await search({ [name]: value })).toEqual([]);
    for (const name of ["ReviewResults", "StreamIds", "Vid", "KnowledgeBases"]) {
      const { Error: error } = await read("SearchMedia", { [name]: ["x"] });
      expect([error.Code, error.Message]).toEqual(["UnsupportedOperation", expect.stringContaining(name)]);
    }
    const { Error: error } = await read("ModifyMediaInfo", { FileId: "0", CoverData: "x" });
    expect([error.Code, error.Message]).toEqual(["UnsupportedOperation", expect.stringContaining("CoverData")]);
  });

  test("SearchMedia takes a period of creation with both its ends, in whole seconds", async () => {
    await start();
    for (const name of ["a", "b"]) await finished(named(name));
    const times = (await read("SearchMedia", {})).MediaInfoSet.map(
      (media: { BasicInfo: { CreateTime: string } }) => media.BasicInfo.CreateTime,
    );
    const [b, a] = times;
    expect(await search({ CreateTime: { After: a, Before: a } })).toEqual(["a"]);
    expect(await search({ CreateTime: { After: a, Before: b } })).toEqual(["a", "b"]);
  });

  test.each([
    ["none", ["hero", "hero"]],
    ["-0", ["hero-0", "hero-1"]],
    ["_1.png", ["hero_1.png", "hero_2.png"]],
  ] as const)(
    "the service adds %s to the name of a task's files where the behaviour says so",
    async (ending, names) => {
      await start();
      emulator.behaviour({ mediaNameEnding: ending });
      const OutputConfig = { ...named("hero").OutputConfig, OutputImageCount: 2 };
      const taskId = await create({ ModelName: "Kling", ModelVersion: "2.1", OutputConfig });
      emulator.advance(10);
      const task = (await read("DescribeTaskDetail", { TaskId: taskId })).AigcImageTask;
      expect(task.Output.FileInfos.map((file: { MediaName: string }) => file.MediaName)).toEqual(names);
      expect(task.Input.OutputConfig.MediaName).toBe("hero");
      expect(await search({ NamePrefixes: ["hero"] })).toEqual(names);
    },
  );

  test("the search shows files late, or never, where the behaviour says so", async () => {
    await start();
    emulator.behaviour({ searchLagSeconds: 30 });
    await finished();
    expect((await read("SearchMedia", {})).TotalCount).toBe(0);
    emulator.advance(30);
    expect((await read("SearchMedia", {})).TotalCount).toBe(1);
    emulator.behaviour({ filesInSearch: false });
    expect((await read("SearchMedia", {})).TotalCount).toBe(0);
  });

  test("deleting what is not there is an error, or none where the behaviour says so", async () => {
    await start();
    expect((await read("DeleteMedia", { FileId: "0" })).Error.Code).toBe("ResourceNotFound");
    emulator.behaviour({ deleteMissingMedia: "success" });
    expect((await read("DeleteMedia", { FileId: "0" })).Error).toBeUndefined();
  });

  test("a URL stays the same from read to read, unless the behaviour says otherwise; it opens either way", async () => {
    await start();
    const { FileId } = await finished();
    const url = async () =>
      (await read("DescribeMediaInfos", { FileIds: [FileId] })).MediaInfoSet[0].BasicInfo.MediaUrl;
    expect(await url()).toBe(await url());
    emulator.behaviour({ urlVaries: true });
    const varying = await url();
    expect(varying).not.toBe(await url());
    expect(await fetched(varying)).toBe(200);
  });
});
