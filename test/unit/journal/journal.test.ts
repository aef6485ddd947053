import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileJournal } from "../../../provider/journal/journal";
import type { JournalLine } from "../../../provider/journal/lines";

const key = { endpoint: "real", subAppId: 251007502, name: "pulumi-aigc-test" };
const intent = { event: "intent", submission: 1, attempt: 1, sessionId: key.name, at: 0 } as const;
const task = { event: "task", submission: 1, taskId: "task" } as const;
const refused = { event: "refused", submission: 1 } as const;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "aigc-journal-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** What a journal tells of lines that processes of this machine wrote, each named by its number. */
async function told(...lines: (readonly [pid: number, line: JournalLine])[]) {
  const journal = new FileJournal(directory, () => {});
  await journal.append(key, intent);
  const [file = ""] = await readdir(directory);
  const text = lines.map(([pid, line]) => JSON.stringify({ ...line, pid, host: hostname() })).join("\n");
  writeFileSync(join(directory, file), `${text}\n`);
  const look = await journal.read(key);
  return look.kind === "found" ? look.value.entries[0] : undefined;
}

// No process has such a number.
const [one, two] = [2 ** 30, 2 ** 30 + 1];

test("a refusal closes the intent of the process that was refused", async () => {
  expect(await told([one, intent], [one, refused])).toMatchObject({ refused: true });
  expect((await told([one, intent], [one, refused], [one, intent]))?.refused).toBe(false);
});

test("a refusal of one process leaves the intent of another open: that one may have been accepted", async () => {
  expect((await told([one, intent], [two, intent], [two, refused]))?.refused).toBe(false);
  expect(await told([one, intent], [two, intent], [two, refused], [one, refused])).toMatchObject({ refused: true });
});

test("a task is no refusal, whichever of two processes tells first", async () => {
  for (const last of [
    [
      [one, task],
      [two, refused],
    ],
    [
      [two, refused],
      [one, task],
    ],
  ] as const) {
    const known = await told([one, intent], [two, intent], ...last);
    expect([known?.taskId, known?.refused]).toEqual(["task", false]);
  }
});

test("several writers that tell the same files at once lose no line", async () => {
  const told: string[] = [];
  const journal = new FileJournal(directory, (text) => told.push(text));
  const files = { event: "files", submission: 2, taskId: "second", fileIds: ["file"] } as const;
  for (const name of Array.from({ length: 20 }, (_, index) => `${key.name}-${index}`)) {
    const each = { ...key, name };
    await journal.append(each, { event: "same", generationId: "kept" });
    await journal.append(each, task);
    await Promise.all([files, files, files].map((line) => journal.append(each, line)));
    const look = await journal.read(each);
    const entries = [{ taskId: "task" }, { taskId: "second", fileIds: ["file"] }];
    expect(look).toMatchObject({ kind: "found", value: { same: ["kept"], entries } });
  }
  expect(told).toEqual([]);
});
