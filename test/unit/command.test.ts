import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { type CommandRow, UsageError } from "../../command/command";
import { run } from "../../command/run";

const help = "Usage: npx pulumi-tencent-aigc greet NAME\n";
const greet: CommandRow = {
  name: "greet",
  summary: "greets",
  load: async () => ({
    help,
    async run([name], { stdout }) {
      if (name === undefined) throw new UsageError("give a name");
      if (name === "nobody") throw new Error("nobody is there");
      stdout.write(`hello ${name}\n`);
      return 0;
    },
  }),
};

async function called(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const status = await run([greet], args, { env: {}, stdin: new PassThrough(), stdout, stderr });
  return { status, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

test("without a command, or with --help, it shows all of them", async () => {
  for (const [args, status] of [
    [[], 2],
    [["--help"], 0],
    [["help"], 0],
  ] as const) {
    const shown = await called(...args);
    expect(shown).toMatchObject({ status, stderr: "" });
    expect(shown.stdout).toContain("greet  greets");
  }
});

test("a command runs with what follows its name", async () => {
  expect(await called("greet", "Ann")).toEqual({ status: 0, stdout: "hello Ann\n", stderr: "" });
  expect((await called("greet", "--help")).stdout).toBe(help);
});

test("a wrong call ends with 2 and points to the help, a failure with 1", async () => {
  expect(await called("meet")).toMatchObject({ status: 2, stderr: expect.stringContaining('no command "meet"') });
  expect(await called("greet")).toMatchObject({ status: 2, stderr: expect.stringContaining("greet --help") });
  expect(await called("greet", "nobody")).toEqual({
    status: 1,
    stdout: "",
    stderr: "pulumi-tencent-aigc greet: nobody is there\n",
  });
});
