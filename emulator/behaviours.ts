/**
 * What no source settles about the service, as switches: each can be played either way. This table is the one list of
 * them; the first value allowed is the default.
 */
export interface Behaviours {
  tasksInListing: boolean;
  listingLagSeconds: number;
  listingSessionIds: boolean;
  listingTypeField: "TaskType" | "Type";
  filesInSearch: boolean;
  searchLagSeconds: number;
  overConcurrency: "queued" | "refused" | "failed";
  failedTasksCharged: boolean;
  aliasedEcho: boolean;
  windowDays: 3 | 7;
  refusedSubmitUsesSessionId: boolean;
  afterWindowError: "ResourceNotFound" | "InvalidParameterValue.TaskId";
  urlVaries: boolean;
  partialOutput: "none" | "fewer" | "withError";
  moderationSpelling: "Voilation" | "Violation";
  validation: "atSubmit" | "inTask";
  unlistedModels: "refused" | "accepted";
  unknownFileIds: "refused" | "accepted";
  unknownParameters: "ignored" | "refused";
  deleteMissingMedia: "ResourceNotFound" | "success";
  duplicates: "refused" | "accepted";
  duplicateRenewsWindow: boolean;
  mediaNameEnding: "none" | "-0" | "_1.png";
  severalTags: "any" | "all";
  tagLagSeconds: number;
  addTags: "accepted" | "refused";
  usageLagSeconds: number;
  fileHost: "own" | "vod2.myqcloud.com" | "store.vod-qcloud.com";
  base64Files: "accepted" | "refused";
}

interface Row<T> {
  /** The values allowed, the default first; or `seconds`, any number from 0, with default 0. */
  allowed: readonly T[] | "seconds";
  meaning: string;
}

const noYes = [false, true] as const;
const yesNo = [true, false] as const;

export const behaviourTable: { readonly [K in keyof Behaviours]: Row<Behaviours[K]> } = {
  tasksInListing: { allowed: yesNo, meaning: "AIGC tasks appear in DescribeTasks" },
  listingLagSeconds: { allowed: "seconds", meaning: "how long after its submit a task appears in DescribeTasks" },
  listingSessionIds: { allowed: yesNo, meaning: "DescribeTasks fills SessionId and SessionContext" },
  listingTypeField: { allowed: ["TaskType", "Type"], meaning: "under which name DescribeTasks gives a task's type" },
  filesInSearch: { allowed: yesNo, meaning: "Permanent files appear in SearchMedia" },
  searchLagSeconds: { allowed: "seconds", meaning: "how long after its task's end a file appears in SearchMedia" },
  overConcurrency: {
    allowed: ["queued", "refused", "failed"],
    meaning:
      "a task over the concurrency quota waits (WAITING), is refused at submit (RequestLimitExceeded), or is accepted and ends at once with ErrCode 70000, ErrCodeExt RequestLimitExceeded",
  },
  failedTasksCharged: { allowed: noYes, meaning: "a task that ran and failed is billed" },
  aliasedEcho: { allowed: noYes, meaning: "the echoed request names the model by an alias, as GEM for GG" },
  windowDays: { allowed: [3, 7], meaning: "how long a SessionId is refused as a duplicate" },
  refusedSubmitUsesSessionId: { allowed: noYes, meaning: "a refused submit uses up its SessionId" },
  afterWindowError: {
    allowed: ["ResourceNotFound", "InvalidParameterValue.TaskId"],
    meaning: "what DescribeTaskDetail answers for a task older than 3 days, or unknown",
  },
  urlVaries: { allowed: noYes, meaning: "every read gives a file another URL" },
  partialOutput: {
    allowed: ["none", "fewer", "withError"],
    meaning: "a task asked for several images gives one fewer, without or with a non-zero ErrCode beside them",
  },
  moderationSpelling: {
    allowed: ["Voilation", "Violation"],
    meaning: "how ErrCodeExt InvalidParameter.VoilationContent is spelt",
  },
  validation: {
    allowed: ["atSubmit", "inTask"],
    meaning: "a broken rule of a model is answered at submit, or by a task that fails with ErrCode 40000",
  },
  unlistedModels: { allowed: ["refused", "accepted"], meaning: "what happens to models that the page does not list" },
  unknownFileIds: {
    allowed: ["refused", "accepted"],
    meaning: "what happens to a FileInfos FileId that does not exist",
  },
  unknownParameters: {
    allowed: ["ignored", "refused"],
    meaning: "what happens to top-level parameters that an action does not have",
  },
  deleteMissingMedia: {
    allowed: ["ResourceNotFound", "success"],
    meaning: "what DeleteMedia answers for a file that does not exist",
  },
  duplicates: { allowed: ["refused", "accepted"], meaning: "what happens to a SessionId used before in its window" },
  duplicateRenewsWindow: { allowed: noYes, meaning: "a refused duplicate begins the window of its SessionId anew" },
  mediaNameEnding: {
    allowed: ["none", "-0", "_1.png"],
    meaning: "what the service adds to the MediaName of a task's files: nothing, the index, or the number and the type",
  },
  severalTags: {
    allowed: ["any", "all"],
    meaning: "several Tags in SearchMedia find files with any, or with all, of them",
  },
  tagLagSeconds: { allowed: "seconds", meaning: "how long after ModifyMediaInfo a tag appears in SearchMedia" },
  addTags: {
    allowed: ["accepted", "refused"],
    meaning: "whether ModifyMediaInfo may add tags (UnauthorizedOperation)",
  },
  usageLagSeconds: {
    allowed: "seconds",
    meaning: "how long after its task's end an image is in DescribeAigcUsageData",
  },
  fileHost: {
    allowed: ["own", "vod2.myqcloud.com", "store.vod-qcloud.com"],
    meaning:
      "what the URL of a picture names: the emulator, or over http a host of the service, from which it cannot be had",
  },
  base64Files: {
    allowed: ["accepted", "refused"],
    meaning: "whether FileInfos may have Base64, which only newer SDKs know (UnknownParameter)",
  },
};

export function defaultBehaviours(): Behaviours {
  const rows = Object.entries(behaviourTable) as [string, Row<unknown>][];
  return Object.fromEntries(
    rows.map(([name, { allowed }]) => [name, allowed === "seconds" ? 0 : allowed[0]]),
  ) as unknown as Behaviours;
}

/** Sets `values` on `behaviours`, all or none. Throws a `RangeError` that says what is allowed. */
export function setBehaviours(behaviours: Behaviours, values: unknown): void {
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new RangeError("behaviours are an object of names and values");
  }
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(behaviourTable, name)) {
      throw new RangeError(`no behaviour is called ${JSON.stringify(name)}: ${Object.keys(behaviourTable).join(", ")}`);
    }
    const allowed: Row<unknown>["allowed"] = behaviourTable[name as keyof Behaviours].allowed;
    if (allowed === "seconds") {
      if (typeof value === "number" && Number.isFinite(value) && value >= 0) continue;
      throw new RangeError(`behaviour ${name} is a number of seconds, 0 or more`);
    }
    if (allowed.includes(value)) continue;
    throw new RangeError(`behaviour ${name} is one of ${allowed.map((one) => JSON.stringify(one)).join(", ")}`);
  }
  Object.assign(behaviours, values);
}
