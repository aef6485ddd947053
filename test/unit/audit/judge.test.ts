import { describe, expect, test } from "vitest";
import { leftIn } from "../../../command/audit/adoption";
import type { Facts, TaskEnd, ToldTask } from "../../../command/audit/facts";
import type { Held } from "../../../command/audit/held";
import { judge } from "../../../command/audit/judge";
import type { LibraryFile } from "../../../provider/service/library";

const now = Date.parse("2026-06-10T12:00:00Z");
const hours = (before: number) => new Date(now - before * 3_600_000).toISOString();
const generationId = `pulumi-aigc-${"a".repeat(32)}`;
const another = `pulumi-aigc-${"b".repeat(32)}`;
const nothingLeft = leftIn("");

const finished = (...fileIds: string[]): TaskEnd => ({
  kind: "finished",
  files: fileIds.map((fileId) => ({ fileId })),
});
const temporary: TaskEnd = { kind: "finished", files: [{ url: "https://example.com/1.png" }] };

function task(given: Partial<ToldTask> = {}): ToldTask {
  const sent = { sessionId: generationId, generationId, createTime: hours(2) };
  return { taskId: "task-1", listed: true, ...sent, end: finished("1"), ...given };
}

function held(given: Partial<Held> = {}): Held {
  const place = { resource: "shop/dev hero", urn: "urn:pulumi:dev::shop::type::hero" };
  return { ...place, status: "FINISH", fileIds: [], temporary: false, unreadable: false, ...given };
}

function facts(given: Partial<Facts> = {}): Facts {
  return {
    subAppId: 1,
    now,
    since: now - 72 * 3_600_000,
    tasks: [],
    files: { kind: "absent" },
    exists: new Map(),
    usage: { kind: "counted", images: 0 },
    ...given,
  };
}

describe("a task", () => {
  const foreign = { sessionId: "shop-42", generationId: undefined } as unknown as Partial<ToldTask>;
  const unknownRequest = held({ status: "UNKNOWN", sessionId: generationId });
  test.each<[rule: string, task: Partial<ToldTask>, stacks: Held[], verdict: string, exists?: [string, boolean][]]>([
    ["that a stack holds is held", {}, [held({ taskId: "task-1", fileIds: ["1"] })], "held"],
    ["whose file a stack has adopted is held", {}, [held({ fileIds: ["1"] })], "held"],
    ["that a stack has as running is held", {}, [held({ taskId: "task-1", status: "PROCESSING" })], "held"],
    ["of a request whose outcome a stack does not know is looked for", {}, [unknownRequest], "lookedFor"],
    ["of a generation that a stack looks for is looked for", {}, [held({ status: "AGED", generationId })], "lookedFor"],
    ["beside a failed one of its generation is orphaned", {}, [held({ status: "FAILED", generationId })], "orphaned"],
    [
      "beside another picture of its generation is orphaned",
      {},
      [held({ taskId: "task-2", generationId, fileIds: ["2"] })],
      "orphaned",
    ],
    ["that no stack holds is orphaned", {}, [], "orphaned"],
    ["under the user's own SessionId is told by its files' name", { ...foreign, generationId }, [], "orphaned"],
    ["of another program is not judged", foreign, [], "anothers"],
    ["of another program that a stack has adopted is held", foreign, [held({ taskId: "task-1" })], "held"],
    ["of another program that failed is not judged", { ...foreign, end: { kind: "noFile" } }, [], "anothers"],
    ["that runs is not judged", { end: { kind: "running" } }, [], "running"],
    ["that failed bills nothing", { end: { kind: "failed", why: "moderation" } }, [], "failed"],
    ["that shows no file is not known", { end: { kind: "noFile" } }, [], "unknown"],
    ["that could not be asked for is not known", { ...foreign, end: { kind: "unknown", why: "x" } }, [], "unknown"],
    ["whose files were all deleted is gone", {}, [], "gone", [["1", false]]],
    ["of whose files the service said nothing is orphaned", {}, [], "orphaned", []],
  ])("%s", (_, given, stacks, verdict, exists = [["1", true]]) => {
    const { tasks } = judge(facts({ tasks: [task(given)], exists: new Map(exists) }), stacks, nothingLeft);
    expect(tasks.map((row) => row.verdict)).toEqual([verdict]);
  });

  test.each<[rule: string, end: TaskEnd, stacks: Held[], exists: [string, boolean][], adopt: object]>([
    ["by its files", finished("1", "2"), [], [], { adoptFileIds: ["1", "2"] }],
    ["by the files that are left of it", finished("1", "2"), [], [["1", false]], { adoptFileIds: ["2"] }],
    ["by the files that no stack has", finished("1", "2"), [held({ fileIds: ["2"] })], [], { adoptFileIds: ["1"] }],
    ["by its TaskId, where its files have no FileId", temporary, [], [], { adoptTaskId: "task-1" }],
  ])("that is orphaned is taken over %s", (_, end, stacks, exists, adopt) => {
    const { tasks } = judge(facts({ tasks: [task({ end })], exists: new Map(exists) }), stacks, nothingLeft);
    expect(tasks).toMatchObject([{ verdict: "orphaned", adopt }]);
  });

  test.each(['{"taskId":"task-1"}', '{"adoptTaskId":"task-1"}', '{"adoptFileIds":["1"]}'])(
    "that was left on purpose is not orphaned: %s",
    (line) => {
      const { tasks } = judge(facts({ tasks: [task()] }), [], leftIn(`${line}\n`));
      expect(tasks).toMatchObject([{ verdict: "left" }]);
    },
  );
});

describe("a file whose task is no longer told", () => {
  const file = (fileId: string, name: string, tags: string[] = []): LibraryFile => ({ fileId, name, tags });
  const judged = (files: LibraryFile[], stacks: Held[] = [], left = nothingLeft, tasks: ToldTask[] = []) =>
    judge(facts({ files: { kind: "found", value: files }, tasks }), stacks, left).files;

  test("is orphaned where no stack has it, by its name or by its tags", () => {
    const tagged = file("2", "poster", ["pulumi-aigc", "b".repeat(32)]);
    expect(judged([file("1", generationId), tagged])).toEqual([
      { generationId, fileIds: ["1"], verdict: "orphaned", adopt: { adoptFileIds: ["1"] } },
      { generationId: another, fileIds: ["2"], verdict: "orphaned", adopt: { adoptFileIds: ["2"] } },
    ]);
  });

  test("is taken over with the others of its submission, in their order", () => {
    const tags = (index: number) => ["pulumi-aigc", "a".repeat(32), `pulumi-aigc-${index}`];
    const files = [file("8", generationId, tags(2)), file("9", generationId, tags(1)), file("7", `${generationId}-2`)];
    expect(judged(files).map(({ fileIds }) => fileIds)).toEqual([["9", "8"], ["7"]]);
  });

  test("is not told where a stack or a told task has it, or where it is none of a deployment", () => {
    const doctors = file("3", "pulumi-aigc-doctor-0123456789abcdef");
    const files = [file("1", generationId), file("2", another), doctors];
    expect(judged(files, [held({ fileIds: ["2"] })], nothingLeft, [task()])).toEqual([]);
  });

  test("is not orphaned where a stack looks for it, or where it was left on purpose", () => {
    const files = [file("1", generationId), file("2", another)];
    const verdicts = judged(files, [held({ status: "AGED", generationId })], leftIn('{"adoptFileIds":["2"]}'));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["lookedFor", "left"]);
  });
});

describe("what a stack holds", () => {
  test.each<[rule: string, held: Partial<Held>, reason: string | undefined, exists?: [string, boolean][]]>([
    ["is there", { fileIds: ["1"] }, undefined, [["1", true]]],
    ["is not lost where the service said nothing of it", { fileIds: ["1"] }, undefined],
    ["is lost where a file of it was deleted", { fileIds: ["1", "2"] }, "deleted", [["2", false]]],
    ["has expired as it was ordered to", { fileIds: ["1"], expireTime: hours(1) }, "expired", [["1", false]]],
    ["has expired 7 days after it was made, if Temporary", { temporary: true, finishTime: hours(170) }, "expired"],
    ["is there for 7 days, if Temporary", { temporary: true, finishTime: hours(166) }, undefined],
    ["is lost where nothing of it was found any more", { status: "AGED" }, "notFound"],
    ["is lost where its task is too old", { status: "PROCESSING", taskId: "t", createTime: hours(80) }, "notFound"],
    ["is waited for", { status: "PROCESSING", taskId: "t", createTime: hours(1) }, undefined],
    ["has failed, and has nothing to lose", { status: "FAILED", taskId: "t", createTime: hours(80) }, undefined],
  ])("%s", (_, given, reason, exists = []) => {
    const { lost } = judge(facts({ exists: new Map(exists) }), [held(given)], nothingLeft);
    expect(lost.map((row) => row.reason)).toEqual(reason === undefined ? [] : [reason]);
  });
});

describe("what cannot be judged is said", () => {
  test("a list of tasks that lacks what the stacks hold", () => {
    const stacks = [held({ taskId: "task-1", createTime: hours(2) }), held({ taskId: "task-2", createTime: hours(2) })];
    const tasks = [task(), task({ taskId: "task-2", listed: false })];
    expect(judge(facts({ tasks }), stacks, nothingLeft).gaps.join()).toContain("lacks 1 of the 2 tasks");
    const older = [held({ taskId: "task-3", createTime: hours(80) })];
    expect(judge(facts(), older, nothingLeft).gaps).toEqual([]);
  });

  test("files that could not be asked for, and ids that are encrypted", () => {
    const files = { kind: "unknown", why: "could not ask the media library: denied", lasting: true } as const;
    const { gaps } = judge(facts({ files }), [held({ fileIds: ["1"], unreadable: true })], nothingLeft);
    expect(gaps).toHaveLength(3);
    expect(gaps.join()).toMatch(/media library: denied.*Of 1 files.*--show-secrets/);
  });
});
