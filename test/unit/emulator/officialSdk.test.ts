import { vod } from "tencentcloud-sdk-nodejs-vod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";

/** The vendor's own client, told only where the service is. */
function officialClient(emulator: Emulator, secretKey = emulator.secretKey) {
  return new vod.v20180717.Client({
    credential: { secretId: emulator.secretId, secretKey },
    profile: { httpProfile: { protocol: "http://", endpoint: new URL(emulator.url).host } },
  });
}

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ frozen: true, concurrency: 1, taskSeconds: 10 });
});
afterAll(() => emulator.close());

const subAppId = 251007502;

test("the official Node SDK creates, polls, lists, searches, changes and deletes, unchanged", async () => {
  const client = officialClient(emulator);
  const { TaskId: taskId = "" } = await client.CreateAigcImageTask({
    SubAppId: subAppId,
    ModelName: "Kling",
    ModelVersion: "2.1",
    Prompt: "画一辆车",
    SessionId: "sdk-1",
    SessionContext: "context",
    OutputConfig: { StorageMode: "Permanent", MediaName: "car", OutputImageCount: 2 },
  });

  const running = await client.DescribeTaskDetail({ TaskId: taskId, SubAppId: subAppId });
  expect(running).toMatchObject({ TaskType: "AigcImageTask", Status: "PROCESSING", AigcVideoTask: null });
  expect(running.AigcImageTask).toMatchObject({ Status: "PROCESSING", Progress: 0, ErrCode: 0 });

  emulator.advance(10);
  const { AigcImageTask: task } = await client.DescribeTaskDetail({ TaskId: taskId, SubAppId: subAppId });
  expect(task).toMatchObject({ Status: "FINISH", Progress: 100, ErrCode: 0, ErrCodeExt: "", SessionId: "sdk-1" });
  expect(task?.Input).toMatchObject({ Prompt: "画一辆车", OutputConfig: { OutputImageCount: 2, Resolution: "" } });
  const files = task?.Output?.FileInfos ?? [];
  expect(files).toHaveLength(2);

  const { TaskSet: tasks } = await client.DescribeTasks({ SubAppId: subAppId, Limit: 100 });
  expect(tasks).toMatchObject([{ TaskId: taskId, SessionId: "sdk-1", SessionContext: "context", Status: "FINISH" }]);

  const found = await client.SearchMedia({ SubAppId: subAppId, NamePrefixes: ["car"] });
  expect(found.TotalCount).toBe(2);

  const fileId = files[0]?.FileId ?? "";
  await client.ModifyMediaInfo({ SubAppId: subAppId, FileId: fileId, Name: "red car", ClassId: 7, AddTags: ["red"] });
  const tagged = await client.SearchMedia({ SubAppId: subAppId, Tags: ["red"] });
  expect(tagged.MediaInfoSet).toMatchObject([{ FileId: fileId, BasicInfo: { TagSet: ["red"] } }]);
  const described = await client.DescribeMediaInfos({ SubAppId: subAppId, FileIds: [fileId, "0"] });
  expect(described.MediaInfoSet?.[0]?.BasicInfo).toMatchObject({ Name: "red car", ClassId: 7, Category: "Image" });
  expect(described.NotExistFileIdSet).toEqual(["0"]);

  await client.DeleteMedia({ SubAppId: subAppId, FileId: fileId });
  const gone = await client.DescribeMediaInfos({ SubAppId: subAppId, FileIds: [fileId] });
  expect(gone.NotExistFileIdSet).toEqual([fileId]);

  expect(emulator.ledger()).toMatchObject({
    billed: 1,
    billedImages: 2,
    failed: 0,
    requests: {
      CreateAigcImageTask: 1,
      DescribeTaskDetail: 2,
      DescribeTasks: 1,
      SearchMedia: 2,
      ModifyMediaInfo: 1,
      DescribeMediaInfos: 2,
      DeleteMedia: 1,
    },
  });
});

test("the official Node SDK shows the service's errors with their code and RequestId", async () => {
  const wrongKey = officialClient(emulator, "wrong").DescribeTasks({ SubAppId: subAppId });
  await expect(wrongKey).rejects.toMatchObject({ code: "AuthFailure.SignatureFailure", requestId: expect.any(String) });

  const unknownModel = officialClient(emulator).CreateAigcImageTask({
    SubAppId: subAppId,
    ModelName: "DALL-E",
    ModelVersion: "3",
    Prompt: "a car",
  });
  await expect(unknownModel).rejects.toMatchObject({ code: "InvalidParameter" });
});
