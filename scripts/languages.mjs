// The catalogue in Python and Go, deployed with the SDKs that the CLI's generators write.
import "./packagedNode.mjs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

// Only now, for older Nodes read no TypeScript.
const { missingTools, prepareFor } = await import("./cli/forTests.mts");

const missing = await prepareFor(["test/languages"], console.log);
const vitest = join("node_modules", "vitest", "vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", "--reporter=verbose", "test/languages"], {
  stdio: "inherit",
  env: { ...process.env, [missingTools]: JSON.stringify(missing), AIGC_LANGUAGES: "1" },
});
process.exitCode = status ?? 1;
