// One operation of an inline program on the Pulumi CLI: node runInline.mjs OPERATION PROGRAM PARALLEL STACK
import { createRequire } from "node:module";

const [operation, program, parallel, stackName] = process.argv.slice(2);
// The SDK of the program: loaded twice, each would wait for resources that only the other one knows.
const require = createRequire(import.meta.url);
const { LocalWorkspace } = require("@pulumi/pulumi/automation");

const stack = await LocalWorkspace.createOrSelectStack(
  { stackName, projectName: "bench", program: async () => void require(`./${program}.js`) },
  { workDir: process.cwd() },
);
const begunAt = Date.now();
const begun = performance.now();
await stack[operation]({ parallel: Number(parallel) });
const seconds = (performance.now() - begun) / 1000;
process.send({ seconds, begunAt }, () => process.disconnect());
