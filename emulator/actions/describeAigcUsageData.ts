import { ApiError } from "../apiError";
import { isoTime } from "../clock";
import { imagesBilled, isBilled } from "../ledger";
import { type Parameters, requiredText, time, whole } from "../parameters";
import { dayMilliseconds } from "../service";
import type { Task } from "../task";
import type { Action, Answer } from "./action";

const aigcTypes = [
  "Video",
  "Image",
  "Text",
  "Audio",
  "SceneAigcVideo",
  "SceneAigcImage",
  "SceneAigcTime",
  "TextDetail",
] as const;

const fiveMinutes = 5 * 60_000;
const longestSpan = 90 * dayMilliseconds;

/** What was billed, of every program, in steps of 5 minutes; over more than a day in steps of a day. */
export const describeAigcUsageData: Action<Answer<"DescribeAigcUsageData">> = {
  parameters: ["StartTime", "EndTime", "AigcType", "SubAppId", "APIKey", "APIKeys", "ScrollToken", "PageSize", "ReqId"],
  pace: "read",
  answer(parameters, service) {
    const aigcType = requiredText(parameters, "AigcType");
    if (!(aigcTypes as readonly string[]).includes(aigcType)) {
      throw new ApiError(
        "InvalidParameterValue",
        `The value of parameter AigcType is none of ${aigcTypes.join(", ")}.`,
      );
    }
    const start = requiredTime(parameters, "StartTime");
    const end = requiredTime(parameters, "EndTime");
    if (end < start || end - start > longestSpan) {
      throw new ApiError("InvalidParameterValue", "EndTime must lie at or after StartTime, by 90 days at most.");
    }
    const subAppId = whole(parameters, "SubAppId");
    const step = end - start > dayMilliseconds ? dayMilliseconds : fiveMinutes;
    const isAsked = (task: Task) => {
      const at = task.finishTime ?? Number.POSITIVE_INFINITY;
      return at >= start && at <= end && at + service.behaviours.usageLagSeconds * 1000 <= service.clock.now();
    };
    const billed = service.store.tasks(subAppId).filter((task) => isBilled(task, service, service.clock.now()));
    return { AigcUsageDataSet: aigcType === "Image" ? usageOf(billed.filter(isAsked), step) : [] };
  },
};

type Usage = NonNullable<Answer<"DescribeAigcUsageData">["AigcUsageDataSet"]>;

function usageOf(tasks: readonly Task[], step: number): Usage {
  const bySpecification = new Map<string, Map<number, { Count: number; Usage: number }>>();
  for (const task of tasks) {
    const specification = specificationOf(task);
    const steps = bySpecification.get(specification) ?? new Map<number, { Count: number; Usage: number }>();
    bySpecification.set(specification, steps);
    const at = Math.floor((task.finishTime ?? 0) / step) * step;
    const { Count, Usage } = steps.get(at) ?? { Count: 0, Usage: 0 };
    steps.set(at, { Count: Count + 1, Usage: Usage + imagesBilled(task) });
  }
  return [...bySpecification].map(([Specification, steps]) => ({
    Specification,
    DataSet: [...steps].sort(([one], [other]) => one - other).map(([at, used]) => ({ Time: isoTime(at), ...used })),
  }));
}

/** Such as `GG3.0_2K`. */
function specificationOf({ request: { ModelName, ModelVersion, OutputConfig } }: Task): string {
  const resolution = OutputConfig?.Resolution;
  return `${ModelName}${ModelVersion}${resolution ? `_${resolution}` : ""}`;
}

function requiredTime(parameters: Parameters, name: string): number {
  requiredText(parameters, name);
  return time(parameters, name) ?? 0;
}
