import type { AigcImageTaskInfo } from "../../provider/vod/wire";
import { ApiError } from "../apiError";
import { isoTime } from "../clock";
import { echoedInput, outputFileInfo } from "../echo";
import { hasEnded } from "../ledger";
import { requiredText, whole } from "../parameters";
import { type Service, taskLifetime } from "../service";
import { progressOf, statusOf, type Task } from "../task";
import { readStatus } from "../view";
import type { Action, Answer } from "./action";

export const describeTaskDetail: Action<Answer<"DescribeTaskDetail">> = {
  parameters: ["TaskId", "SubAppId"],
  pace: "read",
  answer(parameters, service, fault) {
    const taskId = requiredText(parameters, "TaskId");
    const subAppId = whole(parameters, "SubAppId");
    const now = service.clock.now();
    // A task that ends at this very moment must not be told as ended without its files.
    service.store.settle(now);
    const task = service.store.task(taskId);
    if (!task || (subAppId !== undefined && task.subAppId !== subAppId) || now - task.createTime > taskLifetime) {
      throw new ApiError(
        service.behaviours.afterWindowError,
        "The task does not exist, or was submitted over 3 days ago.",
      );
    }
    const { status, ended } = readStatus(statusOf(task, now), hasEnded(task, now), fault);
    return {
      TaskType: "AigcImageTask",
      Status: status,
      CreateTime: isoTime(task.createTime),
      BeginProcessTime: task.beginTime === undefined ? "" : isoTime(task.beginTime),
      FinishTime: ended ? isoTime(task.finishTime as number) : "",
      AigcImageTask: taskInfo(task, service, now, ended, fault?.kind === "progressBackwards"),
      ...siblings,
    };
  },
};

function taskInfo(task: Task, service: Service, now: number, ended: boolean, backwards: boolean): AigcImageTaskInfo {
  const earlier = hasEnded(task, now) ? 10 : Math.min(1, progressOf(task, now));
  return {
    TaskId: task.taskId,
    Status: ended ? "FINISH" : "PROCESSING",
    ErrCode: ended ? task.plan.errCode : 0,
    ErrCodeExt: ended ? task.plan.errCodeExt : "",
    Message: ended ? task.plan.message : "",
    Progress: backwards ? earlier : progressOf(task, now),
    Input: echoedInput(task, service),
    Output: { FileInfos: ended ? task.files.map((file) => outputFileInfo(file, service)) : [] },
    SessionId: task.sessionId,
    SessionContext: task.sessionContext,
  };
}

/** Fields for other types of task, which a real answer carries empty. */
const siblings = {
  ProcedureTask: null,
  EditMediaTask: null,
  WechatPublishTask: null,
  ComposeMediaTask: null,
  SplitMediaTask: null,
  WechatMiniProgramPublishTask: null,
  PullUploadTask: null,
  TranscodeTask: null,
  SnapshotByTimeOffsetTask: null,
  ConcatTask: null,
  ClipTask: null,
  CreateImageSpriteTask: null,
  RemoveWatermarkTask: null,
  RebuildMediaTask: null,
  ReviewAudioVideoTask: null,
  QualityInspectTask: null,
  QualityEnhanceTask: null,
  SceneAigcImageTask: null,
  AigcVideoTask: null,
};
