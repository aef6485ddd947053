/** One emulator for each test, closed after it, and the few things that every test does with it. */
import { afterEach, expect } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../emulator";
import { call, car } from "./stranger";

export const day = 86_400;

export let emulator: Emulator;
afterEach(() => emulator.close());

/** An emulator whose time stands still unless it is moved, without rate limits, ten seconds a task. */
export async function start(options: EmulatorOptions = {}): Promise<void> {
  const unlimited = { submitsPerSecond: 1_000_000, readsPerSecond: 1_000_000 };
  emulator = await startEmulator({ frozen: true, taskSeconds: 10, ...unlimited, ...options });
}

export async function create(changes: object = {}): Promise<string> {
  const { response } = await call(emulator, "CreateAigcImageTask", car(changes));
  expect(response.Error).toBeUndefined();
  return response.TaskId;
}

/** The code of a submit's error, or nothing. */
export async function refusal(changes: object): Promise<string | undefined> {
  return (await call(emulator, "CreateAigcImageTask", car(changes))).response.Error?.Code;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
export async function read(action: string, parameters: object): Promise<any> {
  return (await call(emulator, action, parameters)).response;
}

export async function status(taskId: string): Promise<string> {
  return (await read("DescribeTaskDetail", { TaskId: taskId })).Status;
}

export const permanent = { OutputConfig: { StorageMode: "Permanent" } };
