import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectLedger } from "../../support/emulator";
import { call, folder, machine, start, subAppId } from "./called";

const root = join(__dirname, "..", "..", "..");

/** The built command at a terminal, where the amount is typed. */
const program = `
  const { PassThrough } = require("node:stream");
  const { run } = require("./dist/command/run");
  const { commands } = require("./dist/command/commands");
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.end("1 image\\n");
  const { env, argv, stdout, stderr } = process;
  run(commands, argv.slice(1), { env, stdin, stdout, stderr });
`;

test.each(["SIGINT", "SIGKILL"] as const)(
  "%s while it waits loses nothing: the next run goes on, and bills nothing",
  async (signal) => {
    const emulator = await start({ taskSeconds: 3 });
    const of = machine(emulator);
    const report = join(folder(), "report.json");
    const args = ["--bill-one-image", "--sub-app-id", String(subAppId), "--report", report];
    const child = spawn(process.execPath, ["-e", program, "--", "doctor", ...args], { cwd: root, env: of.env });
    const told: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => told.push(piece));
    const ended = once(child, "exit");
    await emulator.waitUntil(({ requests }) => (requests["DescribeTaskDetail"] ?? 0) > 1);
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    const [task] = emulator.ledger().tasks;
    expect(Buffer.concat(told).toString()).toContain(task?.taskId);
    expect(JSON.parse(readFileSync(report, "utf8")).trial).toMatchObject({ taskId: task?.taskId, over: false });

    expect(await call(of, args, "no")).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(readFileSync(report, "utf8")).trial).toMatchObject({ taskId: task?.taskId, over: true });
    expect(emulator.ledger().requests["CreateAigcImageTask"]).toBe(2);
    expectLedger(emulator, { billed: 1, intended: 1 });
  },
);
