import { describe, expect, test } from "vitest";
import { taskReport } from "../../../provider/service/task";
import type { AigcImageTaskInfo } from "../../../provider/vod/wire";

const answer = (Status: string, AigcImageTask: AigcImageTaskInfo | null) => ({ RequestId: "r", Status, AigcImageTask });
const file = { FileUrl: "http://host/a.png", FileType: "png", FileId: "", MetaData: null, MediaName: null };

describe("what a task's answer means", () => {
  test.each([
    ["WAITING", "running"],
    ["PROCESSING", "running"],
    ["SOMETHING_NEW", "running"],
    ["", "running"],
    ["ABORTED", "failed"],
  ])("takes status %j as %s", (status, kind) => {
    expect(taskReport(answer(status, null)).kind).toBe(kind);
  });

  test.each<[string, AigcImageTaskInfo, string]>([
    ["a file", { ErrCode: 0, Output: { FileInfos: [file] } }, "finished"],
    [
      "a file, though an error is told",
      { ErrCode: 70000, ErrCodeExt: "InternalError", Output: { FileInfos: [file] } },
      "finished",
    ],
    ["ErrCode", { ErrCode: 70000, Output: { FileInfos: [] } }, "lasting"],
    ["ErrCodeExt only", { ErrCode: 0, ErrCodeExt: "ModelGenerateFailed", Output: null }, "passing"],
    ["no files", { ErrCode: 0, ErrCodeExt: "", Output: { FileInfos: [] } }, "noFile"],
    [
      "a file without a URL",
      { ErrCode: 0, Output: { FileInfos: [{ ...file, FileUrl: "", FileId: "1" }] } },
      "finished",
    ],
    ["neither URL nor FileId", { ErrCode: 0, Output: { FileInfos: [{ ...file, FileUrl: "" }] } }, "noFile"],
    [
      "over concurrency, told in its Message alone",
      { ErrCode: 70000, Message: "task failed: RequestLimitExceeded" },
      "neverRan",
    ],
    [
      "a Message that only mentions a longer code",
      { ErrCode: 70000, Message: "RequestLimitExceeded.UinLimit" },
      "lasting",
    ],
    ["over concurrency", { ErrCode: 70000, ErrCodeExt: "RequestLimitExceeded" }, "neverRan"],
    ["a backlog", { ErrCode: 70000, ErrCodeExt: "FailedOperation" }, "neverRan"],
    [
      "moderation, spelt as the service does",
      { ErrCode: 70000, ErrCodeExt: "InvalidParameter.VoilationContent" },
      "lasting",
    ],
    ["moderation, spelt right", { ErrCode: 70000, ErrCodeExt: "InvalidParameter.ViolationContent" }, "lasting"],
    ["a cause nobody documented", { ErrCode: 70000, ErrCodeExt: "Brand.New" }, "lasting"],
    ["a cause with the name of an object's own member", { ErrCode: 70000, ErrCodeExt: "constructor" }, "lasting"],
  ])("takes FINISH with %s for what it is", (_, task, expected) => {
    const state = taskReport(answer("FINISH", task));
    expect(state.kind === "failed" ? state.cause : state.kind).toBe(expected);
  });

  test("keeps nothing of a file that the service left out, sent empty or sent as null", () => {
    const state = taskReport(answer("FINISH", { Output: { FileInfos: [file] } }));
    expect(state).toEqual({
      kind: "finished",
      files: [{ url: "http://host/a.png", fileType: "png" }],
      times: {},
    });
  });
});
