import type { CreateAigcImageTaskRequest } from "../provider/vod/wire";
import type { Behaviours } from "./behaviours";
import type { Fault, FaultKind } from "./faults";
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

type Planned = (plan: TaskPlan, fault: Fault, behaviours: Behaviours) => TaskPlan;

/** What each `task` fault makes of a plan; those not named leave it as it is. */
const planned: { readonly [K in FaultKind]?: Planned } = {
  taskFails: (_, fault, behaviours) => {
    const errCodeExt = (fault.errCodeExt ?? "InternalError").replace(
      /^InvalidParameter\.V(oi|io)lationContent$/,
      `InvalidParameter.${behaviours.moderationSpelling}Content`,
    );
    const message = fault.message ?? `The task failed. ${errCodeExt}`.trim();
    const plan = failurePlan(fault.errCode ?? 70000, errCodeExt, message);
    return fault.seconds === undefined ? plan : { ...plan, runSeconds: fault.seconds };
  },
  emptyFiles: (plan) => ({ ...plan, files: 0 }),
  partialFiles: (plan, fault) => ({ ...plan, files: Math.min(plan.files, fault.files ?? Math.max(1, plan.files - 1)) }),
  aborted: () => ({ ...failurePlan(70000, "OperationCanceled", "the task was aborted"), finalStatus: "ABORTED" }),
  stuck: (plan, fault) => ({ ...plan, runSeconds: fault.seconds ?? Number.POSITIVE_INFINITY }),
};

export function withFault(plan: TaskPlan, fault: Fault | undefined, behaviours: Behaviours): TaskPlan {
  return (fault && planned[fault.kind]?.(plan, fault, behaviours)) ?? plan;
}
