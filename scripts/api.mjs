// Compares the public API with its reports in `api`; with --write, writes them. See api/report.mts.
import "./packagedNode.mjs";

// Only now, for older Nodes read no TypeScript.
const { report } = await import("./api/report.mts");
process.exitCode = report({ write: process.argv.includes("--write") });
