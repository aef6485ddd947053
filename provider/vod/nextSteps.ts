import type { VodAction } from "./wire";

/**
 * What to do about an error code, without paying. A code is looked up whole, then without its last part, and so on.
 */
export const nextSteps: Readonly<Record<string, string>> = {
  AuthFailure:
    "Check secretId and secretKey (stack config, environment or ~/.tencentcloud/credentials). `pulumi refresh` and " +
    "`pulumi destroy` still use the config of the last `pulumi up`.",
  "AuthFailure.SignatureExpire":
    "Set this machine's clock: it differs from the service's by more than 5 minutes. `pulumi refresh` and " +
    "`pulumi destroy` still use the config of the last `pulumi up`.",
  "AuthFailure.TokenFailure":
    "Get new temporary credentials, with their token. `pulumi refresh` and `pulumi destroy` still use the config of " +
    "the last `pulumi up`.",
  "AuthFailure.UnauthorizedOperation":
    "Grant the key the CAM permission for this action. `pulumi refresh` and `pulumi destroy` still use the config of " +
    "the last `pulumi up`.",
  UnauthorizedOperation: "Grant the key the CAM permission for this action on VOD.",
  "FailedOperation.InvalidVodUser": "Activate VOD (Video on Demand) for this account in the Tencent Cloud console.",
  "FailedOperation.InvalidAccount": "Check the account in the Tencent Cloud console.",
  "FailedOperation.UserStatusInavlid":
    "VOD is stopped for this account: check its billing in the Tencent Cloud console.",
  "FailedOperation.NoPrivileges": "Grant the key the CAM permission for this action on VOD.",
  FailedOperation: "The service gives no cause; ask Tencent Cloud, naming the RequestId.",
  IpNotInWhitelist: "Allow this machine's address for the key in the CAM console.",
  IpInBlacklist: "Allow this machine's address for the key in the CAM console.",
  InternalError: "It is a passing fault of the service; `pulumi refresh` shows what there is, at no cost.",
  InvalidAction: "Check `tencent-aigc:endpoint`: this host does not know the action.",
  NoSuchProduct: "Check `tencent-aigc:endpoint`: this host does not serve VOD.",
  NoSuchVersion: "Check `tencent-aigc:endpoint`: this host does not know API version 2018-07-17.",
  InvalidParameter: "Correct the inputs; `pulumi preview` checks them at no cost.",
  "InvalidParameter.VoilationContent": "Change the prompt or the reference images: content moderation refused them.",
  "InvalidParameter.ViolationContent": "Change the prompt or the reference images: content moderation refused them.",
  InvalidParameterValue: "Correct the inputs; `pulumi preview` checks them at no cost.",
  "InvalidParameterValue.FileId": "Correct `fileInfos[].fileId`: no such file in this SubAppId.",
  "InvalidParameterValue.SessionContextTooLong": "Shorten `sessionContext` to 1000 characters.",
  "InvalidParameterValue.SessionId":
    "The earlier task can be taken over by `adoptTaskId`, at no cost; DescribeTasks or the VOD console show its TaskId.",
  "InvalidParameterValue.SessionIdTooLong": "Shorten `sessionId` to 50 characters.",
  "InvalidParameterValue.SubAppId": "Set `subAppId`, or `tencent-aigc:subAppId`, to an application of this account.",
  "InvalidParameterValue.AppId": "Set `subAppId`, or `tencent-aigc:subAppId`, to an application of this account.",
  "InvalidParameterValue.TaskId": "The service knows tasks of the last 3 days only; check the TaskId and the SubAppId.",
  LimitExceeded: "Ask Tencent Cloud to raise the limit.",
  "LimitExceeded.Quota": "Raise the AIGC quota of this SubAppId (ModifyAigcQuota, or the VOD console).",
  MissingParameter: "Correct the inputs; `pulumi preview` checks them at no cost.",
  RequestLimitExceeded:
    "Lower `tencent-aigc:requestsPerSecond` or `tencent-aigc:maxConcurrentTasks`, or wait until others use the account less.",
  RequestSizeLimitExceeded: "Give reference images by `url` or `fileId` in place of `asset` or `base64`.",
  ResourceInsufficient: "The service lacks capacity at present; it was not for anything in the program.",
  ResourceNotFound: "Check the id and the SubAppId; the service knows tasks of the last 3 days only.",
  UnknownParameter:
    "Remove the input that this endpoint does not know yet. In place of a local file or Base64, which not every endpoint " +
    "takes, `fileInfos` can have a `url` or a `fileId`.",
};

/** What a code about the key says, in words of its own: the service's tell of the request. Found as a step is. */
export const meanings: Readonly<Record<string, string>> = {
  AuthFailure: "The service does not accept the key",
  "AuthFailure.InvalidSecretId": "The secretId is not that of an API key",
  "AuthFailure.SecretIdNotFound": "The service knows no such secretId",
  "AuthFailure.SignatureExpire": "This machine's clock is wrong",
  "AuthFailure.SignatureFailure": "The secretKey is not the one of this secretId",
  "AuthFailure.TokenFailure": "The temporary key has ended, or its token is another one's",
  "AuthFailure.UnauthorizedOperation": "The key may not call this action",
  UnauthorizedOperation: "The key may not call this action",
};

/** What to do about any other code. */
export const otherwise =
  "Look up the code in the VOD API's table of error codes, or ask Tencent Cloud, naming the RequestId.";

/** What follows a submit of which it is not known whether it was accepted. */
export const afterUnknownSubmit =
  "It may have been accepted: the task is found again by its SessionId, so change neither the inputs nor `keepers` until " +
  "`pulumi up` has settled it.";

/** The same where the request carried no SessionId to find it by. */
export const afterUntraceableSubmit =
  "It may have been accepted, and carried no SessionId: look for the task with DescribeTasks or in the VOD console first.";

/** What to do about an error code of the service. */
export function nextStepFor(action: VodAction, code: string, sessionId: string | undefined): string {
  if (action === "CreateAigcImageTask" && isOrUnder(code, "InternalError")) {
    return sessionId ? afterUnknownSubmit : afterUntraceableSubmit;
  }
  return byCode(nextSteps, code) ?? otherwise;
}

/** What an error code of the service means, where it tells of the key. */
export function meaningOf(code: string): string | undefined {
  return byCode(meanings, code);
}

function byCode(table: Readonly<Record<string, string>>, code: string): string | undefined {
  for (let prefix = code; prefix !== ""; prefix = prefix.slice(0, Math.max(prefix.lastIndexOf("."), 0))) {
    if (Object.hasOwn(table, prefix)) return table[prefix];
  }
  return undefined;
}

/** Whether a code is `family`, or one of those beneath it: `InternalError.DBError` is under `InternalError`. */
export function isOrUnder(code: string, family: string): boolean {
  return code === family || code.startsWith(`${family}.`);
}
