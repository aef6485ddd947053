import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { declareCatalogue } from "./catalogue";

const [shards = "2", subAppId = ""] = process.argv.slice(2);
const program = async () => ({ urls: declareCatalogue() });

/** One of the stacks: the products whose slug falls to it. */
async function update(shard: number) {
  const stackName = `shard-${shard}`;
  const inline = { projectName: "catalogue", stackName, program };
  const stack = await LocalWorkspace.createOrSelectStack(inline, { workDir: __dirname });
  await stack.setAllConfig({
    shard: { value: String(shard) },
    shards: { value: shards },
    "tencent-aigc:subAppId": { value: subAppId },
  });
  return stack.up({ onOutput: (text) => process.stdout.write(text.replace(/^(?=.)/gm, `${stackName} | `)) });
}

// All at the same time. One that fails stops no other: what it has paid for, the next run finds.
Promise.allSettled(Array.from({ length: Number(shards) }, (_, shard) => update(shard))).then((results) => {
  for (const result of results) if (result.status === "rejected") console.error(String(result.reason));
  process.exitCode = results.some(({ status }) => status === "rejected") ? 1 : 0;
});
