/**
 * Names of the outputs that are not inputs as well. They are on the object of a program only if they are named at
 * registration.
 */
export const outputNames = [
  "taskId",
  "attempt",
  "sessionId",
  "generationId",
  "status",
  "requestId",
  "createTime",
  "finishTime",
  "endpoint",
  "errCode",
  "errCodeExt",
  "message",
  "files",
] as const;
