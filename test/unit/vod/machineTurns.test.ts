import { chmodSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MachineTurns } from "../../../provider/vod/machineTurns";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "aigc-turns-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const filesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" });

test("processes that share a rate take turns, each its own", () => {
  const folder = newFolder();
  const [one, other] = [0, 1].map(() => new MachineTurns("account", 20, folder, () => 1000));
  expect([one, other, one, other, other].map((turns) => turns?.next())).toEqual([0, 50, 100, 150, 200]);
});

test("a turn begins with its time, and the one that has begun is taken at once", () => {
  const folder = newFolder();
  let time = 1010;
  const turns = new MachineTurns("account", 20, folder, () => time);
  expect([turns.next(), turns.next()]).toEqual([0, 40]);
  time = 1500;
  expect(turns.next()).toBe(0);
});

test("another account, and another rate, are not waited for", () => {
  const folder = newFolder();
  const all = [new MachineTurns("account", 20, folder), new MachineTurns("other", 20, folder)];
  const slow = new MachineTurns("account", 2, folder);
  expect([...all, slow].map((turns) => turns.next())).toEqual([0, 0, 0]);
});

test("turns that have passed leave nothing behind, those of a killed process neither", () => {
  const folder = newFolder();
  let time = 1_000_000;
  const open = () => new MachineTurns("account", 20, folder, () => time);
  const killed = open();
  for (let turn = 0; turn < 50; turn++) killed.next();
  expect(filesIn(folder)).toHaveLength(51);
  time += 60_000;
  const turns = open();
  for (let turn = 0; turn < 1000; turn++) {
    turns.next();
    time += 50;
  }
  expect(filesIn(folder).length).toBeLessThanOrEqual(102);
});

test("the folder of an application that is no longer sent to goes, and is made again", () => {
  const base = newFolder();
  const rested = new MachineTurns("rested", 20, base, () => 1000);
  expect(rested.next()).toBe(0);
  const [folder = ""] = readdirSync(base);
  utimesSync(join(base, folder), 0, 0);
  expect(new MachineTurns("account", 20, base).next()).toBe(0);
  expect(readdirSync(base)).not.toContain(folder);
  expect(rested.next()).toBe(50);
  expect(readdirSync(base)).toContain(folder);
});

test("where the folder is another's, or none can be made, nothing is waited for", () => {
  const folder = newFolder();
  chmodSync(folder, 0o777);
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  for (const base of [folder, join(file, "below")]) {
    const turns = new MachineTurns("account", 20, base);
    expect([turns.next(), turns.next()]).toEqual([0, 0]);
  }
});
