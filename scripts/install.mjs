// Installs the package as strangers do, by each installer, and runs it on each Node: see install/main.mts.
import "./packagedNode.mjs";

// Only now, for older Nodes read no TypeScript.
const { main } = await import("./install/main.mts");
process.exitCode = await main(process.argv.slice(2));
