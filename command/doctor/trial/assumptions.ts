/**
 * What the code assumes of the service, or copes with either way, and no source settles. A row with `why` cannot be seen
 * with one picture that goes well.
 */
export const assumptions = {
  duplicateRefused: { statement: "a second request under a SessionId is refused, and starts no task" },
  listed: { statement: "AIGC tasks appear in DescribeTasks" },
  listedSessionId: { statement: "DescribeTasks tells the SessionId of an AIGC task" },
  listedType: { statement: "DescribeTasks names the type of a task in TaskType" },
  foundByName: { statement: "a Permanent picture appears in SearchMedia by the MediaName given" },
  nameAsGiven: { statement: "the service adds nothing to the MediaName given" },
  tagAccepted: { statement: "ModifyMediaInfo may add a tag to a picture" },
  foundByTag: { statement: "a picture appears in SearchMedia by its tag" },
  severalTags: { statement: "several Tags in SearchMedia find pictures with any of them" },
  foundAfterRename: { statement: "a renamed picture is found by its new name and by its tag" },
  usageRose: { statement: "DescribeAigcUsageData rises by one for the picture" },
  modelAsSent: { statement: "the echo of a request names the model as it was sent" },
  urlIsStable: { statement: "a picture has the same URL at each read" },
  unknownTask: { statement: "an unknown TaskId answers ResourceNotFound or InvalidParameterValue.TaskId" },
  unknownParameters: { statement: "a parameter that an action does not have is ignored" },
  failedUncharged: { statement: "a failed task is not charged", why: "no task was made to fail" },
  overConcurrency: {
    statement: "a task over the concurrency quota is queued, refused, or failed without being run",
    why: "two tasks at once would bill two images",
  },
  window: { statement: "a SessionId is refused for 3 days, and not renewed by a refusal", why: "it takes days" },
  refusedKeepsSessionId: { statement: "a refused submit does not use up its SessionId", why: "no submit was refused" },
  partialOutput: { statement: "a task of several images tells which it gave", why: "one image was asked for" },
  moderation: { statement: "moderation is told in ErrCodeExt", why: "the prompt breaks no rule" },
  validation: { statement: "a wrong parameter is refused at submit", why: "a task that fails might be charged" },
  unlistedModels: { statement: "models that are not listed are refused", why: "one that is taken would be billed" },
  unknownFileIds: { statement: "a FileId that does not exist is refused", why: "a task that fails might be charged" },
  deleteMissing: { statement: "deleting a file that does not exist is refused", why: "nothing is ever deleted here" },
} as const satisfies Record<string, { readonly statement: string; readonly why?: string }>;

export type AssumptionName = keyof typeof assumptions;

export type Verdict = "confirmed" | "contradicted" | "not seen";

export interface Fact {
  readonly name: AssumptionName;
  readonly verdict: Verdict;
  readonly detail: string;
}

export interface ToldAssumption extends Fact {
  readonly statement: string;
}

/** Each assumption with the latest that is known of it. */
export function tellAssumptions(facts: readonly Fact[]): ToldAssumption[] {
  const names = Object.keys(assumptions) as AssumptionName[];
  return names.map((name) => {
    const row: { readonly statement: string; readonly why?: string } = assumptions[name];
    const fact = facts.findLast((one) => one.name === name);
    const unseen = { name, verdict: "not seen", detail: row.why ?? "the trial did not come so far" } as const;
    return { ...(fact ?? unseen), statement: row.statement };
  });
}
