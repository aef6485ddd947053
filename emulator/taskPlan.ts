import type { CreateAigcImageTaskRequest } from "../provider/vod/wire";
import type { Behaviours } from "./behaviours";
import type { ArmedFault, FaultKindOf } from "./faultKinds";
import { additionalParameter } from "./pictureSize";
import type { TaskPlan } from "./task";

/** The greatest OutputImageCount of the models that know it; others give one image whatever it says. */
const imageCounts: Readonly<Record<string, number>> = { OG: 8, Kling: 9 };
/** SI gives several when told so in ExtInfo, as many as the prompt names. */
const sequentialModel = { name: "SI", most: 15 };

/** How many images a request asks for. */
export function imagesAsked(request: CreateAigcImageTaskRequest): number {
  const most = imageCounts[request.ModelName];
  if (most !== undefined) return Math.min(most, request.OutputConfig?.OutputImageCount || 1);
  const sequential = additionalParameter(request, "sequential_image_generation") === "auto";
  if (request.ModelName !== sequentialModel.name || !sequential) return 1;
  const named = /(\d+)\s+(?:images|pictures|photos)/i.exec(request.Prompt ?? "");
  return Math.min(sequentialModel.most, Math.max(1, Number(named?.[1] ?? 1)));
}

/** The plan of a task in which nothing goes wrong. */
export function successPlan(images: number, behaviours: Behaviours): TaskPlan {
  const plan = { files: images, errCode: 0, errCodeExt: "", message: "", finalStatus: "FINISH" } as const;
  const partial = images > 1 ? behaviours.partialOutput : "none";
  const outcome = {
    none: {},
    fewer: { files: images - 1 },
    withError: { files: images - 1, errCode: 70000, errCodeExt: "ModelGenerateFailed", message: "one image failed" },
  }[partial];
  return { ...plan, neverRuns: false, ...outcome };
}

/** The plan of a task that ends without a file. */
export function failurePlan(errCode: number, errCodeExt: string, message: string, neverRuns = false): TaskPlan {
  return { files: 0, errCode, errCodeExt, message, finalStatus: "FINISH", neverRuns };
}

/** What a `task` fault makes of a plan. */
export function withFault(
  plan: TaskPlan,
  fault: ArmedFault<FaultKindOf<"task">> | undefined,
  behaviours: Behaviours,
): TaskPlan {
  switch (fault?.kind) {
    case undefined:
    case "listingLag":
    case "searchLag":
    case "filesLate":
      return plan;
    case "taskFails": {
      const errCodeExt = fault.errCodeExt.replace(
        /^InvalidParameter\.V(oi|io)lationContent$/,
        `InvalidParameter.${behaviours.moderationSpelling}Content`,
      );
      const failed = failurePlan(fault.errCode, errCodeExt, fault.message ?? `The task failed. ${errCodeExt}`.trim());
      return fault.seconds === undefined ? failed : { ...failed, runSeconds: fault.seconds };
    }
    case "emptyFiles":
      return { ...plan, files: 0 };
    case "partialFiles":
      return { ...plan, files: Math.min(plan.files, fault.files ?? Math.max(1, plan.files - 1)) };
    case "aborted":
      return { ...failurePlan(70000, "OperationCanceled", "the task was aborted"), finalStatus: "ABORTED" };
    case "stuck":
      return { ...plan, runSeconds: fault.seconds ?? null };
  }
}
