// Installs the package as strangers do: the tests of installers, then each of them on each Node: see install/main.mts.
// Arguments choose installers by a part of their name, and leave the tests out.
import "./packagedNode.mjs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

// Only now, for older Nodes read no TypeScript.
const { main } = await import("./install/main.mts");

const chosen = process.argv.slice(2);
const vitest = join("node_modules", "vitest", "vitest.mjs");
const tests =
  chosen.length > 0
    ? 0
    : spawnSync(process.execPath, [vitest, "run", "--project=install", "--reporter=verbose"], { stdio: "inherit" })
        .status;
process.exitCode = (await main(chosen)) || (tests ?? 1);
