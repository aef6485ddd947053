import type { TencentAigcError } from "../../provider/vod/errors";
import { isOrUnder } from "../../provider/vod/nextSteps";
import type { VodAction, VodActions } from "../../provider/vod/wire";
import { type Finding, failed, notChecked, ok, warning } from "./finding";

/** A FileId and a TaskId that nothing has. */
const noFile = "1";
const noTask = "pulumi-tencent-aigc-doctor-asks-for-no-task";

type Question<A extends VodAction> = (subAppId: number) => VodActions[A]["request"];

interface Row<A extends VodAction> {
  readonly purpose: string;
  /** Whether deployments need it; without the others something less is known. */
  readonly needed: boolean;
  /** A request that can neither bill nor change anything; absent where there is none that surely cannot. */
  readonly question?: Question<A>;
}

/** Every action that is used. The checks, the policy and the page of the docs are made of this table. */
export const permissions: { readonly [A in VodAction]: Row<A> } = {
  CreateAigcImageTask: { purpose: "generates pictures", needed: true },
  DescribeTaskDetail: {
    purpose: "follows a task",
    needed: true,
    question: (subAppId) => ({ SubAppId: subAppId, TaskId: noTask }),
  },
  DescribeTasks: {
    purpose: "follows many tasks, and finds one whose answer was lost",
    needed: true,
    question: (subAppId) => ({ SubAppId: subAppId, Limit: 1 }),
  },
  SearchMedia: {
    purpose: "finds pictures that were paid for",
    needed: true,
    question: (subAppId) => ({ SubAppId: subAppId, NamePrefixes: [noTask], Limit: 1 }),
  },
  DescribeMediaInfos: {
    purpose: "sees whether a picture still exists",
    needed: true,
    question: (subAppId) => ({ SubAppId: subAppId, FileIds: [noFile] }),
  },
  ModifyMediaInfo: {
    purpose: "sets mediaName, classId, expireTime and tags",
    needed: true,
    // Names nothing to change, of a file that does not exist.
    question: (subAppId) => ({ SubAppId: subAppId, FileId: noFile }),
  },
  DescribeAigcQuotas: {
    purpose: "doctor: the quota of images",
    needed: false,
    question: (subAppId) => ({ SubAppId: subAppId, QuotaType: "Image", Limit: 100 }),
  },
  DescribeAigcUsageData: {
    purpose: "images billed so far today",
    needed: false,
    question: (subAppId) => {
      const now = new Date().toISOString();
      return { SubAppId: subAppId, AigcType: "Image", StartTime: now, EndTime: now };
    },
  },
};

export const actions = Object.keys(permissions) as VodAction[];

export function camAction(action: VodAction): string {
  return `vod:${action}`;
}

/** The least policy in CAM's syntax, for all applications. */
export function policy(wanted: readonly VodAction[] = actions): object {
  return { version: "2.0", statement: [{ effect: "allow", action: wanted.map(camAction), resource: ["*"] }] };
}

/** What the service answered to a question. */
export type Answered = { readonly response: object } | { readonly error: TencentAigcError };

const deniedFamilies = ["UnauthorizedOperation", "AuthFailure.UnauthorizedOperation", "FailedOperation.NoPrivileges"];
/** It looked for what was named, so it was allowed to. */
const lookedFamilies = ["ResourceNotFound", "InvalidParameterValue.TaskId", "InvalidParameterValue.FileId"];
const otherCauses: readonly (readonly [family: string, text: string])[] = [
  ["AuthFailure", "the keys are refused"],
  ["InvalidParameterValue.SubAppId", "the SubAppId is refused"],
  ["InvalidParameterValue.AppId", "the SubAppId is refused"],
  ["InvalidAction", "the host does not know this action"],
];

export const isDenied = (error: TencentAigcError): boolean => isUnder(error, deniedFamilies);

export function isUnder({ code }: TencentAigcError, families: readonly string[]): boolean {
  return code !== undefined && families.some((family) => isOrUnder(code, family));
}

/** Says what an answer tells about the permission for its action. */
export function judgePermission(action: VodAction, answered: Answered | undefined): Finding {
  const check = `permission ${camAction(action)}`;
  const { purpose, needed } = permissions[action];
  if (answered === undefined) {
    return notChecked(
      check,
      "no request is known that surely bills nothing: what the service checks first is not documented",
      "The policy in docs/permissions.md has it; `doctor --bill-one-image` uses it.",
    );
  }
  if ("response" in answered || isUnder(answered.error, lookedFamilies)) return ok(check, `allowed (${purpose})`);
  const { error } = answered;
  if (isDenied(error)) {
    const grant = `Allow the action ${camAction(action)} in the CAM policy of this key.`;
    const text = `denied, ${error.code} (${purpose})`;
    return needed ? failed(check, text, grant) : warning(check, text, grant);
  }
  const cause = otherCauses.find(([family]) => isUnder(error, [family]))?.[1];
  return notChecked(check, cause ?? `the service answered otherwise: ${error.message}`);
}
