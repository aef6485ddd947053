import { type Configuration, homeDirectory } from "../../provider/configuration";
import type { VodClient } from "../../provider/vod/client";
import { describeCredentials } from "../../provider/vod/credentials";
import { ConfigurationError, TencentAigcError } from "../../provider/vod/errors";
import type { DescribeAigcQuotasResponse, VodAction } from "../../provider/vod/wire";
import { type Finding, failed, notChecked, ok, warning } from "./finding";
import {
  type Answered,
  actions,
  camAction,
  isDenied,
  isUnder,
  judgePermission,
  permissions,
  policy,
} from "./permissions";

/** Where the keys come from; what is wrong with them before anything is sent. */
export async function checkKeys({ configured }: Configuration, env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const { where, temporary, roleArn } = await describeCredentials({ configured, env, home: homeDirectory(env) });
    const role = roleArn === undefined ? "" : ", with which a role is assumed";
    return ok("keys", `from ${where}${temporary ? " (temporary)" : ""}${role}`);
  } catch (error) {
    if (!ConfigurationError.isInstance(error)) throw error;
    const [problem] = error.problems;
    return failed("keys", problem ? `${problem.key} ${problem.rule}` : error.message, problem?.fix ?? error.nextStep);
  }
}

/** Asks every action once, in a way that changes nothing. */
export async function askActions(client: VodClient, subAppId: number): Promise<ReadonlyMap<VodAction, Answered>> {
  const answers = new Map<VodAction, Answered>();
  for (const action of actions) {
    const answered = await askAction(client, action, subAppId);
    if (answered) answers.set(action, answered);
  }
  return answers;
}

async function askAction<A extends VodAction>(
  client: VodClient,
  action: A,
  subAppId: number,
): Promise<Answered | undefined> {
  const request = permissions[action].question?.(subAppId);
  if (request === undefined) return undefined;
  try {
    return { response: await client.call(action, request, { retry: (_, retries) => retries < 1 }) };
  } catch (error) {
    if (!TencentAigcError.isInstance(error)) throw error;
    return { error };
  }
}

/** What the answers tell of the keys, the application, the permissions and the quota. */
export function judgeAnswers(answers: ReadonlyMap<VodAction, Answered>, keys: Finding, subAppId: number): Finding[] {
  const errors = [...answers.values()].flatMap((answered) => ("error" in answered ? [answered.error] : []));
  const refusal = errors.find((error) => isUnder(error, ["AuthFailure"]) && !isDenied(error));
  const unsigned = errors.find((error) => ConfigurationError.isInstance(error));
  if (refusal || unsigned) {
    const error = refusal ?? unsigned;
    const told = failed(
      "keys",
      refusal ? `${keys.text}: the service refuses them (${refusal.code})` : `${keys.text}: ${error?.message ?? ""}`,
      error?.nextStep ?? "",
    );
    return [told, notChecked("SubAppId", "the keys are refused"), ...notAsked("the keys are refused")];
  }
  return [
    keys,
    judgeSubAppId(errors, answers, subAppId),
    ...actions.map((action) => judgePermission(action, answers.get(action))),
    judgeQuota(answers.get("DescribeAigcQuotas")),
  ];
}

/** The findings where nothing can be asked. */
export function notAsked(why: string): Finding[] {
  return [...actions.map((action) => notChecked(`permission ${camAction(action)}`, why)), notChecked("quota", why)];
}

function judgeSubAppId(
  errors: readonly TencentAigcError[],
  answers: ReadonlyMap<VodAction, Answered>,
  subAppId: number,
): Finding {
  const codes = ["InvalidParameterValue.SubAppId", "InvalidParameterValue.AppId", "FailedOperation.InvalidVodUser"];
  const wrong = errors.find((error) => isUnder(error, codes));
  if (wrong) return failed("SubAppId", `${subAppId} is refused (${wrong.code})`, wrong.nextStep);
  const isTaken = [...answers.values()].some((answered) => "response" in answered);
  return isTaken
    ? ok("SubAppId", `${subAppId} is taken by the service`)
    : notChecked("SubAppId", "no action was answered", "A SubAppId of another account can be denied like an action.");
}

/** From here on it is told before it is used up. */
const nearlyUsed = 0.9;

function judgeQuota(answered: Answered | undefined): Finding {
  if (!answered || "error" in answered) return notChecked("quota", "DescribeAigcQuotas was not answered");
  const { QuotaSet } = answered.response as DescribeAigcQuotasResponse;
  const quota = QuotaSet?.find(({ QuotaType }) => QuotaType === "Image");
  if (typeof quota?.QuotaLimit !== "number") return ok("quota", "none is set for images");
  const { QuotaLimit: limit, Usage } = quota;
  const used = Usage ?? 0;
  const text = `${used} of ${limit} images are used, as the service counts with some delay`;
  const raise = "Raise the AIGC quota of this SubAppId (ModifyAigcQuota, or the VOD console).";
  if (used >= limit) return failed("quota", `${text}: a submit is refused with LimitExceeded.Quota`, raise);
  return used >= nearlyUsed * limit ? warning("quota", text, raise) : ok("quota", text);
}

/** The policy, where an action that is needed was denied. */
export function missingPolicy(answers: ReadonlyMap<VodAction, Answered>): object | undefined {
  const isMissing = (action: VodAction) => {
    const answered = answers.get(action);
    return answered !== undefined && "error" in answered && isDenied(answered.error);
  };
  return actions.some(isMissing) ? policy() : undefined;
}
