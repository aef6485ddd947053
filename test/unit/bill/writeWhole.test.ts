import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { writeWhole } from "../../../provider/bill/writeWhole";

let directory = "";
const at = (name: string) => join(directory, name);
const content = (name: string) => readFileSync(at(name), "utf8");

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "aigc-write-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
});

describe("a file", () => {
  test("is made, and replaced as a whole, and nothing else is left in its directory", async () => {
    await writeWhole(at("bill.json"), "one");
    const held = statSync(at("bill.json")).ino;
    await writeWhole(at("bill.json"), "two");
    expect(content("bill.json")).toBe("two");
    expect(statSync(at("bill.json")).ino).not.toBe(held);
    expect(readdirSync(directory)).toEqual(["bill.json"]);
  });

  test.skipIf(process.platform === "win32")("keeps its mode", async () => {
    writeFileSync(at("bill.json"), "one");
    chmodSync(at("bill.json"), 0o640);
    await writeWhole(at("bill.json"), "two");
    expect(statSync(at("bill.json")).mode & 0o777).toBe(0o640);
  });

  test("with a second name keeps it", async () => {
    writeFileSync(at("bill.json"), "a longer text");
    linkSync(at("bill.json"), at("second.json"));
    await writeWhole(at("bill.json"), "two");
    expect(content("second.json")).toBe("two");
  });

  test("is never seen half by who reads while many write", async () => {
    const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(200_000));
    await writeWhole(at("bill.json"), texts[0] as string);
    const writing = Promise.all(
      Array.from({ length: 40 }, (_, index) => writeWhole(at("bill.json"), texts[index % 4] as string)),
    );
    const seen = new Set<string>();
    let isDone = false;
    void writing.then(() => {
      isDone = true;
    });
    while (!isDone) {
      seen.add(content("bill.json"));
      await new Promise(setImmediate);
    }
    await writing;
    expect([...seen].filter((whole) => !texts.includes(whole))).toEqual([]);
    expect(readdirSync(directory)).toEqual(["bill.json"]);
  });
});

describe.skipIf(process.platform === "win32")("a link", () => {
  test("is followed, and stays", async () => {
    mkdirSync(at("elsewhere"));
    writeFileSync(at("elsewhere/real.json"), "one");
    symlinkSync("elsewhere/real.json", at("bill.json"));
    await writeWhole(at("bill.json"), "two");
    expect(readlinkSync(at("bill.json"))).toBe("elsewhere/real.json");
    expect(content("elsewhere/real.json")).toBe("two");
    expect(readdirSync(at("elsewhere"))).toEqual(["real.json"]);
  });

  test("to a file that is not there yet makes that file", async () => {
    symlinkSync("real.json", at("bill.json"));
    await writeWhole(at("bill.json"), "two");
    expect(lstatSync(at("bill.json")).isSymbolicLink()).toBe(true);
    expect(content("real.json")).toBe("two");
  });

  test("that leads to itself is refused", async () => {
    symlinkSync("bill.json", at("bill.json"));
    await expect(writeWhole(at("bill.json"), "two")).rejects.toMatchObject({ code: "ELOOP" });
  });
});

describe("what is no file", () => {
  test("a directory is refused, and nothing is left", async () => {
    mkdirSync(at("bill.json"));
    await expect(writeWhole(at("bill.json"), "two")).rejects.toThrow();
    expect(readdirSync(directory)).toEqual(["bill.json"]);
    expect(readdirSync(at("bill.json"))).toEqual([]);
  });

  test("a directory that is not there is refused", async () => {
    await expect(writeWhole(at("none/bill.json"), "two")).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.skipIf(process.platform === "win32")("a FIFO is written through, also more than it holds at once", async () => {
    execFileSync("mkfifo", [at("bill.json")]);
    const reader = spawn("sh", ["-c", 'exec 3<"$0"; echo open; cat <&3', at("bill.json")]);
    const whole = text(reader.stdout);
    const long = "x".repeat(300_000);
    // The reader has opened it once the writer could.
    await expect
      .poll(() =>
        writeWhole(at("bill.json"), long).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await whole).toBe(`open\n${long}`);
    expect(lstatSync(at("bill.json")).isFIFO()).toBe(true);
  });

  test.skipIf(process.platform === "win32")("a FIFO that nobody reads is not waited for", async () => {
    execFileSync("mkfifo", [at("bill.json")]);
    await expect(writeWhole(at("bill.json"), "two")).rejects.toMatchObject({ code: "ENXIO" });
    expect(lstatSync(at("bill.json")).isFIFO()).toBe(true);
  });

  test.skipIf(process.platform === "win32")("a device is written through, and stays", async () => {
    await writeWhole("/dev/null", "two");
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test.skipIf(process.platform !== "linux")("what a process has open is written to, not replaced", async () => {
    writeFileSync(at("log"), "");
    const script = `require(${JSON.stringify(join(__dirname, "..", "..", "..", "dist", "provider", "bill", "writeWhole.js"))})
      .writeWhole("/dev/fd/3", "two")`;
    execFileSync("sh", ["-c", `"$0" -e "$1" 3>"$2"`, process.execPath, script, at("log")]);
    expect(content("log")).toBe("two");
    expect(readdirSync(directory)).toEqual(["log"]);
  });
});

test.runIf(existsSync("/dev/shm"))("a file in memory is replaced whole, like any other", async () => {
  const folder = mkdtempSync("/dev/shm/write-whole-");
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "bill.json");
  await writeWhole(file, "old");
  const old = openSync(file, "r");
  onTestFinished(() => closeSync(old));
  await writeWhole(file, "new");
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(readFileSync(old, "utf8")).toBe("old");
});
