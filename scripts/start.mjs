// Deploys examples/quickstart against the emulator: see quickstart/main.mts.
import "./packagedNode.mjs";

// Only now, for what it imports needs that Node.
const { main } = await import("./quickstart/main.mts");
process.exitCode = await main(process.argv.slice(2));
