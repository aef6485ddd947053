// Deploys examples/quickstart against the emulator: see quickstart/main.mjs.
import "./packagedNode.mjs";

// Only now, for what it imports needs that Node.
const { main } = await import("./quickstart/main.mjs");
process.exitCode = await main(process.argv.slice(2));
