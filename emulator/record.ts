/** What happened to a service, in a file, so that a later process goes on with the same tasks, files and time. */
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { StoreChange } from "./store";

/** One line. Times are in milliseconds of the service's clock. */
export type RecordLine = { readonly time: number } & (
  | { readonly kind: "start"; readonly format: typeof format; readonly concurrency: number }
  /** By how much the service's time was moved on in all. */
  | { readonly kind: "clock"; readonly shift: number }
  | StoreChange
);

const format = 1;

/** A file of lines that is only ever added to. What is written is with the operating system before it is answered. */
export class ServiceRecord {
  private constructor(
    private file: number | undefined,
    /** What earlier processes did, in order. */
    readonly earlier: readonly RecordLine[],
  ) {}

  /** Throws where the folder cannot be used, or holds what is no record. */
  static open(directory: string): ServiceRecord {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, "service.jsonl");
    const file = openSync(path, "a+", 0o600);
    try {
      return new ServiceRecord(file, readLines(path));
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  start(time: number, concurrency: number): void {
    this.add({ time, kind: "start", format, concurrency });
  }

  add(line: RecordLine): void {
    if (this.file === undefined) throw new Error("the emulator was closed");
    writeSync(this.file, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}

/** Every whole line. A last one that a killed process did not finish was never answered, and is taken away. */
function readLines(path: string): RecordLine[] {
  const bytes = readFileSync(path);
  const length = bytes.lastIndexOf("\n") + 1;
  if (length < bytes.length) truncateSync(path, length);
  const lines = bytes.subarray(0, length).toString("utf8").split("\n").slice(0, -1);
  const read = lines.map((line, index) => readLine(line, `${path}, line ${index + 1}`));
  const [first] = read;
  if (first && !(first.kind === "start" && first.format === format)) {
    throw new Error(`${path} is not a record of this version of the emulator; use another folder`);
  }
  return read;
}

function readLine(line: string, place: string): RecordLine {
  try {
    return JSON.parse(line) as RecordLine;
  } catch (error) {
    throw new Error(`${place} is not JSON; use another folder`, { cause: error });
  }
}
