import type { CreateAigcImageTaskRequest } from "../../provider/vod/wire";
import { ApiError } from "../apiError";
import type { Behaviours } from "../behaviours";
import { type ArmedFault, type FaultKindOf, kindsOf } from "../faultKinds";
import { imagesUsed } from "../ledger";
import { dayMilliseconds, type Service } from "../service";
import type { TaskPlan } from "../task";
import { failurePlan, imagesAsked, successPlan, withFault } from "../taskPlan";
import { type Refusal, refusalOf } from "../validation";
import type { Action, Answer } from "./action";

export const createAigcImageTask: Action<Answer<"CreateAigcImageTask">> = {
  parameters: [
    "SubAppId",
    "ModelName",
    "ModelVersion",
    "FileInfos",
    "Prompt",
    "NegativePrompt",
    "EnhancePrompt",
    "OutputConfig",
    "InputRegion",
    "SceneType",
    "Seed",
    "SessionId",
    "SessionContext",
    "TasksPriority",
    "ExtInfo",
  ],
  pace: "submit",
  answer(parameters, service, take) {
    const { store, behaviours } = service;
    const refusal = refusalOf(parameters, service);
    const inTask = refusal?.modelRule === true && behaviours.validation === "inTask";
    if (refusal && !inTask) throw refuse(parameters, service, refusal.code, refusal.message);

    const request = parameters as unknown as CreateAigcImageTaskRequest;
    const { SubAppId: subAppId, SessionId: sessionId = "" } = request;
    const used = store.sessionUsed(subAppId, sessionId);
    const isKnown = used !== undefined && behaviours.duplicates === "refused";
    if (isKnown && service.clock.now() - used < behaviours.windowDays * dayMilliseconds) {
      if (behaviours.duplicateRenewsWindow) store.useSession(subAppId, sessionId);
      throw new ApiError(
        "InvalidParameterValue.SessionId",
        "The deduplication ID already exists. The request is removed due to duplication.",
      );
    }
    const { imageQuota } = service.options;
    if (imageQuota !== undefined && imagesUsed(service, subAppId) >= imageQuota) {
      throw refuse(parameters, service, "LimitExceeded.Quota", "The AIGC quota of this application is used up.");
    }
    const over = !store.schedule.hasSlot();
    if (over && behaviours.overConcurrency === "refused") {
      throw refuse(parameters, service, "RequestLimitExceeded", "The number of concurrent tasks exceeds the limit.");
    }
    const images = imagesAsked(request);
    const fault = take(kindsOf("task"));
    const task = store.submit({
      request,
      images,
      plan: plan(images, inTask ? refusal : undefined, over, behaviours, fault),
      listingLagSeconds: fault?.kind === "listingLag" ? fault.seconds : behaviours.listingLagSeconds,
      searchLagSeconds: fault?.kind === "searchLag" ? fault.seconds : behaviours.searchLagSeconds,
      filesLagSeconds: fault?.kind === "filesLate" ? fault.seconds : 0,
      mediaNameEnding: behaviours.mediaNameEnding,
      outside: false,
    });
    return { TaskId: task.taskId };
  },
};

function plan(
  images: number,
  refusal: Refusal | undefined,
  over: boolean,
  behaviours: Behaviours,
  fault: ArmedFault<FaultKindOf<"task">> | undefined,
): TaskPlan {
  if (refusal) return failurePlan(40000, "InvalidParameterValue", refusal.message);
  if (over && behaviours.overConcurrency === "failed") {
    return failurePlan(70000, "RequestLimitExceeded", "The model's concurrency limit is exceeded.", true);
  }
  return withFault(successPlan(images, behaviours), fault, behaviours);
}

function refuse(
  parameters: Readonly<Record<string, unknown>>,
  service: Service,
  code: string,
  message: string,
): ApiError {
  const { SubAppId, SessionId } = parameters;
  if (service.behaviours.refusedSubmitUsesSessionId && typeof SubAppId === "number" && typeof SessionId === "string") {
    service.store.useSession(SubAppId, SessionId);
  }
  return new ApiError(code, message);
}
