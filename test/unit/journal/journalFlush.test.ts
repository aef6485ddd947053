import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Intention } from "../../../provider/generation/intention";
import { Slots } from "../../../provider/generation/slots";
import { submit } from "../../../provider/generation/submit";
import { FileJournal, type Journal } from "../../../provider/journal/journal";
import type { VodClient } from "../../../provider/vod/client";
import { systemClock } from "../../../provider/vod/clock";

const key = { endpoint: "real", subAppId: 251007502, name: "pulumi-aigc-test" };
const intent = { event: "intent", submission: 1, attempt: 1, sessionId: key.name, at: 0 } as const;
let directory: string;

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "aigc-journal-")), "journal");
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(join(directory, ".."), { recursive: true, force: true });
});

/** What is done to the files, in order, by the prototype that all open files share. */
async function watched(): Promise<string[]> {
  const handle = await open(tmpdir(), "r");
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const done: string[] = [];
  for (const operation of ["write", "sync"] as const) {
    const real = prototype[operation] as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(prototype, operation).mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
      const result = await real.apply(this, args);
      done.push(operation);
      return result as never;
    });
  }
  return done;
}

test("a line is flushed to the disk before it counts as written, and so is the name of a new file", async () => {
  const journal = new FileJournal(directory, () => {});
  const done = await watched();
  await journal.append(key, intent);
  expect(done).toEqual(["write", "sync", ...(process.platform === "win32" ? [] : ["sync"])]);
  done.length = 0;
  await journal.append(key, { event: "task", submission: 1, taskId: "task" });
  expect(done).toEqual(["write", "sync"]);
});

test("nothing is sent until the intent is on disk", async () => {
  const steps: string[] = [];
  let flush = () => {};
  const journal: Journal = {
    read: async () => ({ kind: "absent" }),
    append: async (_, { event }) => {
      steps.push(`${event} begun`);
      if (event === "intent") await new Promise<void>((resolve) => (flush = resolve));
      steps.push(`${event} on disk`);
    },
  };
  const client = {
    call: async () => {
      steps.push("sent");
      return { TaskId: "task", RequestId: "request" };
    },
    learnServiceTime: async () => {},
  } as unknown as VodClient;
  const intention: Intention = {
    generationId: key.name,
    formerIds: [],
    ownSessionId: undefined,
    requestDigest: "",
    hasKeepers: false,
    request: { SubAppId: key.subAppId, ModelName: "GG", ModelVersion: "2.5" },
    withFiles: async (request) => request,
    permanent: false,
    mediaName: undefined,
    images: 1,
    spending: {},
    imagesAsked: 1,
    waitForCompletion: true,
    timeoutMs: 1000,
    report: () => {},
  };
  const { signal } = new AbortController();
  const submitted = submit(
    {
      client,
      clock: systemClock,
      journal,
      endpoint: key.endpoint,
      slots: new Slots(1, systemClock),
      beforeSend: async () => {},
      now: Date.now,
      cancelled: signal,
      cutOff: signal,
    },
    intention,
    { generationId: key.name, submission: { number: 1, attempt: 1 }, sessionId: key.name, open: undefined },
  );
  await vi.waitFor(() => expect(steps).toContain("intent begun"));
  // Whatever does not wait for the disk has had every chance to be sent by now.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toEqual(["intent begun"]);
  flush();
  await submitted;
  expect(steps).toEqual(["intent begun", "intent on disk", "sent", "task begun", "task on disk"]);
});
