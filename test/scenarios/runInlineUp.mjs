// An `up` of an inline program on the Pulumi CLI, in a process of its own, for a test to kill.
import { createRequire } from "node:module";
import { join } from "node:path";

const [workDir] = process.argv.slice(2);
// The SDK of the program: loaded twice, each would wait for resources that only the other one knows.
const require = createRequire(join(workDir, "index.js"));
const { LocalWorkspace } = require("@pulumi/pulumi/automation");

const program = async () => require("./declare.js")(workDir);
const stack = await LocalWorkspace.createOrSelectStack(
  { stackName: "dev", projectName: "scenario", program },
  { workDir },
);
// The engine hears of it by itself; its program has to be there until it has ended.
process.on("SIGINT", () => {});
await stack.up();
