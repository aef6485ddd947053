import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { BillResource } from "../../../provider/bill/billFile";
import { SharedCounts } from "../../../provider/generation/sharedCounts";
import { SpendGuard } from "../../../provider/generation/spendGuard";

const base = mkdtempSync(join(tmpdir(), "aigc-counts-"));
const address = "127.0.0.1:50051";
let directory = "";
let warnings: string[] = [];

beforeEach(() => {
  directory = join(mkdtempSync(join(base, "test-")), "counts");
  warnings = [];
});

afterAll(() => rmSync(base, { recursive: true }));

const countsOf = (engine = address) => new SharedCounts(engine, (text) => warnings.push(text), directory);
const guard = (most: number, counts = countsOf()) => new SpendGuard(most, counts);
const line = (name: string, images: number): BillResource => ({
  urn: name,
  name,
  images,
  modelName: "GG",
  modelVersion: "2.5",
  reason: "create",
});
const files = () => readdirSync(directory);
const file = () => join(directory, "127.0.0.1-50051.jsonl");

/** A process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("the processes of one operation", () => {
  test("announce together, a generation once however many announce it", () => {
    const [one, two] = [guard(4), guard(4)];
    expect(one.announce("a", line("a", 2))).toBeUndefined();
    expect(two.announce("a", line("a", 2))).toBeUndefined();
    expect(two.announce("b", line("b", 2))).toBeUndefined();
    expect(one.announce("c", line("c", 1))).toContain("image 5 of this update");
    expect(countsOf().announced()).toMatchObject({ images: 5, lines: [line("a", 2), line("b", 2), line("c", 1)] });
    expect(warnings).toEqual([]);
  });

  test("spend together, and what one gives back another may spend", () => {
    const [one, two] = [guard(2), guard(2)];
    one.spend(1);
    two.spend(1);
    expect(() => one.spend(1)).toThrow(/image 3 of this update.*allows 2.*Nothing was sent/);
    two.giveBack(1);
    one.spend(1);
    expect(() => two.spend(1)).toThrow("image 3 of this update");
  });

  test("spend no more in all, however they race", async () => {
    const script = `
      const { SharedCounts } = require(${JSON.stringify(join(process.cwd(), "dist/provider/generation/sharedCounts.js"))});
      const counts = new SharedCounts(${JSON.stringify(address)}, (text) => { throw new Error(text); }, ${JSON.stringify(directory)});
      let sent = 0;
      for (let each = 0; each < 200; each++) if (!counts.add({ kind: "spend", images: 1, most: 300 }).refused) sent++;
      process.stdout.write(String(sent), () => process.stdin.resume().on("end", () => process.exit()));`;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const sent = await Promise.all(
      children.map(async (child) => Number(String((await once(child.stdout, "data"))[0]))),
    );
    expect(sent.reduce((sum, each) => sum + each)).toBe(300);
    const ended = children.map((child) => once(child, "exit"));
    for (const child of children) child.stdin.end();
    await Promise.all(ended);
  });

  test("share nothing with another operation", () => {
    guard(1).spend(1);
    guard(1, countsOf("127.0.0.1:50052")).spend(1);
    expect(files()).toHaveLength(2);
  });
});

describe("the file", () => {
  test("is there only once something is counted, and for this user alone", () => {
    const counts = countsOf();
    expect(existsSync(directory)).toBe(false);
    guard(1, counts).spend(1);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test("goes with the last process that leaves", () => {
    const counts = countsOf();
    guard(1, counts).spend(1);
    counts.leave();
    expect(files()).toEqual([]);
  });

  test.each<[string, string]>([
    ["as it was left", ""],
    ["torn", '{"id":"x","entry":{"kind":"sp'],
  ])("of killed processes whose engine had the same address counts for nothing (%s)", (_, torn) => {
    mkdirSync(directory, { mode: 0o700 });
    const spent = JSON.stringify({ id: "old", entry: { kind: "spend", images: 5, most: 5 } });
    writeFileSync(file(), `\n${JSON.stringify({ pid: deadPid(), after: 0 })}\n\n${spent}\n${torn}`);
    const [one, two] = [guard(5), guard(5)];
    one.spend(3);
    two.spend(2);
    expect(() => one.spend(1)).toThrow("image 6 of this update");
  });

  test.skipIf(process.platform !== "linux")(
    "of a killed process whose number another one has been given since counts for nothing",
    () => {
      mkdirSync(directory, { mode: 0o700 });
      const spent = JSON.stringify({ id: "old", entry: { kind: "spend", images: 5, most: 5 } });
      writeFileSync(file(), `\n${JSON.stringify({ pid: process.pid, since: "1", after: 0 })}\n\n${spent}\n`);
      const [one, two] = [guard(5), guard(5)];
      one.spend(3);
      two.spend(2);
      expect(() => one.spend(1)).toThrow("image 6 of this update");
    },
  );

  test("counts on after a line that a crash has torn", () => {
    const one = guard(2);
    one.spend(1);
    appendFileSync(file(), '{"id":"x","entry":{"kind":"sp');
    guard(2).spend(1);
    expect(() => one.spend(1)).toThrow("image 3 of this update");
  });

  test("is removed a day later where no process has it, and files of others are left alone", () => {
    mkdirSync(directory, { mode: 0o700 });
    const old = (name: string, pid: number) => {
      writeFileSync(join(directory, name), `\n${JSON.stringify({ pid, after: 0 })}\n`);
      const time = Date.now() / 1000 - 2 * 24 * 3600;
      utimesSync(join(directory, name), time, time);
    };
    old("dead.jsonl", deadPid());
    old("alive.jsonl", process.pid);
    guard(1).spend(1);
    expect(files().sort()).toEqual(["127.0.0.1-50051.jsonl", "alive.jsonl"]);
  });
});

describe.skipIf(process.platform === "win32")("where the file cannot be trusted or written", () => {
  const unusable: [string, () => void][] = [
    [
      "the directory is a link",
      () => {
        mkdirSync(`${directory}-elsewhere`, { mode: 0o700 });
        symlinkSync(`${directory}-elsewhere`, directory);
      },
    ],
    [
      "others may write to the directory",
      () => {
        mkdirSync(directory);
        chmodSync(directory, 0o777);
      },
    ],
    ["the directory is a file", () => writeFileSync(directory, "")],
    [
      "the file is a link",
      () => {
        mkdirSync(directory, { mode: 0o700 });
        symlinkSync(join(base, "elsewhere"), file());
      },
    ],
    ["the file is a directory", () => mkdirSync(file(), { recursive: true, mode: 0o700 })],
  ];

  test.each(unusable)("each process counts alone, and says so once: %s", (_, make) => {
    make();
    const [one, two] = [guard(2), guard(1)];
    one.spend(1);
    one.spend(1);
    expect(() => one.spend(1)).toThrow("image 3 of this update");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/cannot count their images together.*for each of them alone/);
    two.spend(1);
    expect(warnings).toHaveLength(2);
    expect(existsSync(join(base, "elsewhere"))).toBe(false);
  });
});
