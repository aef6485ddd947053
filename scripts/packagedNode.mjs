// Importing this makes the rest of a script run on the Node that comes with the install. On a fresh clone the shell has
// looked `node` up before there was one, and keeps to the machine's own.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("node/package.json"));
const packaged = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
const [major, minor] = require("node/package.json").version.split(".").map(Number);
/** Scripts are TypeScript, which older ones read only when they are told to. */
const flags =
  (major === 22 && minor < 18) || (major === 23 && minor < 6)
    ? ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"]
    : [];

const isPackaged = existsSync(packaged) && realpathSync(packaged) === realpathSync(process.execPath);
const isReady = isPackaged && flags.every((flag) => process.execArgv.includes(flag));

if (!isReady && existsSync(packaged)) {
  const child = spawn(packaged, [...flags, ...process.argv.slice(1)], {
    stdio: "inherit",
    // What the script starts is to find the same one.
    env: { ...process.env, PATH: [dirname(packaged), process.env.PATH].join(delimiter) },
  });
  // A terminal interrupts the whole group, so the child has heard of it too; anyone else tells this process alone.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  await new Promise((resolve) => child.once("exit", resolve));
  process.exit(child.exitCode ?? 1);
}
