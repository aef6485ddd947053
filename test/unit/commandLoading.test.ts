import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const dist = join(__dirname, "..", "..", "dist");
const none = '{"version":1,"images":0,"resources":[]}';

/** Runs the command. @returns which of the packages in node_modules, and of its own files, it has loaded */
function loadedBy(args: readonly string[], input = "") {
  const script = `
    process.on("exit", () => process.stderr.write(JSON.stringify(Object.keys(require.cache))));
    process.argv.splice(1, 0, "bin");
    require(${JSON.stringify(join(dist, "command", "bin.js"))});`;
  const command = ["-e", `${script} `, "--", ...args];
  const loaded: string[] = JSON.parse(
    execFileSync("sh", ["-c", 'exec "$0" "$@" 2>&1 >/dev/null', process.execPath, ...command], {
      input,
      encoding: "utf8",
    }),
  );
  const packages = loaded.flatMap((file) => /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? []);
  return { packages: [...new Set(packages)], own: loaded.filter((file) => file.startsWith(dist)) };
}

test("the overview and a wrong name load no command and no package", () => {
  for (const args of [["--help"], ["--version"]]) {
    const { packages, own } = loadedBy(args);
    expect(packages, args.join()).toEqual([]);
    expect(own.map((file) => file.slice(dist.length + 1)).sort()).toEqual([
      "command/bin.js",
      "command/command.js",
      "command/commands.js",
      "command/run.js",
      "provider/version.js",
    ]);
  }
});

test("a bill is shown without what asks the service or a server", () => {
  expect(loadedBy(["bill", "-"], none).packages).toEqual(["zod"]);
  // So this test sees what a command loads.
  expect(loadedBy(["pull", "--help"]).packages).toContain("undici");
});
