// An `up` of the embedded engine in a process of its own, for a test to kill.
import { EmbeddedStack } from "pulumi-tencent-aigc/testing";

const [workDir, stateDir] = process.argv.slice(2);
const stack = await EmbeddedStack.createOrSelect({
  stackName: "dev",
  workDir,
  stateDir,
  secretsPassphrase: "scenario",
});
process.once("SIGINT", () => void stack.cancel());
await stack.up();
