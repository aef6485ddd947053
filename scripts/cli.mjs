// Gets what the tests need beside Node: a Pulumi CLI, where none is on PATH, and the servers that keep a stack's state.
import "./packagedNode.mjs";

// Only now, for older Nodes read no TypeScript.
const { prepareFor } = await import("./cli/forTests.mts");
const { prepare } = await import("./cli/prepare.mts");
const { pulumi } = await import("./cli/tools.mts");
const missing = await prepareFor([], console.log);
for (const found of (await prepare([pulumi], console.log)).values())
  if ("folder" in found) console.log(`The CLI is in ${found.folder}.`);
process.exitCode = process.env.TENCENT_AIGC_REQUIRE_CLI === "1" && Object.keys(missing).length > 0 ? 1 : 0;
