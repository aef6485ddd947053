import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, rows } from "../../../provider/generation/decide";
import type { Case, Evidence, Findings, KnownTask, OpenSend, Sent } from "../../../provider/generation/evidence";
import type { Intention } from "../../../provider/generation/intention";
import type { GenerationRecord } from "../../../provider/generation/record";
import type { TaskReport } from "../../../provider/service/task";

const hour = 3_600_000;
const now = Date.parse("2026-11-25T12:00:00Z");
const iso = (time: number) => new Date(time).toISOString();

const intention: Intention = {
  generationId: "pulumi-aigc-ce38c76d97f15192a4505e55ae251a8e",
  formerIds: [],
  ownSessionId: undefined,
  requestDigest: "",
  hasKeepers: false,
  request: { SubAppId: 1, ModelName: "GG", ModelVersion: "3.0" },
  withFiles: async (request) => request,
  permanent: true,
  mediaName: undefined,
  images: 1,
  spending: {},
  imagesAsked: 1,
  waitForCompletion: true,
  timeoutMs: 600_000,
  report: () => {},
};
const { generationId } = intention;
const submission = { number: 1, attempt: 1 };

const create: Case = {
  intention,
  purpose: "create",
  stored: undefined,
  begun: now - 1000,
  now,
  remainingMs: 600_000,
  cancelled: false,
};
const task: KnownTask = { taskId: "t", generationId, submission, since: now - hour, source: "journal" };
const open: OpenSend = { generationId, submission, sessionId: generationId, firstSentAt: now - hour, duplicate: false };
const unanswered = { kind: "unknown", why: "The library could not be read.", lasting: false } as const;
const found = {
  kind: "found",
  value: { files: [], generationId, sessionId: generationId, submission, taskId: undefined, ordered: true },
} as const;
const failedRecord: GenerationRecord = { kind: "failed", generationId, submission, taskId: "t", errCode: 70000 };

function looks(findings: Partial<Findings> = {}): Evidence {
  const nothing = { task: undefined, formerTask: undefined, open: undefined, refused: undefined };
  return {
    kind: "looks",
    looks: { ...nothing, files: { kind: "absent" }, unanswered: undefined, ...findings },
  };
}
const sent = (answer: Sent): Evidence => ({ kind: "sent", sent: answer });
const finished: TaskReport = { kind: "finished", files: [{ fileId: "1", url: "u" }], times: {} };
const failed = (cause: "neverRan" | "passing" | "lasting", finishTime = iso(now - hour)): TaskReport => ({
  kind: "failed",
  cause,
  meaning: "m",
  errCode: 70000,
  errCodeExt: undefined,
  times: { finishTime },
});
const report = (told: Extract<Evidence, { kind: "report" }>["report"], of: KnownTask = task): Evidence => ({
  kind: "report",
  task: of,
  report: told,
});
const files = (kinds: ("found" | "absent")[], times: number, changes: Partial<KnownTask> = {}): Evidence => ({
  kind: "files",
  task: { ...task, ...changes },
  report: { kind: "finished", files: [{ fileId: "1" }], times: { finishTime: iso(now - hour) } },
  looks: kinds.map((kind) => (kind === "found" ? { kind, value: {} } : { kind })),
  times,
});
const noFile = (kind: "noFile" | "noSuchTask", of: KnownTask = task): Evidence => ({
  kind: "noFile",
  task: of,
  report: kind === "noFile" ? { kind, times: {} } : { kind },
  files: { kind: "absent" },
});
const noFileEvidence: Evidence = {
  kind: "noFile",
  task,
  report: { kind: "noFile", times: {} },
  files: { kind: "absent" },
};
const aged: KnownTask = { ...task, since: now - 100 * hour };

/** For each row, by what it says is found: evidence on which it decides, and what follows. */
const examples: Readonly<Record<string, readonly [Evidence, Partial<Case>, string]>> = {
  "a task that state does not hold yet": [looks({ task }), {}, "follow"],
  "several files of a success, whose order the task has not told yet": [
    { ...noFileEvidence, files: { ...found, value: { ...found.value, ordered: false } } },
    {},
    "store running",
  ],
  "files in the media library": [looks({ files: found }), {}, "store finished"],
  "a task that was in state and was given up there": [looks({ formerTask: task }), {}, "follow"],
  "our own request, without a task and without a duplicate answer, inside the window": [looks({ open }), {}, "send 1"],
  "a look that a first send or a next attempt needs could not be answered": [looks({ unanswered }), {}, "look"],
  "a request that the service calls a duplicate, found nowhere": [
    sent({ kind: "duplicateNotFound", open }),
    {},
    "store unknown",
  ],
  "a request older than the window, and no file": [
    looks({ open: { ...open, firstSentAt: now - 100 * hour } }),
    {},
    "store aged",
  ],
  "nothing, in an update that only looks": [looks(), { purpose: "look", stored: failedRecord }, "store failed"],
  nothing: [looks(), {}, "send 1"],
  "a task under a `sessionId` of your own that is another request's": [
    sent({ kind: "anothers", task: { ...task, sessionId: "another's" } }),
    {},
    "send 1",
  ],
  "no slot became free until the deadline": [sent({ kind: "noSlot", blockedBy: "t" }), {}, "refuse"],
  "no answer to any repeat": [sent({ kind: "noAnswer", open, cause: "c" }), {}, "store unknown"],
  "the request became a task": [sent({ kind: "task", task }), {}, "follow"],
  "a task under way": [report({ kind: "running", status: "PROCESSING", times: {} }), {}, "store running"],
  "a task that cannot be asked for, or that the service denies inside the window": [
    report({ kind: "noSuchTask" }),
    {},
    "store running",
  ],
  "a task older than the window, or one that ended as a success without a file": [
    report({ kind: "noSuchTask" }, aged),
    {},
    "lookForFiles",
  ],
  "a success without a file": [noFile("noFile"), {}, "store failed"],
  "a task older than the window, and no file to be seen": [noFile("noSuchTask", aged), {}, "store aged"],
  "a task that ended with files": [report(finished), {}, "store finished"],
  "files that are there, or of which nobody says that they are gone": [
    files(["absent", "found"], 1),
    {},
    "store finished",
  ],
  "files that were deleted at their own `expireTime`": [
    files(["absent"], 1, { expireTime: iso(now - hour) }),
    {},
    "refuse",
  ],
  "files that are told absent, once or while they are younger than a minute": [files(["absent"], 1), {}, "askForFiles"],
  "files deleted since: told twice, a minute apart": [files(["absent"], 2), {}, "send 2"],
  "a task that was taken over, and failed": [
    report(failed("passing"), { ...task, source: "adopted" }),
    {},
    "store failed",
  ],
  "a task that never ran (over concurrency, backlog)": [report(failed("neverRan")), {}, "send 2"],
  "a task that failed for a passing cause": [report(failed("passing")), {}, "send 2"],
  "a task that failed for a lasting cause (moderation, bad parameter, bad media)": [
    report(failed("lasting")),
    {},
    "store failed",
  ],
};

function shown(evidence: Evidence, changes: Partial<Case>): string {
  const step = decide(evidence, { ...create, ...changes });
  if (step.do === "store") return `store ${step.outcome.record.kind}`;
  return step.do === "send" ? `send ${step.submission.number}` : step.do;
}

describe("the table of decisions", () => {
  test("has an example for every row", () => {
    expect(Object.keys(examples)).toEqual(rows.map(({ found }) => found));
  });

  test.each(Object.entries(examples))("%s", (name, [evidence, changes, expected]) => {
    const given = { ...create, ...changes };
    const deciding = rows.find((row) => row.step(evidence, given) !== undefined);
    expect(deciding?.found).toBe(name);
    expect(shown(evidence, changes)).toBe(expected);
  });

  test("decides on whatever is found, and sends nothing in an update that was not announced", () => {
    const all = Object.values(examples).map(([evidence]) => evidence);
    const optional = <T>(value: T) => fc.constantFrom(value, undefined);
    const findings = fc.record({
      task: optional(task),
      formerTask: optional(task),
      open: fc.constantFrom(open, { ...open, duplicate: true }, { ...open, firstSentAt: now - 100 * hour }, undefined),
      refused: optional(open),
      files: fc.constantFrom(found, unanswered, { kind: "absent" } as const),
      unanswered: optional(unanswered),
    });
    const evidence = fc.oneof(fc.constantFrom(...all), findings.map(looks));
    const purpose = fc.constantFrom("create", "retry", "repeat", "wait", "look" as const);
    fc.assert(
      fc.property(
        evidence,
        purpose,
        fc.boolean(),
        fc.integer({ min: -1, max: 1 }),
        (told, as, cancelled, remainingMs) => {
          const stored = as === "create" ? undefined : failedRecord;
          const step = decide(told, { ...create, purpose: as, stored, cancelled, remainingMs });
          if (as === "wait" || as === "look") expect(step.do).not.toBe("send");
        },
      ),
      { seed: 1, numRuns: 2000 },
    );
  });
});
