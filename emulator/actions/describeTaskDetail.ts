import type { AigcImageTaskInfo } from "../../provider/vod/wire";
import { ApiError } from "../apiError";
import { echoedInput, outputFileInfo } from "../echo";
import type { ArmedFault, FaultKindOf } from "../faultKinds";
import { requiredText, whole } from "../parameters";
import { type Service, taskLifetime } from "../service";
import { hasEnded, type OutputFile, progressOf, type Task } from "../task";
import { viewTask } from "../view";
import type { Action, Answer } from "./action";

export const describeTaskDetail: Action<Answer<"DescribeTaskDetail">> = {
  parameters: ["TaskId", "SubAppId"],
  pace: "read",
  answer(parameters, service, take) {
    const taskId = requiredText(parameters, "TaskId");
    const subAppId = whole(parameters, "SubAppId");
    const now = service.clock.now();
    // A task that ends at this very moment must not be told as ended without its files.
    service.store.settle(now);
    const task = service.store.task(taskId);
    if (!task || (subAppId !== undefined && task.subAppId !== subAppId) || now - task.createTime > taskLifetime) {
      throw unknownTask(service);
    }
    const files = filesTold(task, now);
    const fault = take(liesAbout(files));
    if (fault?.kind === "unknownTask") throw unknownTask(service);
    const view = viewTask(task, now, fault);
    return {
      TaskType: "AigcImageTask",
      Status: view.status,
      ...view.times,
      AigcImageTask: taskInfo(task, service, now, view.ended, files, fault),
      ...siblings,
    };
  },
};

type ViewFault = ArmedFault<FaultKindOf<"view">>;

function unknownTask(service: Service): ApiError {
  return new ApiError(
    service.behaviours.afterWindowError,
    "The task does not exist, or was submitted over 3 days ago.",
  );
}

/** The files that a task has ended with, once they are told. */
function filesTold(task: Task, now: number): readonly OutputFile[] {
  return task.finishTime !== undefined && task.finishTime + task.filesLag <= now ? task.files : [];
}

/** What can be told wrongly of a task with these files. */
function liesAbout(files: readonly OutputFile[]): readonly ViewFault["kind"][] {
  return [
    "unknownTask",
    "unknownStatus",
    "progressBackwards",
    "zeroTimes",
    ...(files.length > 0 ? (["finishWithoutFiles", "fileWithoutUrl"] as const) : []),
    ...(files.length > 1 ? (["partOfFiles"] as const) : []),
  ];
}

function taskInfo(
  task: Task,
  service: Service,
  now: number,
  ended: boolean,
  files: readonly OutputFile[],
  fault: ViewFault | undefined,
): AigcImageTaskInfo {
  const earlier = hasEnded(task, now) ? 10 : Math.min(1, progressOf(task, now));
  const shown = ended ? filesShown(files, fault) : [];
  return {
    TaskId: task.taskId,
    Status: ended ? "FINISH" : "PROCESSING",
    ErrCode: ended ? task.plan.errCode : 0,
    ErrCodeExt: ended ? task.plan.errCodeExt : "",
    Message: ended ? task.plan.message : "",
    Progress: fault?.kind === "progressBackwards" ? earlier : progressOf(task, now),
    Input: echoedInput(task, service),
    Output: { FileInfos: shown.map((file) => outputFileInfo(file, service, fault?.kind !== "fileWithoutUrl")) },
    SessionId: task.sessionId,
    SessionContext: task.sessionContext,
  };
}

function filesShown(files: readonly OutputFile[], fault: ViewFault | undefined): readonly OutputFile[] {
  if (fault?.kind === "finishWithoutFiles") return [];
  return fault?.kind === "partOfFiles" ? files.slice(0, fault.files) : files;
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
